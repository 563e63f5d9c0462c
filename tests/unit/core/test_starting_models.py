"""Tests of core.starting_models: impossible starts are reported before any job."""

import public_sets
import pytest

from hepfold.core import configuration, logs, settings, starting_models
from hepfold.models import compatibility


def checked(run=None, **models) -> settings.Configuration:
    """The complete configuration of a run of the model `fine`."""
    run = {"datasets": ["higgsml"], "models": ["fine"]} | (run or {})
    declared = {"base": {"kind": "mlp"}} | models
    return configuration.complete({"run": run, "models": declared}, public_sets.VALUES)


def start_from(model="base", like="base", run=None, base=None, others=None, **changes):
    """The configuration in which `fine` starts from a model."""
    start = {"model": model} | changes.pop("start", {})
    fine = {"like": like, "start_from": start} | changes
    models = {"base": {"kind": "mlp"} | (base or {}), "fine": fine} | (others or {})
    return checked(run, **models)


def fault(**arguments) -> str:
    with pytest.raises(logs.InputError) as error:
        start_from(**arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_training_of_the_same_fold_is_the_start():
    full = start_from()
    assert starting_models.trainings(full) == [("higgsml", "base")]
    assert starting_models.start_of(full.models["base"]) is None
    assert starting_models.trainings(checked(fine={"like": "base"})) == []


def test_starts_of_starts_are_trained_too_on_the_data_set_that_each_names():
    full = start_from(
        model="old",
        start={"dataset": "higgs"},
        others={
            "old": {"like": "older", "start_from": {"model": "older"}},
            "older": {"kind": "mlp"},
        },
    )
    expected = [("higgs", "old"), ("higgs", "older")]
    assert starting_models.trainings(full) == expected
    assert set(full.datasets) == {"higgsml", "higgs"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "cnn"}, "start_from.model: 'cnn' is not one of base, fine"),
        (
            {"start": {"dataset": "hig"}},
            "start_from.dataset: 'hig' is not one of higgsml; declare it",
        ),
        (
            {"start": {"frozen_epochs": 2}},
            "start_from: frozen_epochs: nothing is left to train",
        ),
        ({"start": {"fold": 0}}, "start_from: fold: one fold for all would have been"),
        (
            {"start": {"dataset": "higgs", "fold": 5}},
            "start_from.fold: 5 is not one of 0 to 4",
        ),
        (
            {"start": {"dataset": "higgsml", "fold": 0}},
            "start_from.fold: higgsml is a data set of the run, and fold 0 was trained",
        ),
        ({"preparation": {"pairs": False}}, "start_from: fine and base differ in prep"),
        ({"kind": "dense"}, "start_from: fine and base differ in kind; make them"),
        (
            {"network": {"pretrained_epochs": 3}},
            "start_from: network.pretrained_epochs would replace the weights",
        ),
        (
            {
                "others": {"trees": {"kind": "xgboost"}},
                "model": "trees",
            },
            "start_from.model: trees is of kind xgboost, which has no weights",
        ),
    ],
)
def test_impossible_starts_are_named(arguments, message):
    assert fault(**arguments).startswith(f"models.fine.{message}")


TREES = {"kind": "xgboost"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"base": {"kind": "mlp"}, "kind": "xgboost"},
            "start_from.model: base is of kind mlp, which has no trees to continue",
        ),
        (
            {"preparation": {"pairs": False}},
            "start_from: fine and base differ in preparation; make them equal",
        ),
        (
            {"symmetry": {"use": "none"}},
            "start_from: fine and base differ in symmetry; make them equal",
        ),
        (
            {"seed": 3},
            "start_from: base was trained on validation events of fine; make",
        ),
        ({"start": {"fold": 0}}, "start_from: fold: one fold for all would have been"),
        ({"start": {"scale": 0}}, "start_from.scale: "),
        ({"start": {"scale": 1.01}}, "start_from.scale: "),
        ({"start": {"part": "body"}}, "start_from.part: "),
        ({"start": {"frozen_epochs": 1}}, "start_from.frozen_epochs: "),
    ],
)
def test_impossible_starts_from_trees_are_named(arguments, message):
    assert fault(**{"base": TREES} | arguments).startswith(f"models.fine.{message}")


@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_trees_continue_those_of_another_data_set_or_model(scale):
    full = start_from(base=TREES, start={"scale": scale})
    assert full.models["fine"].start_from.scale == scale
    start = {"dataset": "higgs", "fold": 2}
    others = {"more": {"like": "base", "n_rounds": 7, "start_from": {"model": "base"}}}
    full = start_from("more", base=TREES, start=start, others=others, seed=3)
    expected = [("higgs", "more"), ("higgs", "base")]
    assert starting_models.trainings(full) == expected
    assert full.models["fine"].start_from.scale == 0.5


def test_a_further_seed_of_trees_continues_a_further_seed():
    full = start_from(base=TREES, start={"scale": 0.7}, run={"n_seeds": 2})
    copy = full.models["fine_seed2"].start_from
    assert (copy.model, copy.scale) == ("base_seed2", 0.7)


def test_embeddings_may_come_from_another_kind():
    start = {"part": "embeddings", "frozen_epochs": 2}
    full = start_from(kind="dense", preparation={"pairs": False}, start=start)
    assert full.models["fine"].start_from.frozen_epochs == 2


@pytest.mark.parametrize(
    ("others", "model", "names"),
    [
        ({}, "fine", "fine from fine"),
        (
            {"more": {"like": "base", "start_from": {"model": "fine"}}},
            "more",
            "fine from more from fine",
        ),
    ],
)
def test_a_circle_is_named(others, model, names):
    message = fault(model=model, others=others)
    assert message.startswith(f"models.fine.start_from: {names} is a circle; set")


def test_a_model_on_another_data_set_does_not_start_from_itself():
    message = fault(model="fine", start={"dataset": "higgs"})
    assert "fine from fine from fine is a circle" in message


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"validation_fraction": 0.2}, "validation_fraction"),
        ({"validation_fraction": 0.1, "seed": 3}, "seed"),
        ({"validation_fraction": 0.1, "n_events": 500}, "n_events"),
    ],
)
def test_validation_events_are_new_to_both_trainings(changes, setting):
    """On one data set, both draw the same ones; another data set has other events."""
    base = {"validation_fraction": 0.1}
    assert f"make their {setting} equal" in fault(base=base, **changes)
    start_from(base=base, validation_fraction=0.1)
    start_from(base=base, validation_fraction=0.0, seed=3)
    start_from(base=base, start={"dataset": "higgs"}, **changes)


def test_trials_do_not_start_from_weights():
    search = {"max_epochs": 3, "factor": 3, "merit": "auc", "validation_fraction": 0.3}
    config = {
        "run": {"datasets": ["higgsml"], "models": ["fine"]},
        "models": {
            "base": {"kind": "mlp"},
            "fine": {"like": "base", "start_from": {"model": "base"}},
        },
        "search": {"fine": search | {"space": {"learning_rate": [0.1, 0.2]}}},
    }
    with pytest.raises(
        logs.InputError, match=r"search.fine: trials start from no other"
    ):
        configuration.complete(config, public_sets.VALUES)


def test_further_seeds_start_from_further_seeds():
    """So that the spread of seeds is that of whole trainings."""
    full = start_from(run={"n_seeds": 2})
    assert full.run.compared == ("fine_seed2",)
    assert full.models["fine_seed2"].start_from.model == "base_seed2"
    assert full.models["base_seed2"].seed == 1
    assert starting_models.trainings(full)[1] == ("higgsml", "base_seed2")


def test_frozen_epochs_are_limited_too():
    config = {
        "run": {"datasets": ["higgsml"], "models": ["fine"]},
        "training": {"max_epochs": 2},
        "models": {
            "base": {"kind": "mlp"},
            "fine": {
                "like": "base",
                "start_from": {"model": "base", "part": "body", "frozen_epochs": 9},
            },
        },
    }
    full = configuration.complete(config, public_sets.VALUES)
    assert full.models["fine"].start_from.frozen_epochs == 2


def test_the_other_data_set_needs_the_features_too():
    full = start_from(
        base={"features": "jets"}, start={"dataset": "higgs"}, features="all"
    )
    with pytest.raises(logs.InputError, match=r"base.features: higgs has no feature s"):
        compatibility.check(full)


@pytest.mark.parametrize("seed", [0, 1])
def test_toys_of_one_seed_are_no_independent_start(seed):
    toys = {"like": "higgsml", "toy_seed": seed}
    other = {"model": "base", "dataset": "toys", "fold": 0, "part": "body"}
    declared = {
        "run": {"datasets": ["higgsml"], "models": ["fine"]},
        "datasets": {"higgsml": {"files": "toy"}, "toys": toys},
        "models": {
            "base": {"kind": "mlp"},
            "fine": {"like": "base", "start_from": other},
        },
    }
    if seed:
        full = configuration.complete(declared, public_sets.VALUES)
        assert starting_models.trainings(full) == [("toys", "base")]
        return
    with pytest.raises(logs.InputError, match="toys and higgsml have the same toy"):
        configuration.complete(declared, public_sets.VALUES)
