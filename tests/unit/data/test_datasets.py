"""Tests of data.datasets: the official column lists, and the roles of columns."""

import pytest

from hepfold.data import datasets


def test_higgsml_has_its_official_columns():
    """35 columns: id, 13 DER_, 17 PRI_, weight, label, set, weight of the set."""
    names = datasets.HIGGSML.columns
    assert len(names) == len(set(names)) == 35
    assert sum(name.startswith("DER_") for name in names) == 13
    assert sum(name.startswith("PRI_") for name in names) == 17
    assert sorted(datasets.HIGGSML.features) == sorted(names[1:31])


@pytest.mark.parametrize("name", sorted(datasets.DATASETS))
def test_roles_are_consistent(name):
    definition = datasets.DATASETS[name]
    assert set(definition.features) < set(definition.columns)
    for body in definition.bodies:
        assert set(body.names) < set(definition.features)
    assert set(definition.steps) < set(definition.features)
    assert definition.mass in definition.features
    assert definition.mass_hypothesis in (None, *definition.features)
    assert set(definition.feature_sets["all"]) == set(definition.features)
    for chosen in definition.feature_sets.values():
        assert set(chosen) <= set(definition.features)
    assert set(definition.label_values.values()) == {0, 1}


def test_uci_sets_have_their_official_columns():
    assert len(datasets.HIGGS.columns) == 29
    assert len(datasets.HIGGS.feature_sets["low_level"]) == 21
    assert len(datasets.HIGGS.feature_sets["high_level"]) == 7
    assert len(datasets.HEPMASS.columns) == 29
    assert datasets.HEPMASS.columns[0] == "# label"
    for name, chosen in datasets.HEPMASS.feature_sets.items():
        assert ("mass" in chosen) == (name != datasets.BLIND)
