"""Tests of hepfold.datasets: the official column lists, and how sources are told."""

import pytest

from hepfold import datasets


def test_higgsml_has_its_official_columns():
    """35 columns: id, 13 DER_, 17 PRI_, weight, label, set, weight of the set."""
    names = datasets.HIGGSML.columns
    assert len(names) == len(set(names)) == 35
    assert sum(name.startswith("DER_") for name in names) == 13
    assert sum(name.startswith("PRI_") for name in names) == 17
    assert sorted(datasets.HIGGSML.features) == sorted(names[1:31])


@pytest.mark.parametrize(
    ("source", "location", "checksum"),
    [
        ("data/x.csv.gz", "data/x.csv.gz", None),
        ("https://a.b/x#adler32=e4", "https://a.b/x", "adler32=e4"),
        ("simulation", "simulation", None),
    ],
)
def test_source_is_split(source, location, checksum):
    assert datasets.split_source(source) == (location, checksum)


def test_folders_of_the_machine_are_not_told():
    assert datasets.source_name("/home/someone/x.csv.gz") == "x.csv.gz"
    assert datasets.source_name("https://a.b/x.csv") == "https://a.b/x.csv"
    assert datasets.is_address("https://a.b") and not datasets.is_address("httpsx/a")
