"""Tests of analysis.learning_curve_fits: coverage, and what is not extrapolated."""

from dataclasses import replace

import curve_samples
import numpy as np
import pytest

from hepfold.analysis import learning_curve_fits

FACTOR = 10.0


@pytest.mark.slow
def test_a_precise_curve_is_extrapolated_to_the_truth():
    curve = curve_samples.curve(events=1e-5, training=1e-5)
    record, law = learning_curve_fits.fit(curve, FACTOR)
    assert record["reason"] == ""
    assert record["extrapolated"]["n_training_events"] == pytest.approx(1e5)
    truth = curve_samples.truth(FACTOR)
    assert record["extrapolated"]["auc"] == pytest.approx(truth, abs=3e-4)
    assert record["a_low"] <= record["a"] <= record["a_high"]
    assert law.filter("is_extrapolated")["n_training_events"].min() == 10_000
    assert law.filter(~law["is_extrapolated"])["n_training_events"].min() == 100
    width = (law["auc_high"] - law["auc_low"]).to_numpy()
    assert (width > 0).all() and width[-1] > width[learning_curve_fits.N_DRAWN]


@pytest.mark.slow
@pytest.mark.parametrize(("n_folds", "low", "high"), [(5, 0.58, 0.83), (2, 0.8, 1.0)])
def test_intervals_cover_the_true_auc(n_folds, low, high):
    """In pseudo-experiments, at ten times the events; few folds are conservative."""
    truth, n_covered, n_curves = curve_samples.truth(FACTOR), 0, 100
    for seed in range(n_curves):
        curve = curve_samples.curve(n_folds=n_folds, seed=seed)
        _, _, lower, upper = learning_curve_fits.Fitted.of(curve).row(FACTOR)
        n_covered += lower <= truth <= upper
    assert low < n_covered / n_curves < high


def test_one_fold_gives_points_alone():
    record, law = learning_curve_fits.fit(curve_samples.curve(n_folds=1), FACTOR)
    assert "two trained folds" in record["reason"]
    assert "extrapolated" not in record and len(law) == 0


def test_three_points_do_not_fix_three_parameters():
    curve = curve_samples.curve()
    auc = np.where(curve.fraction < 0.1, np.nan, curve.auc)
    record, law = learning_curve_fits.fit(replace(curve, auc=auc), FACTOR)
    assert "3 points" in record["reason"] and len(law) == 0


def test_a_curve_of_another_shape_is_not_fitted():
    curve = curve_samples.curve(events=1e-4, training=1e-4)
    bent = curve.auc - np.array([0, 0, 0.02, 0, 0])
    record, law = learning_curve_fits.fit(replace(curve, auc=bent), FACTOR)
    assert "does not describe" in record["reason"]
    assert record["p_value"] < learning_curve_fits.LEAST_P_VALUE and len(law) == 0


@pytest.mark.slow
def test_points_more_uncertain_than_their_rise_are_not_extrapolated():
    """The fit within the range of the points is shown."""
    curve = curve_samples.curve(events=1e-3, training=0.1, seed=1)
    flat = replace(curve, auc=np.full(5, 0.8))
    record, law = learning_curve_fits.fit(flat, FACTOR)
    assert "do not constrain" in record["reason"]
    assert "extrapolated" not in record and not law["is_extrapolated"].any()
    assert len(law) == learning_curve_fits.N_DRAWN


def test_more_folds_have_a_lower_threshold():
    thresholds = [
        learning_curve_fits.Fitted.of(curve_samples.curve(n_folds=n)).threshold
        for n in (2, 5, 100)
    ]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[-1] == pytest.approx(1, rel=0.02)
