"""Tests of analysis.uncertainties: parts add up; few events are asymmetric."""

import numpy as np
import pytest

from hepfold.analysis import score_tables, uncertainties

RNG = np.random.default_rng(1)
REPLICAS = {"ams": np.append(3.0, RNG.normal(3.0, 0.3, 4000))}


def record(training=None, of_cut=None) -> dict:
    return uncertainties.with_parts(REPLICAS, training or {}, of_cut or {})


def test_parts_add_in_quadrature():
    merits = record({"ams": 0.4**2}, {"ams": 1.2**2})
    assert merits["ams_unc"] == pytest.approx(0.3, rel=0.05)
    assert merits["ams_unc_training"] == pytest.approx(0.4)
    assert merits["ams_unc_cut"] == pytest.approx(1.2)
    assert merits["ams_unc_total"] == pytest.approx(1.3, rel=0.01)


def test_unknown_parts_are_null_and_do_not_count():
    merits = record()
    assert merits["ams_unc_training"] is None and merits["ams_unc_cut"] is None
    assert merits["ams_unc_total"] == merits["ams_unc"]


def test_no_total_without_the_part_of_the_events():
    merits = uncertainties.with_parts({"auc": np.array([1.0, np.inf])}, {"auc": 1}, {})
    assert merits["auc_unc"] is None and merits["auc_unc_total"] is None


def test_only_figures_with_a_cut_have_its_part():
    merits = uncertainties.with_parts({"auc": np.array([0.5, 0.4, 0.6])}, {}, {})
    assert "auc_unc_cut" not in merits


def test_effective_number_of_equal_weights_is_their_number():
    label, score = np.array([0] * 30 + [1] * 5), np.ones(35)
    weight = np.where(label == 0, 2.5, 100.0)
    events = score_tables.ScoredEvents(score, label, weight)
    assert uncertainties.effective_number(events, 0.5) == pytest.approx(30)
    assert uncertainties.effective_number(events, 1.5) == 0


def test_effective_number_of_spread_weights_is_smaller():
    """Weights of 1 and 3 in equal numbers: (4 n)^2 / 10 n."""
    weight, label = np.array([1.0, 3.0] * 50), np.zeros(100, int)
    events = score_tables.ScoredEvents(np.ones(100), label, weight)
    assert uncertainties.effective_number(events, 0.5) == pytest.approx(80)


def test_an_interval_of_many_events_is_symmetric():
    ends = uncertainties.interval(record(), "ams", REPLICAS["ams"], 50.0)
    assert ends == {"ams_n_eff": 50.0, "ams_unc_low": None, "ams_unc_high": None}


def test_an_interval_of_few_events_has_the_percentiles_of_the_replicas():
    """For an exponential above a value of one: 0.173 and 1.841 after it."""
    values = np.append(1.0, 1 + RNG.exponential(1, 100_000) - 0.5)
    merits = uncertainties.with_parts({"ams": values}, {}, {})
    ends = uncertainties.interval(merits, "ams", values, 49.0)
    assert ends["ams_unc_low"] == pytest.approx(0.5 - 0.1727, abs=0.01)
    assert ends["ams_unc_high"] == pytest.approx(1.8404 - 0.5, abs=0.02)


def test_an_interval_of_few_events_holds_the_other_parts():
    merits = record({"ams": 0.4**2}, {"ams": 0.0})
    ends = uncertainties.interval(merits, "ams", REPLICAS["ams"], 10.0)
    assert ends["ams_unc_low"] == pytest.approx(0.5, rel=0.05)
    assert ends["ams_unc_high"] == pytest.approx(0.5, rel=0.05)
