"""Tests of data.datasets: roles of features, and those of the public data sets."""

import declarations
import public_sets
import pytest

from hepfold.core import parsing
from hepfold.data import datasets
from hepfold.toys import official_columns

OWN = {
    "title": "x",
    "files": "a.csv",
    "label": {"column": "y", "signal": 1, "background": 0},
    "features": {"low_level": ["b", "n", "a"], "high_level": ["a", "c"]},
    "categories": {"n": [0, 2]},
    "bodies": {"lep": {"pt": "a", "phi": "b"}},
}


@pytest.mark.parametrize("name", public_sets.DECLARED)
def test_roles_of_public_data_sets_are_consistent(name):
    declared, definition = public_sets.DECLARED[name], public_sets.DATASETS[name]
    official = set(getattr(official_columns, name.upper()))
    assert declared.header is None or set(declared.header) == official
    assert set(definition.features) <= official
    assert {declared.label.column, *declared.keep} <= official - set(
        definition.features
    )
    for body in definition.bodies:
        assert set((*body.names, *body.more)) <= set(definition.features)
    assert set(definition.steps) < set(definition.features)
    assert declared.spectrum.feature in definition.features
    assert definition.hypothesis in (None, *definition.features)
    assert set(definition.feature_sets["all"]) == set(definition.features)
    for chosen in definition.feature_sets.values():
        assert set(chosen) <= set(definition.features)


def test_public_data_sets_have_all_their_official_features():
    higgsml, higgs, hepmass = (
        public_sets.DATASETS[name] for name in ("higgsml", "higgs", "hepmass")
    )
    assert sorted(higgsml.features) == sorted(official_columns.HIGGSML[1:31])
    assert len(higgs.feature_sets["low_level"]) == 21
    assert len(higgs.feature_sets["high_level"]) == 7
    assert len(hepmass.features) == 28
    for name, chosen in hepmass.feature_sets.items():
        assert ("mass" in chosen) == (name != "blind")


def test_continuous_features_come_first_and_each_once():
    definition = datasets.parse(OWN)
    assert definition.continuous == ("b", "a", "c")
    assert definition.features == ("b", "a", "c", "n")
    assert definition.feature_sets["low_level"] == ("b", "n", "a")
    assert definition.is_derived(["b", "a", "c"]) == [False, True, True]


def feature_sets(**keys) -> dict[str, tuple[str, ...]]:
    return datasets.feature_sets(declarations.parse(OWN | {"bodies": {}} | keys))


def test_a_list_of_features_is_the_set_of_all():
    assert feature_sets(features=["b", "a"]) == {"all": ("b", "a")}
    sets = feature_sets(features={"x": ["b"], "y": ["a", "b"]})
    assert sets == {"all": ("b", "a"), "x": ("b",), "y": ("a", "b")}


@pytest.mark.parametrize(
    "listed", [["a", "b"], {"low": ["a", "b"]}, {"all": ["a", "b"]}]
)
def test_further_features_of_bodies_need_not_be_listed(listed):
    bodies = {"jet": {"pt": "a", "phi": "b", "more": ["tag", "b", "mass"]}}
    sets = feature_sets(features=listed, bodies=bodies)
    assert sets.pop("all") == ("a", "b", "tag", "mass")
    assert set(sets.values()) <= {("a", "b")}


@pytest.mark.parametrize(("units", "scaled"), [("file", ()), ("recovered", ("b",))])
def test_azimuths_in_recovered_units_are_scaled(units, scaled):
    assert datasets.parse(OWN | {"units": units}).scaled_azimuths == scaled


def test_plain_values_of_a_declaration_give_the_same_roles():
    declared = declarations.parse(OWN)
    again = datasets.parse(parsing.as_dict(declared))
    assert again == datasets.Dataset.of(declared)
