"""Tests of core.columns: codes stored in files."""

from hepfold.core import columns
from hepfold.data import datasets


def test_labels_are_those_of_the_field():
    assert (columns.BACKGROUND, columns.SIGNAL) == (0, 1)


def test_subsets_fit_the_fold_file_and_cover_every_data_set():
    assert max(map(len, columns.SUBSETS)) <= 8
    for definition in datasets.DATASETS.values():
        assert set(definition.subset_values.values()) <= set(columns.SUBSETS)
