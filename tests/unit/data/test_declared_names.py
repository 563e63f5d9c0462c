"""Tests of data.declared_names: every name and expression has the key that holds it."""

import declared_inputs as inputs

from hepfold.data import declared_names

DECLARATION = inputs.declared(
    define={"x": "a / 2"},
    select="n > 3",
    weight="w",
    id="event",
    test={"column": "subset", "train": "t", "test": "s"},
    features={"low": ["a"], "high": ["x"]},
    categories={"a": [1, 2]},
    bodies={"jet": {"pt": "a", "phi": "x", "more": ["x", "tag"]}},
    spectrum={"feature": "mass", "title": "Mass"},
    regions={"SR": "b > 1"},
    keep=["mu"],
    apply={"more": {"files": "more.csv", "select": "n > 4"}},
    systematics={"jes": {"up": {"weight": "w_up"}}},
)


def test_every_name_has_its_key():
    assert dict(declared_names.names(DECLARATION)) == {
        "a": "features.low",
        "x": "features.high",
        "tag": "bodies.jet.more",
        "mass": "spectrum.feature",
        "mu": "keep",
        "subset": "test.column",
        "event": "id",
        "is_signal": "label.column",
    }


def test_every_expression_has_its_key():
    assert dict(declared_names.expression_texts(DECLARATION)) == {
        "define.x": "a / 2",
        "select": "n > 3",
        "weight": "w",
        "regions.SR": "b > 1",
        "apply.more.select": "n > 4",
        "systematics.jes.up.weight": "w_up",
    }


def test_names_in_expressions_are_used_too():
    used = declared_names.used(DECLARATION)
    assert used["b"] == "regions.SR" and used["w_up"] == "systematics.jes.up.weight"
    assert used["a"] == "features.low"
    broken = inputs.declared(select="n >", weight="w")
    assert "n" not in declared_names.used(broken)
    assert declared_names.used(broken)["w"] == "weight"


def test_the_nearest_names_are_found_in_any_case():
    assert declared_names.nearest("LEP_PT", ["lep_pt", "met"]) == ["lep_pt"]
    assert declared_names.nearest("xyz", ["lep_pt", "met"]) == []
