"""Tests of hepfold.writers: official text, the same bytes every time."""

import gzip

import numpy as np

from hepfold import datasets, simulation, writers

BLOCKS = [
    {
        "x": np.array([138.47, -999.0]),
        "n": np.array([1, 2]),
        "c": np.array([0, 1], "u1"),
    },
    {"x": np.array([125.0]), "n": np.array([3]), "c": np.array([0], "u1")},
]


def test_text_is_that_of_the_values(tmp_path):
    path = tmp_path / "events.csv.gz"
    writers.write_csv_gz(path, BLOCKS, {"c": ("b", "s")})
    expected = "x,n,c\n138.47,1,b\n-999.0,2,s\n125.0,3,b\n"
    assert gzip.decompress(path.read_bytes()).decode() == expected


def test_same_seed_gives_the_same_bytes(tmp_path):
    paths = [tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"]
    for path in paths:
        blocks = simulation.higgsml_blocks(1000, seed=5)
        writers.write_csv_gz(path, blocks, simulation.CATEGORIES)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    header = gzip.decompress(paths[0].read_bytes()).decode().splitlines()[0]
    assert header.split(",") == list(datasets.HIGGSML.columns)
