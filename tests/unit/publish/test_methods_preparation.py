"""Tests of publish.methods_preparation: features and symmetries as models use them."""

import msgspec
import public_sets
import pytest

from hepfold.core import settings_layers, settings_models, settings_training
from hepfold.data import datasets
from hepfold.publish import methods_preparation

HIGGSML, HEPMASS = (public_sets.DATASETS[name] for name in ("higgsml", "hepmass"))


def text(model: settings_models.BaseModel, roles: datasets.Dataset = HIGGSML) -> str:
    return " ".join(filter(None, methods_preparation.sentences(model, roles)))


def mlp(**changes) -> settings_models.MLP:
    return settings_models.MLP(preparation=settings_training.Preparation(**changes))


@pytest.mark.parametrize("scaling", methods_preparation.SCALINGS)
def test_each_scaling_has_a_sentence(scaling):
    assert methods_preparation.SCALINGS[scaling] in text(mlp(scaling=scaling))


def test_features_of_pairs_and_systems_are_named_where_they_are_added():
    assert "of all pairs of bodies" in text(mlp())
    assert "pairs" not in text(mlp(pairs=False))
    assert "all systems of three to 4 bodies" in text(mlp(systems=4))
    assert "systems" not in text(mlp())


def test_without_bodies_nothing_turns_and_nothing_is_added():
    bodiless = msgspec.structs.replace(public_sets.DECLARED["higgsml"], bodies={})
    described = text(mlp(systems=4), datasets.Dataset.of(bodiless))
    assert described == f"{methods_preparation.SCALINGS['standard']}."


def test_momenta_that_may_be_negative_have_no_masses():
    assert not HEPMASS.momenta_are_positive
    assert "masses" not in text(mlp(systems=4), HEPMASS)
    assert "cosine and sine" in text(mlp(), HEPMASS)


def test_symmetries_are_those_of_the_model():
    turned = settings_models.MLP(symmetry=settings_layers.Symmetry(n_views=8))
    assert "means over 8 views" in text(turned)
    none = settings_models.MLP(symmetry=settings_layers.Symmetry(use="none"))
    assert "rotated" not in text(none)
    assert "common orientation" in text(settings_models.XGBoost())


def test_transformers_are_reflected_but_not_rotated():
    described = text(settings_models.Transformer())
    assert "reflected along the beam at random" in described
    assert "were rotated" not in described and "Cartesian" not in described
