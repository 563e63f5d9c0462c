"""Results that clones share through Snakemake's cache."""

import re

import pytest
from tests.conftest import UNAPPLIED_RUN, Clone

pytestmark = pytest.mark.faults
METRICS = "results/metrics/higgsml/mlp.json"
# A result of each step of the chain.
CHAIN = {
    "results/raw/higgsml/toys.csv.gz": "make_toys",
    "results/folds/higgsml/train.h5": "ingest",
    "results/scores/higgsml/mlp/fold_0.parquet": "train_fold",
    METRICS: "evaluate",
}
OVERLAY = UNAPPLIED_RUN


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def new_clone(store, tmp_path_factory):
    """A function that makes a clone which uses the cache."""

    def make() -> Clone:
        clone = Clone(tmp_path_factory.mktemp("clone"))
        (clone.folder / "tests.yaml").write_text(OVERLAY)
        clone.environment["SNAKEMAKE_OUTPUT_CACHE"] = str(store)
        return clone

    return make


@pytest.fixture(scope="module")
def first(new_clone):
    """A clone that has filled the cache."""
    clone = new_clone()
    assert made(clone) == set(CHAIN.values())
    return clone


def made(clone) -> set[str]:
    """Run up to the figures of merit; the steps that were not taken from the cache."""
    run = clone.run("--cache", "--", METRICS)
    output = run.stdout + run.stderr
    assert run.returncode == 0, output
    stored = re.findall(r"Moving output file (\S+) to cache", output)
    return {rule for path, rule in CHAIN.items() if path in stored}


def test_a_second_clone_computes_nothing(first, new_clone):
    second = new_clone()
    assert made(second) == set()
    paths = [METRICS, "results/scores/higgsml/mlp/merged.parquet"]
    for path in paths:
        assert (second.folder / path).is_symlink()
        actual, expected = (c.folder / path for c in (second, first))
        assert actual.read_bytes() == expected.read_bytes()


def test_no_entry_contains_path_or_host(first, store):
    here = str(first.folder).encode()
    for path in filter(lambda path: path.is_file(), store.rglob("*")):
        assert here not in path.read_bytes(), path


def test_a_changed_setting_misses_where_it_must(first, new_clone):
    clone = new_clone()
    overlay = OVERLAY.replace("files: toy", "files: toy, b_reg: 5.0")
    (clone.folder / "tests.yaml").write_text(overlay)
    assert made(clone) == {"evaluate"}


def test_a_changed_module_misses_where_it_must(first, new_clone):
    clone = new_clone()
    path = clone.folder / "scripts/hepfold/training/fit.py"
    path.write_text(path.read_text() + "\nEDITED = True\n")
    assert made(clone) == {"train_fold", "evaluate"}


def test_a_corrupt_cache_entry_is_named(first, new_clone, store):
    folds = first.folder / "results/folds/higgsml/train.h5"
    entry = folds.resolve()
    assert entry.parent == store
    whole = entry.read_bytes()
    try:
        for damaged in (whole[:-1000], whole[:-1000] + b"x" + whole[-999:]):
            entry.write_bytes(damaged)
            clone = new_clone()
            text = OVERLAY.replace("width: 8", "width: 9")
            (clone.folder / "tests.yaml").write_text(text)
            run = clone.run("--cache", "--", METRICS)
            assert run.returncode != 0
            message = (
                "results/folds/higgsml/train.h5: the file was altered or cut short"
            )
            assert message in run.stderr
    finally:
        entry.write_bytes(whole)
