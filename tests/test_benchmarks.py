"""Each benchmark runs, on samples so small that its times say nothing."""

import importlib.util
from types import ModuleType

import msgspec
import pytest

pytestmark = pytest.mark.analyses


@pytest.fixture
def benchmark(repo):
    """A function that imports a benchmark, with other sizes than its own."""

    def load(name: str, **sizes) -> ModuleType:
        path = repo / f"benchmarks/{name}.py"
        spec = importlib.util.spec_from_file_location(f"benchmark_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for size, value in sizes.items():
            assert hasattr(module, size), f"{path} has no {size}"
            setattr(module, size, value)
        return module

    return load


def test_cut(benchmark, capsys):
    module = benchmark("cut")
    module.compare(500, module.SHAPES[0], n_experiments=2)
    text = capsys.readouterr().out
    assert all(way in text for way in module.WAYS)


def test_evaluation(benchmark):
    module = benchmark("evaluation", N_SCORES=2000, N_TEST=500, N_REPLICAS=10)
    del module.PARTS["sklearn"]
    for part in module.PARTS.values():
        assert "AUC" in part()


def test_gpu(benchmark, capsys):
    """All kinds of networks, on a GPU or, tiny, on a CPU."""
    module = benchmark("gpu", N_EVENTS=2000, N_FITTED=200)
    assert module.main() == 0
    text = capsys.readouterr().out
    for name in module.MODELS:
        assert f"losses of {name} on the CPU" in text and "DIFFERENT" not in text
        assert f"{name}: " in text


def test_images(benchmark, capsys):
    module = benchmark("images", BATCH=4, N_DRAWN=2, SECONDS=0.01)
    module.main()
    text = capsys.readouterr().out
    assert all(encoding in text for encoding in module.image_layouts.ENCODINGS)


@pytest.mark.parametrize("kind", ["higgs", "formats"])
def test_ingest(benchmark, capsys, tmp_path, kind):
    module = benchmark("ingest", N_RUNS=1)
    getattr(module, kind)(str(tmp_path), 300)
    assert "times as fast as" in capsys.readouterr().out


def test_interval_coverage(benchmark, capsys):
    module = benchmark("interval_coverage", N_TRAIN=400, N_TEST=300, N_TRUE=500)
    for name in module.CASES:
        module.compare(name, n_analyses=2)
    assert capsys.readouterr().out.count("oof auc_weighted") == len(module.CASES)


def test_negative_weights(benchmark, capsys):
    module = benchmark("negative_weights", N_TRAINING=400, N_EVALUATION=1000)
    module.CASES = module.CASES[:1]
    for name, model in module.MODELS.items():
        module.MODELS[name] = msgspec.structs.replace(model, n_members=1)
    module.main(n_seeds=2)
    text = capsys.readouterr().out
    assert all(text.count(rule) for rules in module.RULES.values() for rule in rules)


def test_ntuples(benchmark, capsys, tmp_path):
    benchmark("ntuples", N_RUNS=1).compare(str(tmp_path), 2000)
    assert "times as fast as uproot.iterate" in capsys.readouterr().out


def test_toys(benchmark):
    module = benchmark("toys", N_EVENTS=200)
    for dataset in module.registry.BLOCKS:
        assert module.timed(module.make_toys, dataset) > 0
        assert module.timed(module.write, dataset) > 0


def test_size(benchmark, capsys):
    benchmark("size", DATASETS=("higgsml",)).main(n_models=1, n_folds=2)
    assert "nothing to do: " in capsys.readouterr().out


def test_training(benchmark, capsys, tmp_path, raw_lines):
    module = benchmark("training")
    module.MODEL = msgspec.structs.replace(module.MODEL, n_epochs=1)
    header, *events = raw_lines
    for name, part in (("training", events[:300]), ("test", events[300:])):
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *part, ""]))
    for kind in (module.ingest, module.train, module.scaling):
        kind(str(tmp_path))
    assert "AMS scan" in capsys.readouterr().out


def test_streaming(benchmark, tmp_path):
    module = benchmark("streaming", N_EPOCHS=1, N_UNSEEN=500)
    path = str(tmp_path / "train.h5")
    module.write(path, 4000)
    for side in module.SIDES:
        assert 0.5 < module.train(side, path, 4000, 1)["auc"] < 1
