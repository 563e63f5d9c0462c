"""Tests of analysis.observables: values, cuts, and bins of the spectrum."""

import fit_samples
import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.analysis import fit_inputs, observables, score_bins
from hepfold.core import logs, settings, settings_datasets

MASS = observables.Observable("mass", "m (GeV)", cut=fit_samples.CUT)


def test_the_score_is_that_of_all_events():
    scores = fit_samples.scores()
    events = observables.Observable().events(scores)
    np.testing.assert_array_equal(events.score, scores["score"])
    np.testing.assert_array_equal(events.weight, scores["weight"])


def test_a_spectrum_is_that_of_events_with_a_value_above_the_cut():
    scores = fit_samples.scores()
    lost = scores.with_columns(
        mass=pl.when(pl.col("event_id") == 3).then(np.nan).otherwise("mass")
    )
    scaled = observables.Observable("mass", scale=0.001, cut=0.6)
    events = scaled.events(lost)
    expected = lost.filter(pl.col("score") >= 0.6, pl.col("mass").is_not_nan())
    np.testing.assert_allclose(events.score, expected["mass"] / 1000)
    assert events.process.to_list() == expected["process"].to_list()


@pytest.mark.parametrize(
    ("spectrum", "cut", "message"),
    [
        (None, 0.5, "inference.observable is spectrum, but none is declared"),
        (settings_datasets.Spectrum("m", "m"), None, "no cut on the score could be"),
    ],
)
def test_a_spectrum_needs_a_declaration_and_a_cut(spectrum, cut, message):
    with pytest.raises(logs.InputError, match=message):
        observables.of_spectrum(spectrum, cut, "datasets.x.spectrum")


def tables() -> dict[str, pl.DataFrame]:
    analysis = fit_samples.analysis()
    return {
        "oof": fit_inputs.scaled(analysis, "train")[1],
        "test": fit_inputs.scaled(analysis, "test")[1],
    }


def test_bins_of_the_spectrum_have_enough_events_in_each_region():
    bins = observables.spectrum_bins(
        tables(), MASS, fit_samples.INFERENCE, process_samples.REGIONS
    )
    assert set(bins["channel"]) == set(process_samples.REGIONS)
    assert score_bins.are_enough(bins, fit_samples.INFERENCE).all()
    for _, of_region in bins.group_by("channel"):
        assert len(of_region) <= fit_samples.INFERENCE.n_bins
        assert (of_region["low"][1:] == of_region["high"][:-1]).all()


def test_a_region_that_fills_no_bin_is_left_out():
    inference = settings.Inference(n_bins=4, min_background=1e9)
    bins = observables.spectrum_bins(tables(), MASS, inference, ("SR", "CR"))
    assert bins.is_empty()
    few = settings.Inference(n_bins=4, min_background=5.0, max_uncertainty=0.5)
    bins = observables.spectrum_bins(tables(), MASS, few, ("SR", "nowhere"))
    assert set(bins["channel"]) == {"SR"}


def test_a_column_of_scores_is_not_read_again():
    scores = fit_samples.scores()
    assert observables.with_column(scores, "mass", []) is scores
