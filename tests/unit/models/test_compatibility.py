"""Tests of models.compatibility: errors name the model and the setting."""

import public_sets
import pytest
import yaml
from snakemake.utils import update_config

from hepfold.core import configuration, logs, settings
from hepfold.models import compatibility


@pytest.fixture
def config(repo) -> dict:
    return yaml.safe_load((repo / "config.yaml").read_text())


def complete(config: dict) -> settings.Configuration:
    return configuration.complete(config, public_sets.VALUES)


def fault(config: dict) -> str:
    with pytest.raises(logs.InputError) as error:
        compatibility.check(complete(config))
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoding": "stripes", "size": 24}, "30 features are 30 rows"),
        (
            {"encoding": "text_equal", "size": 64, "font_size": 20},
            "9 characters at font size 20 needs ",
        ),
    ],
)
def test_images_that_do_not_fit_are_named_with_their_numbers(config, changes, message):
    config["models"]["supertml"]["images"] = changes
    error = fault(config)
    assert error.startswith("models.supertml on higgsml: images") and message in error


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"features": "blind"},
            "features: higgsml has no feature set 'blind'; it has all, high_level, "
            "low_level",
        ),
        (
            {"hypotheses": [500]},
            "hypotheses: higgsml has no mass hypothesis; change the setting or the "
            "data set",
        ),
    ],
)
def test_a_data_set_has_the_features_and_masses_of_a_model(config, changes, message):
    config["models"]["mlp"] |= changes
    assert fault(config) == f"models.mlp.{message}"
    config["run"]["datasets"] = ["hepmass"]
    compatibility.check(complete(config))


def test_a_model_that_is_not_run_may_be_for_other_data(config):
    config["models"]["supertml"] |= {"features": "blind", "hypotheses": [500]}
    compatibility.check(complete(config))


@pytest.mark.parametrize("path", ["network.width", "decorrelation"])
@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_a_decorrelated_model_needs_a_spectrum(config, strength, path):
    config["models"]["mlp"] |= {"decorrelation": strength, "tuned": "mlp"}
    values = {"max_epochs": 3, "factor": 3, "merit": "auc", "validation_fraction": 0.3}
    config["search"] = {"mlp": values | {"space": {path: [1, 2]}}}
    compatibility.check(complete(config))
    config["datasets"] = {"higgsml": {"spectrum": None}}
    full = complete(config)
    if strength or path == "decorrelation":
        assert compatibility.wants_spectrum("mlp", full)
        assert fault(config) == (
            "models.mlp.decorrelation: higgsml declares no spectrum; declare "
            "datasets.higgsml.spectrum or set it to 0"
        )
    else:
        assert not compatibility.wants_spectrum("mlp", full)
        compatibility.check(full)


PROCESSES = {
    name: {"files": f"{name}.root", "label": label}
    for name, label in (
        ("ttH", "signal"),
        ("ttbar", "background"),
        ("ttW", "background"),
    )
}


def with_processes(config: dict, **changes) -> dict:
    """A run of a data set with three processes, and a model with changes."""
    declared = {"title": "ttH", "features": ["x", "y"], "processes": PROCESSES}
    config["run"] = {"datasets": ["tth"], "models": ["mlp"]}
    config["datasets"] = {"tth": declared}
    config["models"]["mlp"] |= {"symmetry": {"use": "none"}} | changes
    return config


@pytest.mark.parametrize(
    "classes", ["processes", {"signal": ["ttH"], "rest": ["ttW", "ttbar"]}]
)
def test_processes_and_groups_of_them_are_classes(config, classes):
    compatibility.check(complete(with_processes(config, classes=classes)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"classes": {"signal": ["ttH"], "rest": ["ttbar"]}},
            "classes on tth: process 'ttW' is in 0 classes; put it into one",
        ),
        (
            {"classes": "processes", "class_fractions": {"ttH": 1.0, "ttbar": 1.0}},
            "class_fractions on tth: give a number for each of ttH, ttbar, ttW",
        ),
        (
            {"class_fractions": {"ttH": 1.0}},
            "class_fractions: the model has no classes; set it to null",
        ),
    ],
)
def test_groups_that_are_no_classes_are_rejected(config, changes, message):
    assert fault(with_processes(config, **changes)) == f"models.mlp.{message}"


def test_a_kept_column_is_not_that_of_a_class(config):
    config = with_processes(config, classes="processes")
    config["datasets"]["tth"]["keep"] = ["probability_ttW"]
    assert fault(config) == (
        "datasets.tth.keep: tables of scores have a column 'probability_ttW' of the "
        "model mlp; use another name"
    )


def test_a_data_set_without_processes_has_no_classes(config):
    config["models"]["mlp"]["classes"] = "processes"
    assert fault(config) == (
        "models.mlp.classes: higgsml declares no processes, only signal and "
        "background; declare processes or set classes to null"
    )


def test_classes_by_weight_need_weights(config):
    config["models"]["mlp"]["weight_classes"] = {"background": [0.5]}
    compatibility.check(complete(config))
    config["run"]["datasets"] = ["higgs"]
    assert fault(config) == (
        "models.mlp.weight_classes: events of higgs have no weight; declare "
        "datasets.higgs.weight, or set weight_classes to null"
    )


def test_fractions_name_classes_by_weight(config):
    config["models"]["mlp"] |= {
        "weight_classes": {"background": [0.5]},
        "class_fractions": {"signal_1": 1.0},
    }
    assert fault(config) == (
        "models.mlp.class_fractions on higgsml: give a number for each of "
        "background_1, background_2, signal_1"
    )


def test_the_models_of_the_tutorial_have_classes(config, repo):
    for name in ("tth_toy", "tth_classes"):
        path = repo / f"workflow/analyses/{name}.yaml"
        update_config(config, yaml.safe_load(path.read_text()))
    full = complete(config)
    compatibility.check(full)
    models = [full.models[name] for name in full.run.models]
    assert sum(model.classes is not None for model in models) == 3
    full.models["mlp_groups"].classes["other"] = ()
    with pytest.raises(logs.InputError, match="process 'other' is in 0 classes"):
        compatibility.check(full)


def test_a_transformer_needs_bodies_before_any_job(config):
    config["run"]["models"] = ["transformer"]
    compatibility.check(complete(config))
    config["models"]["transformer"]["features"] = "high_level"
    assert fault(config).startswith("models.transformer: kind: transformer needs two")
    assert "higgsml has 0" in fault(config)
