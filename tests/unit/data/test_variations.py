"""Tests of data.variations: which samples a systematic changes, and how."""

import declarations

from hepfold.data import event_samples, variations

DECLARED = declarations.parse(
    {
        "title": "Three processes",
        "tree": "nominal",
        "processes": {
            "ttH": {"files": "ttH.root", "label": "signal"},
            "ttW": {"files": "ttW.root", "label": "background"},
            "fakes": {
                "files": "fakes.root",
                "label": "background",
                "weight": "w_fake",
                "tree": "fakes",
            },
        },
        "weight": "w",
        "id": "number",
        "features": {"all": ["a", "b"]},
        "regions": {"SR": "a > 1"},
        "spectrum": {"feature": "b", "title": "b"},
        "keep": ["c"],
        "systematics": {
            "jes": {"up": {"tree": "up"}},
            "pileup": {"up": {"weight": "w_up"}, "down": {"weight": "w_down"}},
            "shower": {"up": {"files": {"ttW": ["one.root", "two.root"]}}},
            "scale": {"up": {"weight": "w_scale"}, "processes": ["ttW"]},
        },
    }
)


def varied(
    systematic: str, direction: str = "up"
) -> dict[str, event_samples.EventSample]:
    key = systematic, direction
    samples = variations.samples("own", DECLARED, key, "toys", "downloaded", "fetched")
    return {sample.process: sample for sample in samples}


def test_a_tree_or_weight_replaces_that_of_the_data_set_alone():
    """A process with its own tree or weight keeps it."""
    samples = varied("jes")
    assert {name: s.tree for name, s in samples.items()} == {"ttH": "up", "ttW": "up"}
    assert {s.setting for s in samples.values()} == {
        "datasets.own.systematics.jes.up.tree"
    }
    samples = varied("pileup", "down")
    place = "datasets.own.systematics.pileup.down.weight"
    assert set(samples) == {"ttH", "ttW"}
    assert samples["ttH"].weight == (place, "w_down")
    assert samples["ttH"].tree == "nominal"


def test_files_concern_the_processes_that_they_name():
    samples = varied("shower")
    assert set(samples) == {"ttW"}
    assert samples["ttW"].files == ("one.root", "two.root")
    assert samples["ttW"].has_truth


def test_a_systematic_can_be_that_of_some_processes():
    assert set(varied("scale")) == {"ttW"}


def test_records_tell_which_events_are_scored():
    by_key = {
        (r["systematic"], r["direction"]): (r["has_scores"], r["processes"])
        for r in variations.records(DECLARED)
    }
    both = ["ttH", "ttW"]
    assert by_key == {
        ("jes", "up"): (True, both),
        ("pileup", "up"): (False, both),
        ("pileup", "down"): (False, both),
        ("shower", "up"): (True, ["ttW"]),
        ("scale", "up"): (False, ["ttW"]),
    }
    assert variations.mirrored(DECLARED) == ["jes", "shower", "scale"]


def test_processes_of_a_column_vary_together():
    column = {"column": "p", "signal": ["s"], "background": ["a", "b"]}
    declared = declarations.parse(
        {"title": "x", "files": "a.root", "process": column, "features": ["x"]}
        | {"systematics": {"pileup": {"up": {"weight": "w_up"}}}}
    )
    (record,) = variations.records(declared)
    assert record["processes"] == ["s", "a", "b"]


def test_weights_need_one_feature_and_neither_regions_nor_kept_columns():
    reduced = variations.for_weights(DECLARED)
    kinds = declarations.plan(reduced).kinds(varied("pileup")["ttH"])
    assert set(kinds) == {"a", "w_up", "number"}
