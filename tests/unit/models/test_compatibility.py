"""Tests of models.compatibility: errors name the model and the setting."""

import public_sets
import pytest
import yaml

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
