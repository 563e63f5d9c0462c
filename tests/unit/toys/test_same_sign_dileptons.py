"""Tests of toys.same_sign_dileptons: symmetry, selection, shifts, mass peaks, rates."""

import dataclasses

import numpy as np
import pytest

from hepfold.core import metrics
from hepfold.toys import same_sign_dileptons as toys

N_EVENTS = 20_000


def events_of(name, n_events=N_EVENTS, seed=3):
    return toys.generate(toys.PROCESSES[name], n_events, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def signal():
    return events_of("ttH")


def test_nothing_prefers_an_azimuth(signal):
    table = toys.measure(signal)
    exists = np.arange(10)[:, None] < table["n_jets"]
    for phi in (table["lep1_phi"], table["met_phi"], table["jet_phi"][exists]):
        # A random walk of unit steps; five standard deviations.
        assert abs(np.exp(1j * phi).sum()) < 5 * np.sqrt(2 * phi.size)


def test_measured_jets_come_first_by_falling_momentum(signal):
    table = toys.measure(signal)
    is_jet = np.arange(10)[:, None] < table["n_jets"]
    assert (table["jet_pt"][is_jet] > toys.JET_PT_MIN_GEV).all()
    assert (table["jet_pt"][~is_jet] <= toys.JET_PT_MIN_GEV).all()
    both = is_jet[1:]
    assert (np.diff(table["jet_pt"], axis=0)[both] <= 0).all()
    assert np.abs(table["jet_eta"][is_jet]).max() < toys.JET_ETA_MAX
    assert (table["lep1_pt"] >= table["lep2_pt"]).all()


def test_ht_and_n_bjets_are_those_of_the_jets(signal):
    table = toys.measure(signal)
    is_jet = np.arange(10)[:, None] < table["n_jets"]
    np.testing.assert_allclose(table["HT"], (table["jet_pt"] * is_jet).sum(axis=0))
    is_tagged = is_jet & (table["jet_btag"] > toys.TAG_CUT)
    np.testing.assert_array_equal(table["n_bjets"], is_tagged.sum(axis=0))


def test_energy_scale_moves_jets_and_balances_the_missing_momentum(signal):
    nominal, shifted = toys.measure(signal), toys.measure(signal, 1.0)
    assert (shifted["n_jets"] >= nominal["n_jets"]).all()
    assert 0.01 < (shifted["n_jets"] > nominal["n_jets"]).mean() < 0.2
    least = nominal["HT"] * (1 + toys.JES_SHIFT)
    assert (shifted["HT"] >= least * (1 - 1e-9)).all()
    np.testing.assert_array_equal(shifted["lep1_pt"], nominal["lep1_pt"])

    # All jets and the missing momentum together are what they were.
    def total(table, scale):
        jets = scale * signal.jet_pt * np.exp(1j * signal.jet_phi)
        return table["met_met"] * np.exp(1j * table["met_phi"]) + jets.sum(axis=0)

    scale = 1 + toys.JES_SHIFT + toys.JES_SHIFT_PER_ETA * np.abs(signal.jet_eta)
    np.testing.assert_allclose(total(shifted, scale), total(nominal, 1.0), atol=1e-9)


@pytest.mark.parametrize(("name", "mass"), [("ttH", 125.0), ("ttZ", 91.2)])
def test_pair_of_jets_has_the_mass_of_its_parent(name, mass):
    _, _, quarks = toys.hard_process(
        toys.PROCESSES[name], 1000, np.random.default_rng(1)
    )
    pair = quarks[2:].astype("f8")
    energy = np.sqrt((pair**2).sum(axis=1)).sum(axis=0)
    squared = energy**2 - (pair.sum(axis=0) ** 2).sum(axis=0)
    np.testing.assert_allclose(np.sqrt(squared), mass, rtol=1e-3)


def test_tags_keep_their_rates_at_the_cut():
    process = dataclasses.replace(
        toys.PROCESSES["ttW"], top_b_rate=1.0, pair_b_rate=0.0
    )
    tag = toys.tags(process, N_EVENTS, np.random.default_rng(2)) > toys.TAG_CUT
    assert tag[:2].mean() == pytest.approx(1 - 0.7**3.5, abs=0.015)
    assert tag[2:4].mean() == pytest.approx(0.3**2.5, abs=0.008)


def test_negative_weights_have_their_expected_rate():
    events = events_of("ttW")
    is_negative = events.sign < 0
    assert is_negative.mean() == pytest.approx(0.15, abs=0.015)
    # In each class of expectation, the mean sign is the expectation.
    for expected in np.unique(events.mean_sign):
        same = events.mean_sign == expected
        error = 5 / np.sqrt(same.sum())
        assert abs(events.sign[same].mean() - expected) < error
    assert (events_of("ttbar").sign == 1).all()


def test_weights_are_their_closed_form():
    table = {"mu": np.array([34.0, 44.0, 200.0]), "n_bjets": np.array([0, 2, 1])}
    weights = toys.weights(table)
    np.testing.assert_allclose(weights["weight_pileup"], [1, 1.2, 1.8])
    np.testing.assert_allclose(weights["weight_pileup_up"], [1, 1.28, 1.8])
    np.testing.assert_allclose(weights["weight_pileup_down"], [1, 1.12, 1.8])
    np.testing.assert_allclose(weights["weight_btag"], [1, 0.97**2, 0.97])


def test_selection_needs_jets_and_two_leptons():
    passing = {"n_jets": 2, "lep1_pt": 30.0, "lep2_pt": 16.0}
    passing |= {"lep1_eta": 2.4, "lep2_eta": -2.4}
    failing = {"n_jets": 1, "lep2_pt": 14.0, "lep1_eta": 2.6, "lep2_eta": -2.6}
    rows = [passing, *({**passing, name: value} for name, value in failing.items())]
    table = {name: np.array([row[name] for row in rows]) for name in passing}
    np.testing.assert_array_equal(toys.is_selected(table), [1, 0, 0, 0, 0])


@pytest.mark.slow
def test_no_single_variable_separates_the_classes():
    """Classes overlap: the best variable, the number of b jets, is a fair one."""
    tables = [toys.measure(events_of(name)) for name in toys.PROCESSES]
    label = np.repeat([1] + 4 * [0], N_EVENTS)
    for name in ("n_bjets", "HT", "n_jets", "lep2_pt", "met_met"):
        score = np.concatenate([table[name] for table in tables]).astype("f8")
        auc = metrics.auc(score, label, np.ones(label.size))
        low, high = (0.62, 0.8) if name == "n_bjets" else (0.4, 0.62)
        assert low < auc < high, (name, auc)
