"""Tests of core.settings_models: the class of each kind of model is complete."""

import typing

import pytest

from hepfold.core import logs, parsing, settings_models
from hepfold.models import zoo

KINDS = typing.get_args(settings_models.Model)


@pytest.mark.parametrize("settings", KINDS)
def test_each_kind_has_a_class_that_does_what_models_do(settings):
    """Blends are not trained."""
    kind = zoo.model_class(settings)
    is_trained = issubclass(settings, settings_models.BaseModel)
    methods = vars(zoo.Scorer).keys() | (vars(zoo.Model) if is_trained else set())
    assert set(dir(kind)) >= {name for name in methods if name[0] != "_"}
    assert settings.module() == kind.__module__
    assert is_trained == (settings is not settings_models.Blend)


def test_kinds_have_different_names():
    names = [settings.__struct_config__.tag for settings in KINDS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("fraction", [0.0, 0.2])
def test_an_average_that_starts_by_itself_needs_validation_events(fraction):
    model = {"kind": "mlp", "average": {"kind": "self_starting"}}
    model["validation_fraction"] = fraction
    if fraction:
        assert parsing.parse(model, settings_models.Model).average.n_averages == 2
        return
    with pytest.raises(logs.InputError, match="average: self_starting compares means"):
        parsing.parse(model, settings_models.Model, "models.mlp")


@pytest.mark.parametrize("kind", ["mlp", "xgboost", "supertml"])
def test_weights_by_loss_need_validation_events(kind):
    model = {"kind": kind, "member_weights": "inverse_loss", "validation_fraction": 0.0}
    with pytest.raises(logs.InputError, match="member_weights: inverse_loss weights"):
        parsing.parse(model, settings_models.Model, "models.one")
    parsing.parse(model | {"validation_fraction": 0.1}, settings_models.Model)
