"""Tests of toys.raw_files: raw files hold the values of the toy events."""

import gzip

import numpy as np
import polars as pl
import public_sets
import pytest

from hepfold.toys import draws, official_columns, raw_files, registry

BLOCKS = [
    {
        "x": np.array([138.47, -999.0]),
        "n": np.array([1, 2]),
        "c": np.array([0, 1], "u1"),
    },
    {"x": np.array([125.0]), "n": np.array([3]), "c": np.array([0], "u1")},
]
TEXTS = {"c": ("b", "s")}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(draws, "BLOCK_EVENTS", 500)


@pytest.fixture(params=public_sets.DECLARED)
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
    has_header = public_sets.DECLARED[dataset].header is None
    categories = registry.CATEGORIES[dataset]
    raw_files.write_csv_gz(path, blocks_of(dataset), categories, has_header)


def test_text_is_that_of_the_values(tmp_path):
    path = tmp_path / "events.csv.gz"
    raw_files.write_csv_gz(path, BLOCKS, TEXTS, has_header=True)
    text = "x,n,c\n138.47,1,b\n-999.0,2,s\n125.0,3,b\n"
    assert gzip.decompress(path.read_bytes()).decode() == text


def test_a_file_without_header_starts_with_an_event(tmp_path):
    path = tmp_path / "events.csv.gz"
    blocks = [{"label": np.array([1, 0], "f4"), "x": np.array([-0.1, 138.47], "f4")}]
    raw_files.write_csv_gz(path, blocks, {}, has_header=False)
    assert gzip.decompress(path.read_bytes()).decode() == "1.0,-0.1\n0.0,138.47\n"


def test_same_seed_gives_the_same_bytes(tmp_path, dataset):
    paths = [tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"]
    for path in paths:
        write_csv(path, dataset)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_events_read_back_equal(tmp_path, dataset):
    """Every value of every column, as numbers of the type that was written."""
    path, header = tmp_path / "events.csv.gz", public_sets.DECLARED[dataset].header
    write_csv(path, dataset)
    table = pl.read_csv(path, has_header=header is None)
    names = header or tuple(table.columns)
    assert names == getattr(official_columns, dataset.upper())
    for values, (name, written) in zip(table, expected(dataset).items(), strict=True):
        assert np.array_equal(values.to_numpy().astype(written.dtype), written), name


def test_any_float32_reads_back_equal(tmp_path):
    """For numbers of any size, and for neighbors that share most digits."""
    bits = np.random.default_rng(1).integers(0, 2**32, 50_000, np.uint32)
    written = bits.view("f4")
    written = written[np.isfinite(written)]
    path = tmp_path / "events.csv.gz"
    raw_files.write_csv_gz(path, [{"x": written}], {}, has_header=False)
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert np.array_equal(np.array(lines, "f8").astype("f4"), written)


def test_a_failed_block_leaves_no_file(tmp_path):
    def failing():
        yield from BLOCKS
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        raw_files.write_csv_gz(tmp_path / "events.csv.gz", failing(), TEXTS, True)
    assert list(tmp_path.iterdir()) == []
