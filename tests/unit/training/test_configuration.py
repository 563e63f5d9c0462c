"""Tests of training.configuration: wrong settings are named before anything runs."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from hepfold.core import logs
from hepfold.training import configuration

STUDIES = Path(__file__).parents[3] / "workflow/studies"


@pytest.fixture
def config(repo) -> dict:
    return copy.deepcopy(yaml.safe_load((repo / "config.yaml").read_text()))


@pytest.fixture
def schema(repo):
    return repo / "workflow/schemas/config.schema.yaml"


@pytest.fixture
def check(schema):
    return lambda config: configuration.first_fault(config, schema)


@pytest.fixture
def ready(schema):
    return lambda config: configuration.ready(config, schema)


def put(part: dict, path: str, value: object) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        part = part[parent]
    part[name] = value


def test_default_configuration_is_valid(config, check):
    assert check(config) is None


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.yaml")), ids=lambda p: p.stem)
@pytest.mark.parametrize("is_small", [False, True])
def test_every_study_is_valid_in_both_sizes(config, check, path, is_small, ready):
    for overlay in [path, STUDIES / "size_sample.yaml"][: 1 + is_small]:
        update_config(config, yaml.safe_load(overlay.read_text()))
    assert check(ready(config)) is None


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("n_fold", 3, "top level: .*'n_fold' was unexpected"),
        ("folds.n_fold", 3, "folds: .*'n_fold' was unexpected"),
        ("folds.n_folds", 1, "folds.n_folds: 1 is less than the minimum of 2"),
        ("folds.n_folds", 2.5, "folds.n_folds: 2.5 is not of type 'integer'"),
        ("folds.n_folds", "5", "folds.n_folds: '5' is not of type 'integer'"),
        ("folds.n_folds", 2.0, "folds.n_folds: 2.0 is not of type 'integer'"),
        ("folds.n_folds", 101, "folds.n_folds: 101 is greater than the maximum of 100"),
        ("ams.b_reg", float("nan"), "ams.b_reg: nan is not of type 'number'"),
        ("ams.b_reg", "1e-3", r"ams.b_reg: .* \(write 1.0e-3\)"),
        ("insight.n_repeats", 0, "insight.n_repeats: 0 is less than the minimum of 1"),
        ("insight.n_features", 0, "insight.n_features: 0 is less than the minimum"),
        ("insight.n_events", 99, "insight.n_events: 99 is less than the minimum"),
        ("seed", -1, "seed: -1 is less than the minimum of 0"),
        ("ams.b_reg", None, "ams.b_reg: None is not of type 'number'"),
        ("models.mlp.network.dropout", 1, "models.mlp.network.dropout: 1 is greater"),
        ("models.mlp.kind", "forest", "models.mlp.kind: "),
        (
            "run.datasets",
            ["higsml"],
            "run.datasets: 'higsml' is not one of higgsml, higgs",
        ),
        ("run.models", ["cnn"], "run.models: 'cnn' is not one of mlp"),
        ("run.models", [], "run.models: "),
        ("run.models", 3, "run.models: 3 is not of type 'array'"),
        ("models", 3, "models: 3 is not of type 'object'"),
        ("models.mlp", 3, "models.mlp: "),
        ("models.deep", {"like": ["mlp"]}, "models.deep.like: "),
        ("run.n_seeds", "two", "run.n_seeds: 'two' is not of type 'integer'"),
        ("training.most_epochs", "3", "training.most_epochs: '3' is not of type"),
        ("training", 3, "training: 3 is not of type 'object'"),
        ("datasets.higgsml.source", "a.csv#sum=1", "datasets.higgsml.source: "),
    ],
)
def test_a_wrong_setting_is_named(config, ready, path, value, message):
    put(config, path, value)
    with pytest.raises(logs.InputError, match=f"^configuration, {message}") as error:
        ready(config)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoding": "voronoi"}, "images.encoding: 'voronoi' is not one of"),
        ({"font_size": 0}, "images.font_size: 0 is less than the minimum of 7"),
        ({"encoding": "stripes", "size": 24}, "30 features are 30 rows .* than 24 "),
        (
            {"encoding": "text_equal", "size": 64, "font_size": 20},
            r"9 characters at font size 20 is .* 30 features in an image of 64 x 64",
        ),
    ],
)
def test_images_that_cannot_be_are_named_with_their_numbers(
    config, check, changes, message
):
    config["models"]["supertml"]["images"] |= changes
    fault = check(config)
    assert fault.startswith("configuration, models.supertml")
    assert re.search(message, fault) and "\n" not in fault


def test_a_missing_setting_is_named(config, check):
    del config["ams"]["b_reg"]
    assert "ams: 'b_reg' is a required property" in check(config)


@pytest.mark.parametrize("part", configuration.CHOICES)
@pytest.mark.parametrize("n_kinds", [0, 2])
def test_exactly_one_kind_is_chosen(config, check, part, n_kinds):
    model = config["models"]["mlp"]
    others = {
        "optimizer": {"sgd": {"momentum": 0.9, "weight_decay": 0.0}},
        "schedule": {"constant": {}},
        "average": {"exponential": {"decay": 0.9}},
    }
    (kind,) = model[part]
    model[part] |= others[part] if n_kinds else {kind: None}
    assert re.match(
        rf"configuration, models.mlp.{part}: exactly one kind must be set",
        check(config),
    )


def test_a_kind_that_is_null_is_switched_off(config, check):
    config["models"]["mlp"]["schedule"] = {"one_cycle": None, "constant": {}}
    assert check(config) is None


def test_a_model_like_another_has_its_settings_but_for_its_own(config, check, ready):
    config["models"]["deep"] = {"like": "narrow", "n_epochs": 3}
    config["models"]["narrow"] = {
        "like": "mlp",
        "network": {"width": 7},
        "optimizer": {"sgd": {"momentum": 0.5, "weight_decay": 0.0}},
    }
    found = ready(config)
    assert check(found) is None
    deep, mlp = found["models"]["deep"], config["models"]["mlp"]
    assert deep["network"] == mlp["network"] | {"width": 7}
    assert deep["optimizer"]["adamw"] is None
    same = set(mlp) - {"network", "optimizer", "n_epochs"}
    assert {name: deep[name] for name in same} == {name: mlp[name] for name in same}


@pytest.mark.parametrize("other", ["cnn", "deep", "deeper"])
def test_a_model_like_itself_or_none_is_refused(config, other, ready):
    config["models"] |= {"deep": {"like": other}, "deeper": {"like": "deep"}}
    with pytest.raises(logs.InputError, match=r"models.deep.*like: .* no other"):
        ready(config)


def test_each_seed_is_a_model_of_its_own(config, check, ready):
    config["run"] |= {"n_seeds": 3, "compared": ["xgboost"]}
    found = ready(config)
    assert check(found) is None
    assert found["run"]["models"] == ["mlp"]
    assert found["run"]["compared"] == [
        *("xgboost", "mlp_seed2", "xgboost_seed2", "mlp_seed3", "xgboost_seed3")
    ]
    names = ["mlp", *found["run"]["compared"]]
    assert [n for n in names if configuration.is_first_seed(n)] == ["mlp", "xgboost"]
    third = found["models"]["mlp_seed3"]
    assert third == config["models"]["mlp"] | {"seed": 2}


def test_epochs_are_limited(config, ready):
    config["training"]["most_epochs"] = 15
    config["models"]["mlp"]["network"]["pretrained_epochs"] = 30
    models = ready(config)["models"]
    assert models["mlp"]["n_epochs"] == 15 and models["supertml"]["n_epochs"] == 10
    assert models["mlp"]["network"]["pretrained_epochs"] == 15
    assert models["mlp_higgs"]["network"]["pretrained_epochs"] == 0


def test_what_is_expanded_stays(config, ready):
    config["run"]["n_seeds"] = 2
    config["models"]["deep"] = {"like": "mlp", "network": {"depth": 5}}
    once = ready(config)
    assert ready(once) == once


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("folds.n_trained", 9, "folds.n_trained: 9 is more than 5"),
        ("run.compared", ["mlp"], "run.compared: 'mlp' is in run.models too"),
        ("run.compared", ["cnn"], "run.compared: 'cnn' is not one of mlp"),
    ],
)
def test_what_cannot_be_run_is_named(config, check, path, value, message):
    put(config, path, value)
    assert check(config).startswith(f"configuration, {message}")


def test_a_study_is_of_models_of_the_run(config, check):
    row = {"label": "x", "dataset": "higgsml", "model": "xgboost"}
    texts = dict.fromkeys(("title", "asked", "done", "vary"), "x")
    config["study"] = texts | {"merits": ["oof.auc"], "rows": [row]}
    message = "configuration, study.rows: xgboost on higgsml is not in the run"
    assert check(config) == message
    config["run"]["compared"] = ["xgboost"]
    assert check(config) is None


def searched(config: dict, space: dict, **changes) -> dict:
    """The configuration with a search of the default model."""
    search = {"most_epochs": 10, "factor": 3, "merit": "auc", "space": space}
    search |= {"validation_fraction": 0.3, **changes}
    return config | {"search": {"mlp": search}}


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"network.wide": [1, 2]}, "mlp.space.network.wide: the model has no such"),
        ({"network.width": [0, 2]}, "mlp.space.network.width: 0 is less than the"),
        ({"network.width": [1.5, 2]}, "mlp.space.network.width: 1.5 is not of type"),
        ({"learning_rate": ["1e-3", 1]}, r"mlp.space.learning_rate: .*write 1.0e-3"),
        ({"n_epochs": [1, 2]}, "mlp.space.n_epochs: a search does not vary it"),
        (
            {"network.dropout": {"low": 0.5, "high": 1.5, "log": False}},
            "mlp.space.network.dropout: 1.5 is greater than or equal to the maximum",
        ),
        ({"network.width": [1]}, r"mlp.space.network.width: \[1\] is too short"),
        ({}, r"mlp.space: .* (non-empty|enough properties)"),
    ],
)
def test_a_space_that_no_model_can_have_is_named(config, check, space, message):
    fault = check(searched(config, space))
    assert re.match(f"configuration, search.{message}", fault), fault
    assert "\n" not in fault


def test_a_search_is_of_a_model_and_judged_by_some_events(config, check):
    space = {"network.width": [10, 20]}
    assert check(searched(config, space)) is None
    assert "search.mlp.factor: 1 is less" in check(searched(config, space, factor=1))
    fault = check(searched(config, space, validation_fraction=0))
    assert "search.mlp.validation_fraction: 0 is less" in fault
    other = searched(config, space)["search"]["mlp"]
    assert "search.cnn: there is no such model" in check(
        config | {"search": {"cnn": other}}
    )


def test_a_tuned_model_has_what_is_searched(config, check):
    config = searched(config, {"network.width": [10, 20]})
    config["models"]["xgboost"]["tuned"] = "xgboost"
    message = "configuration, models.xgboost.tuned: there is no search.xgboost"
    assert check(config) == message
    config["models"]["xgboost"]["tuned"] = "mlp"
    assert "search.mlp.space.network.width: the model has no such" in check(config)
    config["models"]["xgboost"]["tuned"] = None
    config["models"]["mlp_higgs"]["tuned"] = "mlp"
    assert check(config) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": "blind"}, "features: blind: higgsml has no mass hypothesis"),
        ({"hypotheses": [500]}, "hypotheses: higgsml has no mass hypothesis"),
        ({"hypotheses": []}, r"hypotheses: \[\] (is too short|should be non-empty)"),
        ({"hypotheses": [500.5]}, "hypotheses.0: 500.5 is not of type 'integer'"),
    ],
)
def test_masses_are_for_data_that_have_a_hypothesis(config, check, changes, message):
    config["models"]["mlp"] |= changes
    assert re.match(rf"configuration, models\.mlp\.{message}", check(config))
    config["run"]["datasets"] = ["hepmass"]
    is_fine = changes.get("hypotheses") not in ([], [500.5])
    assert (check(config) is None) == is_fine


def test_a_model_that_is_not_run_may_be_for_other_data(config, check):
    config["models"]["supertml"] |= {"features": "blind", "hypotheses": [500]}
    assert check(config) is None
