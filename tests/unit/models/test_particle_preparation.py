"""Tests of models.particle_preparation: invariance, and where features are."""

import dataclasses

import numpy as np
import particles
import pytest
import torch

from hepfold.core import logs, settings_training
from hepfold.models import particle_preparation

SETTINGS = settings_training.ParticlePreparation()


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    return particles.inputs(400)


def fitted(inputs, schema=None, settings=SETTINGS):
    schema = schema or particles.schema()
    preparation = particle_preparation.ParticlePreparation(schema, settings)
    preparation.fit(inputs)
    return preparation


@pytest.fixture(scope="module")
def preparation(inputs):
    return fitted(inputs)


def prepared(preparation, inputs) -> torch.Tensor:
    return preparation(torch.from_numpy(inputs.astype("f4")))


def test_each_column_belongs_to_a_body_a_pair_or_the_event(preparation, inputs):
    layout = preparation.layout
    of_bodies = [i for body in layout.bodies for i in (*body.columns, body.missing)]
    of_pairs = [i for pair in layout.pairs for i in pair]
    columns = sorted([*of_bodies, *of_pairs, *layout.event])
    assert columns == list(range(prepared(preparation, inputs).shape[1] - 1))
    assert len(layout.pairs) == 10
    assert [len(body.columns) for body in layout.bodies] == [2, 1, 3, 3, 3]


def test_masses_of_pairs_are_those_of_their_momenta(preparation, inputs):
    pt, eta, phi = inputs[:, [5, 9]].T, inputs[:, [6, 10]].T, inputs[:, [7, 11]].T
    cosh, cos = np.cosh(eta[0] - eta[1]), np.cos(phi[0] - phi[1])
    mass = np.sqrt(2 * pt[0] * pt[1] * (cosh - cos))
    # The jets are bodies 2 and 3, the eighth of the ten pairs.
    column = preparation.layout.pairs[7][0]
    out = prepared(preparation, inputs)[:, column].double()
    log = out * preparation.unit[column] + preparation.origin[column]
    np.testing.assert_allclose(log, np.log(mass), atol=1e-4)


def test_pair_features_of_back_to_back_bodies():
    """Equal momenta: half the sum each, and kt is their momentum times pi."""
    values = particles.inputs(50)
    values[:, JET_PT := [5, 9]] = 30
    values[:, [6, 10]] = 0.7
    values[:, 7], values[:, 11] = 0.5, 0.5 - np.pi
    preparation = fitted(particles.inputs(50))
    features = preparation.of_pairs(torch.from_numpy(values).double())
    pair = features.unflatten(1, (10, -1))[0, 7].exp()
    expected = [60, np.pi, 30 * np.pi, 0.5, np.exp(-1)]
    torch.testing.assert_close(pair, torch.tensor(expected).double())
    assert len(JET_PT) == 2


@pytest.mark.parametrize("angle", [1.0, 3.0, -2.5])
def test_nothing_changes_in_rotations_and_reflections_in_azimuth(
    preparation, inputs, angle
):
    turned = inputs.copy()
    turned[:, particles.PHI] = angle - turned[:, particles.PHI]
    before, after = prepared(preparation, inputs), prepared(preparation, turned)
    torch.testing.assert_close(before, after, atol=1e-3, rtol=1e-3)


def test_pseudorapidities_alone_change_along_the_beam(preparation, inputs):
    mirrored = inputs.copy()
    mirrored[:, particles.ETA] *= -1
    before, after = prepared(preparation, inputs), prepared(preparation, mirrored)
    odd = preparation.columns.odd
    torch.testing.assert_close(after[:, odd], -before[:, odd])
    after[:, odd] *= -1
    torch.testing.assert_close(before, after)


def test_missing_bodies_are_flagged_and_zero(preparation, inputs):
    out = prepared(preparation, inputs)
    body = preparation.layout.bodies[4]
    missing = np.isnan(inputs[:, 13])
    assert out[:, body.missing].tolist() == missing.tolist()
    assert (out[missing][:, body.columns] == 0).all()
    assert out.isfinite().all()


def test_bodies_of_one_kind_have_one_scale(preparation):
    jets = preparation.layout.bodies[2:]
    for columns in zip(*(jet.scalars for jet in jets), strict=True):
        assert len(set(preparation.origin[list(columns)].tolist())) == 1
        assert len(set(preparation.unit[list(columns)].tolist())) == 1
    odd = preparation.odd_scale[1:]
    assert len(set(odd.tolist())) == 1 and odd[0] != preparation.odd_scale[0]


def test_the_common_scale_is_that_of_all_values(inputs, preparation):
    complete = inputs[~np.isnan(inputs).any(axis=1)]
    logarithms = np.log(complete[:, [5, 9, 13]])
    column = fitted(complete).layout.bodies[2].scalars[0]
    complete = fitted(complete)
    np.testing.assert_allclose(complete.origin[column], logarithms.mean(), rtol=1e-5)
    np.testing.assert_allclose(complete.unit[column], logarithms.std(), rtol=1e-5)


def test_momenta_that_may_be_negative_give_angles_only(inputs):
    schema = dataclasses.replace(particles.schema(), momenta_are_positive=False)
    values = inputs.copy()
    values[:, 0] -= 100
    preparation = fitted(values, schema)
    assert {len(pair) for pair in preparation.layout.pairs} == {2}
    assert prepared(preparation, values).isfinite().all()


def test_systems_are_features_of_the_event(inputs, preparation):
    more = fitted(inputs, settings=settings_training.ParticlePreparation(systems=3))
    n_systems = 10
    expected = len(preparation.layout.event) + 2 * n_systems
    assert len(more.layout.event) == expected
    assert more.layout.pairs == preparation.layout.pairs


def test_one_body_is_too_few():
    schema = dataclasses.replace(particles.schema(), bodies=((0, 1, 2),))
    with pytest.raises(logs.InputError, match="two or more bodies"):
        particle_preparation.ParticlePreparation(schema, SETTINGS)
