"""Tests of core.overlays: settings by path, and invalid search spaces."""

import copy

import pytest
import samples

from hepfold.core import logs, overlays, settings_training

VALUES = {"network.width": 7, "learning_rate": 0.5}


def test_values_are_set_where_they_stand_and_nowhere_else():
    before = copy.deepcopy(samples.MODEL)
    changed = overlays.applied(samples.MODEL, VALUES)
    assert before == samples.MODEL
    assert changed["network"].pop("width") == 7 and changed.pop("learning_rate") == 0.5
    assert changed["network"] == {
        k: v for k, v in before["network"].items() if k != "width"
    }
    assert set(changed) == set(before) - {"learning_rate"}


def test_an_overlay_gives_a_training_the_best_settings_of_a_search():
    overlay = {"models": {"searched": overlays.nested(VALUES)}}
    tuned = overlays.tuned(samples.MODEL, overlay)
    assert tuned == overlays.applied(samples.MODEL, VALUES)
    assert overlays.tuned(samples.MODEL, None) == samples.MODEL


PUBLIC = {"public": {"files": "a.csv", "n_toy": 5, "steps": {"x": 1}}}
DECLARED = {
    "public": {"n_toy": 7},
    "mine": {"files": "b.csv"},
    "toys": {"like": "public", "files": "toy", "steps": None},
    "more": {"like": "toys", "n_toy": 9},
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("public", {"files": "a.csv", "n_toy": 7, "steps": {"x": 1}}),
        ("mine", {"files": "b.csv"}),
        ("toys", {"files": "toy", "n_toy": 7}),
        ("more", {"files": "toy", "n_toy": 9}),
    ],
)
def test_a_data_set_inherits_from_another_one(name, expected):
    assert overlays.inherited_dataset(name, DECLARED, PUBLIC) == expected


@pytest.mark.parametrize("other", ["none", "mine", 3])
def test_a_data_set_like_none_or_like_itself_is_named(other):
    declared = {"mine": {"like": other}}
    with pytest.raises(logs.InputError, match=rf"mine.like: {other!r} is not another"):
        overlays.inherited_dataset("mine", declared, PUBLIC)


def test_data_sets_like_each_other_are_named():
    declared = {"a": {"like": "b"}, "b": {"like": "a"}}
    with pytest.raises(logs.InputError, match=r"datasets.b.like: 'a' is not another"):
        overlays.inherited_dataset("a", declared, {})


@pytest.mark.parametrize("base", [samples.MODEL, samples.FOREST])
def test_a_trial_has_the_epochs_or_rounds_of_its_rung(base):
    trial = overlays.for_trial(base, {"learning_rate": 0.5}, 3, 0.4)
    assert trial.get("n_epochs", trial.get("n_rounds")) == 3
    assert trial["validation_fraction"] == 0.4 and trial["learning_rate"] == 0.5
    assert set(trial) == set(base)


def test_size_is_the_product_of_lists():
    space = {"a": [1, 2, 3], "b": ["x", "y"]}
    assert overlays.size(space) == 6
    assert overlays.size({**space, "c": settings_training.Range(0, 1, False)}) is None


@pytest.mark.parametrize(
    ("path", "values", "message"),
    [
        ("network.wide", [1, 2], "no such setting"),
        ("network", [1, 2], "it is a group"),
        ("n_epochs", [1, 2], "cannot vary"),
        ("kind", ["mlp", "dense"], "cannot vary"),
        ("learning_rate.x", [1, 2], "no such setting"),
        ("learning_rate", settings_training.Range(1.0, 0.1, True), "rising"),
        ("learning_rate", settings_training.Range(1, 2.5, True), "one type"),
        ("learning_rate", settings_training.Range(0.0, 0.1, True), "above zero"),
    ],
)
def test_a_space_without_sense_is_rejected(path, values, message):
    assert message in overlays.fault(samples.MODEL, {path: values})


def test_a_space_with_sense_is_not():
    space = {
        "network.width": [1, 2],
        "learning_rate": settings_training.Range(1e-4, 1e-2, True),
        "n_members": settings_training.Range(1, 4, False),
    }
    assert overlays.fault(samples.MODEL, space) is None


def test_the_costliest_candidate_has_the_largest_numbers_and_the_smallest_batch():
    space = {
        "network.width": settings_training.Range(low=30, high=300, log=True),
        "network.depth": (2, 6, 4),
        "batch_size": (256, 64, 1024),
        "network.activation": ("relu", "swish"),
        "network.batch_norm": (True, False),
    }
    expected = {
        "network.width": 300,
        "network.depth": 6,
        "batch_size": 64,
        "network.batch_norm": True,
    }
    assert overlays.costliest(space) == expected
    of_memory = overlays.costliest(space, is_for_memory=True)
    assert of_memory == expected | {"batch_size": 1024}


def test_the_costliest_candidate_has_all_events_if_null_is_among_their_numbers():
    space = {"n_events": (1000, None, 5000), "max_gradient_norm": (1.0, None)}
    expected = {"n_events": None, "max_gradient_norm": 1.0}
    assert overlays.costliest(space) == expected
    assert overlays.costliest({"n_events": (1000, 5000)}) == {"n_events": 5000}
