"""Tests of toys.raw_files: official text, and the same content in every format."""

import gzip

import numpy as np
import polars as pl
import pytest
import uproot

from hepfold.data import datasets
from hepfold.toys import draws, raw_files, registry

BLOCKS = [
    {
        "x": np.array([138.47, -999.0]),
        "n": np.array([1, 2]),
        "c": np.array([0, 1], "u1"),
    },
    {"x": np.array([125.0]), "n": np.array([3]), "c": np.array([0], "u1")},
]
TEXTS = {"c": ("b", "s")}
ALL_EVENTS = {"events": "events"}
BY_CLASS = {"signal": "sig_tree", "background": "bkg_tree"}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(draws, "BLOCK_EVENTS", 500)


@pytest.fixture(params=datasets.DATASETS)
def dataset(request):
    return request.param


def blocks_of(dataset, n_events=1_200):
    return registry.BLOCKS[dataset](n_events, seed=5)


def expected(dataset):
    """Columns of all blocks, texts in place of codes."""
    blocks, texts = list(blocks_of(dataset)), registry.CATEGORIES[dataset]
    table = {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}
    return table | {name: np.array(texts[name])[table[name]] for name in texts}


def write_csv(path, dataset):
    texts, text_format = registry.CATEGORIES[dataset], raw_files.TEXT_FORMATS[dataset]
    raw_files.write_csv_gz(path, blocks_of(dataset), texts, text_format)


def test_text_is_that_of_the_values(tmp_path):
    path = tmp_path / "events.csv.gz"
    raw_files.write_csv_gz(path, BLOCKS, TEXTS, raw_files.TEXT_FORMATS["higgsml"])
    text = "x,n,c\n138.47,1,b\n-999.0,2,s\n125.0,3,b\n"
    assert gzip.decompress(path.read_bytes()).decode() == text


def test_text_of_higgs_has_no_header_and_19_digits(tmp_path):
    path = tmp_path / "events.csv.gz"
    blocks = [{"label": np.array([1, 0], "f4"), "x": np.array([-0.1, 138.47], "f4")}]
    raw_files.write_csv_gz(path, blocks, {}, raw_files.TEXT_FORMATS["higgs"])
    assert gzip.decompress(path.read_bytes()).decode() == (
        "1.000000000000000000e+00,-1.000000014901161194e-01\n"
        "0.000000000000000000e+00,1.384700012207031250e+02\n"
    )


def test_text_of_hepmass_has_its_header_and_short_numbers(tmp_path):
    path = tmp_path / "events.csv.gz"
    blocks = [{"# label": np.array([1.0]), "f0": np.array([-0.346368])}]
    raw_files.write_csv_gz(path, blocks, {}, raw_files.TEXT_FORMATS["hepmass"])
    assert gzip.decompress(path.read_bytes()).decode() == "# label,f0\n1.0,-0.346368\n"


def test_same_seed_gives_the_same_bytes(tmp_path, dataset):
    paths = [tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"]
    for path in paths:
        write_csv(path, dataset)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_text_reads_back_equal(tmp_path, dataset):
    path, form = tmp_path / "events.csv.gz", datasets.DATASETS[dataset]
    write_csv(path, dataset)
    found = pl.read_csv(path, has_header=form.has_header)
    assert not form.has_header or tuple(found.columns) == form.columns
    for values, (name, there) in zip(found, expected(dataset).items(), strict=True):
        assert np.array_equal(values.to_numpy().astype(there.dtype), there), name


def test_parquet_reads_back_equal(tmp_path, dataset):
    path = tmp_path / "events.parquet"
    raw_files.write_parquet(path, blocks_of(dataset), registry.CATEGORIES[dataset])
    found = pl.read_parquet(path)
    assert tuple(found.columns) == datasets.DATASETS[dataset].columns
    for name, there in expected(dataset).items():
        assert np.array_equal(found[name].to_numpy(), there), name


def write_root(path, blocks, dataset, trees):
    label = datasets.DATASETS[dataset].label
    raw_files.write_root(path, blocks, registry.CATEGORIES[dataset], trees, label)


def read_tree(path, name):
    with uproot.open(path) as file:
        return file[name].arrays(library="np")


def test_root_reads_back_equal(tmp_path, dataset):
    path = tmp_path / "events.root"
    write_root(path, blocks_of(dataset), dataset, ALL_EVENTS)
    found = read_tree(path, "events")
    assert tuple(found) == datasets.DATASETS[dataset].columns
    for name, there in expected(dataset).items():
        assert np.array_equal(found[name], there), name


def test_root_has_a_tree_for_each_class(tmp_path, dataset):
    path, form = tmp_path / "events.root", datasets.DATASETS[dataset]
    write_root(path, blocks_of(dataset), dataset, BY_CLASS)
    table = expected(dataset)
    class_of = np.array([form.label_values[v] for v in table.pop(form.label).tolist()])
    for label, tree in enumerate(("bkg_tree", "sig_tree")):
        found = read_tree(path, tree)
        assert list(found) == list(table)
        for name, there in table.items():
            assert np.array_equal(found[name], there[class_of == label]), name


def test_root_has_a_tree_for_a_class_without_events(tmp_path, dataset):
    path = tmp_path / "events.root"
    write_root(path, blocks_of(dataset, 1), dataset, BY_CLASS)
    counts = [len(next(iter(read_tree(path, t).values()))) for t in BY_CLASS.values()]
    assert sorted(counts) == [0, 1]


@pytest.mark.parametrize("name", ["write_csv_gz", "write_parquet", "write_root"])
def test_a_failed_simulation_leaves_no_file(tmp_path, name):
    def failing():
        yield from BLOCKS
        raise RuntimeError("no more")

    arguments = {
        "write_csv_gz": [TEXTS, raw_files.TEXT_FORMATS["higgsml"]],
        "write_parquet": [TEXTS],
        "write_root": [TEXTS, ALL_EVENTS, "c"],
    }
    with pytest.raises(RuntimeError, match="no more"):
        getattr(raw_files, name)(tmp_path / "events", failing(), *arguments[name])
    assert list(tmp_path.iterdir()) == []
