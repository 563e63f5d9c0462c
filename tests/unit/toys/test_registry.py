"""Tests of toys.registry: official columns and categories of all generators."""

import numpy as np
import public_sets
import pytest

import make_toys
from hepfold.core import columns, logs
from hepfold.toys import draws, official_columns, registry


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(draws, "BLOCK_EVENTS", 1_000)


def test_every_data_set_has_toy_events():
    generators = {declared.toy for declared in public_sets.DECLARED.values()}
    assert set(registry.BLOCKS) == set(registry.CATEGORIES) == generators


@pytest.mark.parametrize("dataset", public_sets.DATASETS)
def test_columns_are_the_official_ones_in_order(dataset):
    blocks = list(registry.BLOCKS[dataset](2_345, seed=1))
    for block in blocks:
        assert tuple(block) == getattr(official_columns, dataset.upper())
    lengths = [{len(values) for values in block.values()} for block in blocks]
    assert lengths == [{1_000}, {1_000}, {345}]


@pytest.mark.slow
@pytest.mark.parametrize("dataset", public_sets.DATASETS)
def test_an_event_depends_on_the_seed_and_its_number_only(dataset):
    def make_toys(n_events, seed):
        blocks = list(registry.BLOCKS[dataset](n_events, seed))
        names = public_sets.DATASETS[dataset].features
        return {name: np.concatenate([b[name] for b in blocks]) for name in names}

    many, other = make_toys(2_500, seed=3), make_toys(2_500, seed=4)
    for n_events in (1, 999, 1_000, 1_001, 2_500):
        few = make_toys(n_events, seed=3)
        for name, values in few.items():
            assert np.array_equal(values, many[name][:n_events]), name
    for name in public_sets.DATASETS[dataset].continuous[:2]:
        assert np.mean(many[name] == other[name]) < 0.6
        assert np.mean(many[name][:1_000] == many[name][1_000:2_000]) < 0.6


@pytest.mark.parametrize("dataset", public_sets.DATASETS)
def test_raw_labels_are_those_of_the_data_set(dataset):
    label, categories = public_sets.DECLARED[dataset].label, registry.CATEGORIES
    codes = next(registry.BLOCKS[dataset](1_000, seed=1))[label.column]
    assert set(np.unique(codes)) == {columns.BACKGROUND, columns.SIGNAL}
    texts = categories[dataset].get(label.column, (0, 1))
    # Codes and numbers alike are the labels themselves.
    assert texts[columns.SIGNAL] == label.signal
    assert texts[columns.BACKGROUND] == label.background


def test_an_unknown_generator_is_named(tmp_path):
    with pytest.raises(logs.InputError, match="toy: there is no generator 'higs'"):
        make_toys.make_toys("higs", 10, 1, True, str(tmp_path / "toys.csv.gz"))
    assert not list(tmp_path.iterdir())
