"""Tests of core.settings_models: the class of each kind of model is complete."""

import typing

import pytest

from hepfold.core import settings_models
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
