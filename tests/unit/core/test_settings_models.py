"""Tests of core.settings_models: the class of each kind of model is complete."""

import typing

import pytest

from hepfold.core import settings_models
from hepfold.models import zoo

KINDS = typing.get_args(settings_models.Model)
DONE = {name for name in vars(zoo.Model) if name[0] != "_"}


@pytest.mark.parametrize("settings", KINDS)
def test_each_kind_has_a_class_that_does_what_models_do(settings):
    kind = zoo.model_class(settings())
    assert set(dir(kind)) >= DONE
    assert settings().module() == kind.__module__


def test_kinds_have_different_names():
    names = [settings().kind for settings in KINDS]
    assert len(set(names)) == len(names)
