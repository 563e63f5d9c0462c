"""Tests of analysis.learning_curves: points, and both parts of their uncertainty."""

import curve_samples
import numpy as np
import polars as pl
import pytest

from hepfold.analysis import learning_curves
from hepfold.core import metrics


def scores(fold: int, fraction: float, noise: float, n: int = 2000) -> pl.DataFrame:
    """Scores of the same events of a fold, by a model of some noise."""
    events = np.random.default_rng(fold)
    label = (events.random(n) < 0.4).astype("i1")
    common, weight = events.normal(label), events.exponential(size=n)
    rng = np.random.default_rng([fold, int(1000 * fraction)])
    return pl.DataFrame(
        {
            "label": label,
            "weight": weight,
            "score": common + noise * rng.normal(size=n),
            "fraction": fraction,
            "n_training_events": int(1e4 * fraction) + fold,
        }
    )


def folds(n_folds: int = 3) -> list[list[pl.DataFrame]]:
    return [
        [scores(fold, f, noise) for f, noise in ((0.1, 1.0), (0.3, 0.5), (1.0, 0.1))]
        for fold in range(n_folds)
    ]


def test_a_point_is_the_mean_auc_of_the_folds():
    curve = learning_curves.curve(folds())
    for i in range(3):
        expected = [
            metrics.auc(*tables[i].select("score", "label", "weight"))
            for tables in folds()
        ]
        assert curve.auc[i] == pytest.approx(np.mean(expected))
    assert curve.n_events.tolist() == pytest.approx([1001, 3001, 10_001])
    assert curve.is_weighted and (np.diff(curve.auc) > 0).all()


def test_the_table_has_both_parts_of_the_uncertainty():
    table = learning_curves.curve(folds()).table()
    assert table["n_trainings"].to_list() == [3, 3, 3]
    total = table["auc_unc_events"] ** 2 + table["auc_unc_training"] ** 2
    assert (table["auc_unc"] ** 2 - total).abs().max() < 1e-12
    # Three folds of 2,000 events; an AUC of 0.75 has 0.011 in each.
    assert table["auc_unc_events"][0] == pytest.approx(0.0085, rel=0.4)


def test_a_single_fold_has_no_uncertainty_from_training():
    table = learning_curves.curve(folds(1)).table()
    assert table["auc_unc_training"].null_count() == 3
    assert table["auc_unc"].null_count() == 3
    assert (table["auc_unc_events"] > 0).all()


def test_a_fraction_that_was_not_trained_is_left_out():
    of_folds = folds()
    nothing = pl.lit(float("nan")).alias("score")
    of_folds[1][0] = of_folds[1][0].with_columns(nothing)
    curve, full = learning_curves.curve(of_folds), learning_curves.curve(folds())
    assert curve.is_trained.tolist() == [False, True, True]
    assert curve.covariance.shape == (2, 2)
    assert curve.table()["n_trainings"].to_list() == [0, 3, 3]
    assert curve.table()["auc"].null_count() == 1
    assert curve.auc[1:].tolist() == full.auc[1:].tolist()


def test_equal_weights_are_no_weights():
    of_folds = [
        [table.with_columns(weight=1.0 + table["label"]) for table in tables]
        for tables in folds()
    ]
    assert not learning_curves.curve(of_folds).is_weighted


def test_the_spread_of_many_folds_is_that_of_the_trainings():
    fraction, spread = curve_samples.FRACTION, 0.002
    events = curve_samples.event_covariance(0.003)
    rng = np.random.default_rng(1)
    areas = rng.multivariate_normal(np.zeros(5), events, 400)
    areas += spread * fraction**-0.5 * rng.normal(size=areas.shape)
    variance = learning_curves.training_variance(areas, events, fraction)
    np.testing.assert_allclose(np.sqrt(variance), spread * fraction**-0.5, rtol=0.15)


def test_events_alone_leave_nothing_to_the_trainings():
    events = curve_samples.event_covariance(0.003)
    rng = np.random.default_rng(1)
    areas = rng.multivariate_normal(np.zeros(5), events, 400)
    variance = learning_curves.training_variance(areas, events, curve_samples.FRACTION)
    # An eighth of what the events contribute to the difference of two points.
    assert np.sqrt(variance).max() < 0.0002
