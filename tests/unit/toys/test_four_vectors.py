"""Tests of toys.four_vectors: decays conserve mass and momentum; the W mass holds."""

import numpy as np
import pytest

from hepfold.toys import four_vectors

N_EVENTS = 500


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def moving(mass, rng):
    """Particles of a mass with random momenta."""
    momentum = rng.normal(0, 200, (3, N_EVENTS))
    energy = np.sqrt(mass**2 + (momentum**2).sum(axis=0))
    return np.vstack([energy, momentum])


def directions(rng):
    axis = rng.normal(size=(3, N_EVENTS))
    return axis / np.sqrt((axis**2).sum(axis=0))


@pytest.mark.parametrize("masses", [(0, 0), (80.4, 0), (0, 80.4), (173, 173)])
def test_bodies_have_their_masses_and_add_up_to_their_parent(rng, masses):
    parent = moving(425.0, rng)
    bodies = four_vectors.two_body_decay(parent, 425.0, masses, directions(rng))
    np.testing.assert_allclose(sum(bodies), parent)
    for body, mass in zip(bodies, masses, strict=True):
        np.testing.assert_allclose(four_vectors.mass_of(body), mass, atol=1e-3)


def test_a_parent_at_rest_sends_the_first_body_along_the_axis(rng):
    parent = np.zeros((4, N_EVENTS))
    parent[0] = 10.0
    axis = directions(rng)
    first, second = four_vectors.two_body_decay(parent, 10.0, (0, 0), axis)
    np.testing.assert_allclose(first, np.vstack([np.full(N_EVENTS, 5.0), 5 * axis]))
    np.testing.assert_allclose(second[1:], -first[1:])


def test_a_mass_for_each_event_is_one_for_each_event(rng):
    mass = rng.uniform(400, 900, N_EVENTS)
    parent, axis = moving(mass, rng), directions(rng)
    together = four_vectors.two_body_decay(parent, mass, (173, 173), axis)
    for i in range(5):
        one = four_vectors.two_body_decay(
            parent[:, [i]], mass[i], (173, 173), axis[:, [i]]
        )
        np.testing.assert_allclose(one[0][:, 0], together[0][:, i])


def lepton_and_neutrino(rng, w_mass=80.4):
    w = moving(w_mass, rng)
    return four_vectors.two_body_decay(w, w_mass, (0.0, 0.0), directions(rng))


def with_pz(met, pz):
    energy = np.sqrt(met[0] ** 2 + met[1] ** 2 + pz**2)
    return np.vstack([energy, met, pz])


def test_neutrino_gives_the_mass_of_the_w_where_it_can(rng):
    lepton, neutrino = lepton_and_neutrino(rng)
    pz = four_vectors.neutrino_pz(lepton, neutrino[1:3], 80.4)
    mass = four_vectors.mass_of(lepton + with_pz(neutrino[1:3], pz))
    np.testing.assert_allclose(mass, 80.4, rtol=1e-3)
    # It is one of two solutions, and the smaller one.
    is_true = np.isclose(pz, neutrino[3], rtol=1e-3, atol=0.1)
    assert 0.3 < is_true.mean() < 0.9
    assert np.all(np.abs(pz) <= np.abs(neutrino[3]) * (1 + 1e-3) + 0.1)


def test_else_it_gives_the_transverse_mass(rng):
    lepton, neutrino = lepton_and_neutrino(rng)
    met = neutrino[1:3] * 50
    pt, size = np.hypot(*lepton[1:3]), np.hypot(*met)
    squared = 2 * (pt * size - (lepton[1:3] * met).sum(axis=0))
    above = squared > 80.4**2
    pz = four_vectors.neutrino_pz(lepton, met, 80.4)
    mass = four_vectors.mass_of(lepton + with_pz(met, pz))
    assert above.mean() > 0.5
    np.testing.assert_allclose(mass[above], np.sqrt(squared[above]), rtol=1e-3)


def test_mass_of_rounded_light_is_zero():
    assert four_vectors.mass_of(np.array([[1.0], [1.0], [1e-9], [0]])).tolist() == [0]
