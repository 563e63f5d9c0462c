"""Tests of core.configuration: invalid settings are reported before any job."""

import copy

import public_sets
import pytest
import yaml
from snakemake.utils import update_config

from hepfold.core import configuration, logs, parsing, settings
from hepfold.models import compatibility

SMALL = {
    "run": {"datasets": ["higgsml"], "models": ["mlp"]},
    "datasets": {"higgsml": {"files": "toy"}},
    "models": {"mlp": {"kind": "mlp"}},
}


@pytest.fixture
def config(repo) -> dict:
    return yaml.safe_load((repo / "config.yaml").read_text())


def checked(config: dict) -> settings.Configuration:
    return configuration.complete(config, public_sets.VALUES)


def complete(config: dict) -> dict:
    return parsing.as_dict(checked(config))


def fault(config: dict) -> str:
    with pytest.raises(logs.InputError) as error:
        checked(config)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_defaults_complete_a_small_configuration():
    full = complete(SMALL)
    assert full["folds"] == {"n_folds": 5, "n_trained": None}
    assert full["models"]["mlp"]["optimizer"] == {
        "kind": "adamw",
        "beta2": 0.999,
        "weight_decay": 0.1,
    }


@pytest.mark.slow
@pytest.mark.parametrize("is_small", [False, True])
def test_every_study_is_valid_in_both_sizes(repo, config, is_small):
    folder = repo / "workflow/studies"
    for path in sorted(folder.glob("*.yaml")):
        if is_small and path.stem.startswith("sample"):
            continue  # a run of sample size with files of its own
        study = copy.deepcopy(config)
        for overlay in [path, folder / "size_sample.yaml"][: 1 + is_small]:
            update_config(study, yaml.safe_load(overlay.read_text()))
        compatibility.check(checked(study))


def test_a_model_inherits_the_settings_of_the_one_it_is_like(config):
    config["models"]["deep"] = {"like": "narrow", "n_epochs": 3}
    config["models"]["narrow"] = {
        "like": "mlp",
        "network": {"width": 7},
        "optimizer": {"kind": "sgd", "momentum": 0.5, "weight_decay": 0.0},
    }
    models = complete(config)["models"]
    deep, mlp = models["deep"], models["mlp"]
    assert deep["network"] == mlp["network"] | {"width": 7}
    assert deep["optimizer"] == {"kind": "sgd", "momentum": 0.5, "weight_decay": 0.0}
    assert deep["n_epochs"] == 3
    same = set(mlp) - {"network", "optimizer", "n_epochs"}
    assert {name: deep[name] for name in same} == {name: mlp[name] for name in same}


def test_another_kind_replaces_a_group_and_null_restores_the_default(config):
    config["models"] |= {
        "stepped": {"like": "mlp", "schedule": {"kind": "constant"}, "n_events": 500},
        "cycled": {
            "like": "stepped",
            "schedule": {"kind": "one_cycle", "warm_fraction": 0.5},
            "n_events": None,
        },
        "default": {"like": "stepped", "schedule": None},
        "decayed": {"like": "mlp", "optimizer": {"weight_decay": 0.3}},
    }
    models = complete(config)["models"]
    default = models["mlp"]["schedule"]
    assert models["cycled"]["schedule"] == default | {"warm_fraction": 0.5}
    assert models["cycled"]["n_events"] is None
    assert models["default"]["schedule"] == default
    assert models["decayed"]["optimizer"]["kind"] == "adamw"


@pytest.mark.parametrize("other", ["cnn", "deep", "deeper", ["mlp"]])
def test_a_model_like_itself_or_none_is_rejected(config, other):
    config["models"] |= {"deep": {"like": other}, "deeper": {"like": "deep"}}
    assert "is not another model" in fault(config)


def test_each_seed_is_a_separate_model(config):
    config["run"] |= {"n_seeds": 3, "compared": ["xgboost"]}
    full = complete(config)
    assert full["run"]["models"] == ["mlp"]
    compared = ["xgboost", "mlp_seed2", "xgboost_seed2", "mlp_seed3", "xgboost_seed3"]
    assert full["run"]["compared"] == compared
    names = ["mlp", *compared]
    assert [n for n in names if configuration.is_first_seed(n)] == ["mlp", "xgboost"]
    assert full["models"]["mlp_seed3"] == full["models"]["mlp"] | {"seed": 2}


def test_epochs_are_limited(config):
    config["training"]["max_epochs"] = 15
    config["models"]["mlp"]["network"] = {"pretrained_epochs": 30}
    config["models"]["supertml"]["network"] = {"frozen_epochs": 20}
    models = complete(config)["models"]
    assert models["mlp"]["n_epochs"] == 15 and models["supertml"]["n_epochs"] == 10
    assert models["mlp"]["network"]["pretrained_epochs"] == 15
    assert models["supertml"]["network"]["frozen_epochs"] == 15
    assert models["xgboost"]["n_rounds"] == 1000


def test_a_complete_configuration_stays_as_it_is(config):
    config["run"]["n_seeds"] = 2
    config["models"]["deep"] = {"like": "mlp", "network": {"depth": 5}}
    once = complete(config)
    assert complete(once) == once


@pytest.mark.parametrize(
    ("section", "changes", "message"),
    [
        ("folds", {"n_trained": 9}, "folds.n_trained: 9 is more than n_folds (5)"),
        ("run", {"compared": ["mlp"]}, "run.compared: 'mlp' is in run.models too"),
        ("run", {"compared": ["cnn"]}, "run.compared: 'cnn' is not one of mlp, "),
        ("run", {"models": ["cnn"]}, "run.models: 'cnn' is not one of mlp, "),
        ("run", {"datasets": ["hig"]}, "run.datasets: 'hig' is not one of hepmass, "),
    ],
)
def test_what_does_not_exist_is_named(config, section, changes, message):
    config[section] |= changes
    assert fault(config).startswith(message)


def test_a_study_is_of_models_of_the_run(config):
    row = {"label": "x", "dataset": "higgsml", "model": "xgboost"}
    texts = dict.fromkeys(("title", "question", "method", "variations"), "x")
    config["study"] = texts | {"merits": ["oof.auc"], "rows": [row]}
    assert fault(config) == "study.rows, 'x': xgboost on higgsml is not in the run"
    config["run"]["compared"] = ["xgboost"]
    checked(config)


def searched(config: dict, space: dict, **changes) -> dict:
    """The configuration with a search of the default model."""
    search = {"max_epochs": 10, "factor": 3, "merit": "auc", "space": space}
    search |= {"validation_fraction": 0.3, **changes}
    return config | {"search": {"mlp": search}}


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"network.wide": [1, 2]}, "mlp.space.network.wide: the model has no such"),
        ({"network.width": [0, 2]}, "mlp.space.network.width: expected int >= 1"),
        ({"network.width": [1.5, 2]}, "mlp.space.network.width: expected int, got 1.5"),
        ({"learning_rate": ["1e-3", 1]}, "mlp.space.learning_rate: expected float, "),
        ({"n_epochs": [1, 2]}, "mlp.space.n_epochs: a search cannot vary it"),
        (
            {"network.dropout": {"low": 0.5, "high": 1.5, "log": False}},
            "mlp.space.network.dropout: expected float < 1.0, got 1.5",
        ),
        (
            {"network.width": [1]},
            "mlp.space.network.width: expected list of length >=",
        ),
        ({"network.width": [1, 1]}, "mlp.space.network.width: 1 is listed twice"),
        ({}, "mlp.space: expected group of keys of length >= 1"),
    ],
)
def test_a_space_that_no_model_can_have_is_named(config, space, message):
    assert fault(searched(config, space)).startswith(f"search.{message}")


def test_a_search_is_of_a_model(config):
    space = {"network.width": [10, 20]}
    checked(searched(config, space))
    assert fault(searched(config, space, factor=1)).startswith("search.mlp.factor: ")
    other = searched(config, space)["search"]["mlp"]
    message = fault(config | {"search": {"cnn": other}})
    assert message.startswith("search: 'cnn' is not one of mlp, ")


def test_a_tuned_model_has_what_is_searched(config):
    config = searched(config, {"network.width": [10, 20]})
    config["models"]["xgboost"]["tuned"] = "xgboost"
    assert fault(config) == "models.xgboost.tuned: there is no search.xgboost"
    config["models"]["xgboost"]["tuned"] = "mlp"
    assert "search.mlp.space.network.width: the model has no such" in fault(config)
    config["models"]["xgboost"]["tuned"] = None
    config["models"]["mlp_higgs"]["tuned"] = "mlp"
    checked(config)


def test_a_public_data_set_of_the_run_needs_no_declaration(config):
    full = complete(config | {"run": {"datasets": ["higgs"], "models": ["mlp"]}})
    assert full["datasets"] == {"higgs": parsing.as_dict(public_sets.DECLARED["higgs"])}


def test_keys_are_laid_over_those_of_a_public_data_set(config):
    changes = {"files": "mine.csv", "test": None, "n_toy": 7}
    higgs = checked(config | {"datasets": {"higgs": changes}}).datasets["higgs"]
    public = public_sets.DECLARED["higgs"]
    assert (higgs.files, higgs.test, higgs.n_toy) == ("mine.csv", None, 7)
    same = set(public.__struct_fields__) - set(changes)
    assert all(getattr(higgs, n) == getattr(public, n) for n in same)


def test_a_data_set_with_a_name_of_its_own_has_every_key(config):
    declared = {
        "title": "Mine",
        "files": "a.csv",
        "label": {"column": "y", "signal": 1, "background": 0},
        "features": ["x"],
    }
    config["run"]["datasets"] = ["mine"]
    assert list(complete(config | {"datasets": {"mine": declared}})["datasets"]) == [
        "mine"
    ]
    del declared["features"]
    message = "datasets.mine.features: required key is missing"
    assert fault(config | {"datasets": {"mine": declared}}) == message
