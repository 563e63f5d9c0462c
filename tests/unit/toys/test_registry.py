"""Tests of toys.registry: official columns and categories of all generators."""

import numpy as np
import pytest

from hepfold.core import columns
from hepfold.data import datasets
from hepfold.toys import draws, registry


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(draws, "BLOCK_EVENTS", 1_000)


def test_every_data_set_has_toy_events():
    assert set(registry.BLOCKS) == set(datasets.DATASETS)
    assert set(registry.CATEGORIES) == set(datasets.DATASETS)


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_columns_are_the_official_ones_in_order(dataset):
    blocks = list(registry.BLOCKS[dataset](2_345, seed=1))
    for block in blocks:
        assert tuple(block) == datasets.DATASETS[dataset].columns
    lengths = [{len(values) for values in block.values()} for block in blocks]
    assert lengths == [{1_000}, {1_000}, {345}]


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_an_event_depends_on_the_seed_and_its_number_only(dataset):
    def make_toys(n_events, seed):
        blocks = list(registry.BLOCKS[dataset](n_events, seed))
        names = datasets.DATASETS[dataset].features
        return {name: np.concatenate([b[name] for b in blocks]) for name in names}

    many, other = make_toys(2_500, seed=3), make_toys(2_500, seed=4)
    for n_events in (1, 999, 1_000, 1_001, 2_500):
        few = make_toys(n_events, seed=3)
        for name, values in few.items():
            assert np.array_equal(values, many[name][:n_events]), name
    for name in datasets.DATASETS[dataset].continuous[:2]:
        assert np.mean(many[name] == other[name]) < 0.6
        assert np.mean(many[name][:1_000] == many[name][1_000:2_000]) < 0.6


@pytest.mark.parametrize("dataset", datasets.DATASETS)
def test_raw_labels_are_those_of_the_data_set(dataset):
    form, categories = datasets.DATASETS[dataset], registry.CATEGORIES[dataset]
    codes = np.unique(next(registry.BLOCKS[dataset](1_000, seed=1))[form.label])
    raw = [categories[form.label][i] for i in codes] if categories else codes.tolist()
    labels = [form.label_values[value] for value in raw]
    # Codes and numbers alike are the labels themselves.
    assert labels == codes.tolist() == [columns.BACKGROUND, columns.SIGNAL]
