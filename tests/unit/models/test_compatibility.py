"""Tests of models.compatibility: errors name the model and the setting."""

import pytest
import yaml

from hepfold.core import configuration, logs
from hepfold.models import compatibility


@pytest.fixture
def config(repo) -> dict:
    return yaml.safe_load((repo / "config.yaml").read_text())


def fault(config: dict) -> str:
    with pytest.raises(logs.InputError) as error:
        compatibility.check(configuration.complete(config))
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
        ({"features": "blind"}, "features: blind: higgsml has no mass hypothesis"),
        ({"hypotheses": [500]}, "hypotheses: higgsml has no mass hypothesis"),
    ],
)
def test_masses_are_for_data_that_have_a_hypothesis(config, changes, message):
    config["models"]["mlp"] |= changes
    advice = "change the setting or the data set"
    assert fault(config) == f"models.mlp.{message}; {advice}"
    config["run"]["datasets"] = ["hepmass"]
    compatibility.check(configuration.complete(config))


def test_a_model_that_is_not_run_may_be_for_other_data(config):
    config["models"]["supertml"] |= {"features": "blind", "hypotheses": [500]}
    compatibility.check(configuration.complete(config))
