"""Tests of analysis.blinding: which bins are closed, and counts in the open ones."""

import fit_samples
import numpy as np
import polars as pl
import pytest

from hepfold.analysis import blinding, observables

BINS = pl.DataFrame(
    {
        "channel": ["SR", "SR", "SR", "CR"],
        "low": [0.0, 0.4, 0.7, 0.0],
        "high": [0.4, 0.7, 1.0, 1.0],
        "signal": [1.0, 2.0, 5.0, 3.0],
        "background": [100.0, 40.0, 10.0, 100.0],
    }
)
SCORE = observables.Observable()
MASS = observables.Observable("mass", cut=0.6)


@pytest.mark.parametrize(
    ("cut", "closed"),
    [
        (0.7, [False, False, True, True]),
        (0.5, [False, True, True, True]),
        (0.0, [True] * 4),
        (None, [True] * 4),
    ],
)
def test_bins_with_a_part_above_the_cut_are_closed(cut, closed):
    assert blinding.is_closed(BINS, SCORE, cut, None).tolist() == closed


def test_a_limit_on_signal_over_background_replaces_the_cut():
    for observable in (SCORE, MASS):
        closed = blinding.is_closed(BINS, observable, 0.5, 0.04)
        assert closed.tolist() == [False, True, True, False]


def test_the_spectrum_above_the_cut_is_closed():
    assert blinding.is_closed(BINS, MASS, 0.5, None).all()


def test_counts_are_those_of_open_bins():
    recorded = fit_samples.recorded()
    closed = np.array([False, True, False, False])
    counts = blinding.counts(recorded, BINS, SCORE, closed)
    in_region = recorded.filter(region="SR")["score"].to_numpy()
    assert counts[0] == (in_region < 0.4).sum()
    assert counts[1] is None
    assert counts[2] == (in_region >= 0.7).sum()
    assert counts[3] == len(recorded.filter(region="CR"))


def test_a_spectrum_counts_events_above_the_cut_and_beyond_its_range():
    recorded = fit_samples.recorded()
    bins = BINS.with_columns(low=pl.Series([100.0, 120.0, 150.0, 100.0]))
    counts = blinding.counts(recorded, bins, MASS, np.zeros(4, bool))
    passed = recorded.filter(pl.col("score") >= 0.6)
    mass = passed.filter(region="SR")["mass"].to_numpy()
    edges = [-np.inf, 120, 150, np.inf]
    assert counts[:3] == np.histogram(mass, edges)[0].tolist()
    assert counts[3] == len(passed.filter(region="CR"))
