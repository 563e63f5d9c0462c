"""Tests of toys.lepton_plus_jets: symmetry, selection and masses."""

from itertools import combinations

import numpy as np
import pytest

from hepfold.toys import four_vectors, lepton_plus_jets

N_EVENTS = 8_000


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def measured(rng):
    return lepton_plus_jets.measure(lepton_plus_jets.background(N_EVENTS, rng), rng)


def rotated(vectors, angle):
    """Momenta (..., 2 or 3, n_events) rotated about the beam."""
    turned = vectors.copy()
    x, y = vectors[..., 0, :], vectors[..., 1, :]
    turned[..., 0, :] = np.cos(angle) * x - np.sin(angle) * y
    turned[..., 1, :] = np.sin(angle) * x + np.cos(angle) * y
    return turned


def test_partons_have_their_masses(rng):
    """In single precision, far from rest."""
    pair_mass = np.full(N_EVENTS, 600, np.float32)
    partons = lepton_plus_jets.top_pair(pair_mass, rng)
    for name, mass in {"w_a": 80.4, "w_b": 80.4, "b_a": 0, "b_b": 0}.items():
        reconstructed = four_vectors.mass_of(getattr(partons, name).astype("f8"))
        assert np.mean(np.abs(reconstructed - mass) < 1) > 0.98, name
    total = sum(four.astype("f8") for four in partons)
    np.testing.assert_allclose(four_vectors.mass_of(total), 600, rtol=1e-3)


def test_resonances_go_any_way_round_and_both_ways_along_the_beam(rng):
    vector = lepton_plus_jets.resonance(425.0, N_EVENTS, rng)
    np.testing.assert_allclose(four_vectors.mass_of(vector), 425, rtol=1e-4)
    mean = vector[1:].mean(axis=1)
    assert np.all(np.abs(mean) < 5 * vector[1:].std(axis=1) / np.sqrt(N_EVENTS))


def test_most_events_are_selected(measured):
    """A low efficiency would make the generator slow."""
    assert 0.3 < measured.met.shape[1] / N_EVENTS < 0.9


def test_selected_events_pass_the_cuts(measured):
    momenta = np.concatenate([measured.lepton[None], measured.jets])
    pt, eta, phi = lepton_plus_jets.cylindrical(momenta)
    assert pt.min() > 15 and np.abs(eta[0]).max() < 2.5 and np.abs(eta).max() < 3
    for a, b in combinations(range(5), 2):
        delta_phi = np.angle(np.exp(1j * (phi[a] - phi[b])))
        # Delta R is a little more where eta makes it up.
        assert np.hypot(eta[a] - eta[b], delta_phi).min() > 0.39


def test_rotation_about_the_beam_keeps_masses(measured):
    turned = measured._replace(
        lepton=rotated(measured.lepton, 1.234),
        jets=rotated(measured.jets, 1.234),
        met=rotated(measured.met, 1.234),
    )
    masses, after = (
        lepton_plus_jets.masses(m, np.random.default_rng(2)) for m in (measured, turned)
    )
    for name, values in masses.items():
        np.testing.assert_allclose(after[name], values, rtol=1e-3, err_msg=name)


def test_masses_grow_with_what_they_hold(measured, rng):
    masses = lepton_plus_jets.masses(measured, rng)
    for small, large in [
        ("m_jj", "m_jjj"),
        ("m_lv", "m_jlv"),
        ("m_bb", "m_wbb"),
        ("m_jjj", "m_wwbb"),
        ("m_jlv", "m_wwbb"),
        ("m_wbb", "m_wwbb"),
    ]:
        assert np.all(masses[small] <= masses[large] * (1 + 1e-9)), (small, large)


def test_jets_fall_and_keep_their_tags(measured, rng):
    table = lepton_plus_jets.features(measured, rng)
    pt = np.array([table[f"jet_{i}_pt"] for i in range(1, 5)])
    assert np.all(np.diff(pt, axis=0) <= 0)
    tag = np.array([table[f"jet_{i}_b_tag"] for i in range(1, 5)])
    assert np.array_equal(tag.sum(axis=0), measured.tag.sum(axis=0))
    hardest_is_first_b = pt[0] == np.hypot(*measured.jets[0, :2])
    assert np.array_equal(
        tag[0][hardest_is_first_b], measured.tag[0][hardest_is_first_b]
    )


def test_some_jets_are_replaced(rng):
    jets = rng.normal(0, 60, (4, 3, N_EVENTS)).astype("f4")
    before = jets.copy()
    after = lepton_plus_jets.misidentified(jets, rng)
    assert np.array_equal(jets, before)
    # A soft b quark is lost or a b and a quark jet change places.
    same_b = (after[:2] == jets[:2]).all(axis=(0, 1)).mean()
    kept = 1 - lepton_plus_jets.LOST_RATE / 2
    assert same_b == pytest.approx(
        kept * (1 - lepton_plus_jets.CONFUSED_RATE), abs=0.03
    )
    assert np.all(np.isfinite(after))
