"""Tests of figures.learning_curve_axes: which numbers are drawn, and how."""

import curve_samples
import pytest

from hepfold.analysis import learning_curve_fits
from hepfold.core import tables
from hepfold.figures import learning_curve_axes, style

NAMES = {"dataset": "higgsml", "model": "mlp"}


def numbers(n_folds: int):
    """What is drawn of a precise curve."""
    curve = curve_samples.curve(n_folds, events=1e-4, training=1e-4)
    _, law = learning_curve_fits.fit(curve, 10.0)
    points, law = (tables.named_rows(t, NAMES) for t in (curve.table(), law))
    return points, learning_curve_axes.numbers(points, law)


@pytest.mark.slow
def test_points_fit_and_extrapolation_are_distinct_parts():
    points, table = numbers(5)
    n_drawn = learning_curve_fits.N_DRAWN
    assert table["part"].value_counts(sort=True).rows() == [
        *((part, n_drawn) for part in ("fit", "extrapolation")),
        ("measured", 5),
    ]
    assert table["n_training_events"][:5].to_list() == [100, 300, 1000, 3000, 10_000]
    width = (table["auc_high"] - table["auc_low"])[:5]
    assert (width / 2).to_list() == pytest.approx(points["auc_unc"].to_list())


def test_the_points_of_one_fold_have_the_uncertainty_from_events():
    points, table = numbers(1)
    assert table["part"].unique().to_list() == ["measured"]
    width = table["auc_high"] - table["auc_low"]
    assert (width / 2).to_list() == pytest.approx(points["auc_unc_events"].to_list())


@pytest.mark.slow
@pytest.mark.parametrize(("n_folds", "is_extrapolated"), [(5, True), (1, False)])
def test_an_extrapolation_is_dashed_and_named(n_folds, is_extrapolated):
    _, table = numbers(n_folds)
    _, axes = style.new_figure()
    learning_curve_axes.draw(axes, table, "tab:blue", "mlp")
    learning_curve_axes.finish(axes, table, True)
    dashed = [line for line in axes.lines if line.get_ls() == "--"]
    beyond = [x for line in dashed for x in line.get_xdata()]
    assert bool(beyond) == is_extrapolated
    assert all(x >= curve_samples.N_FULL for x in beyond)
    assert [t.get_text() for t in axes.texts] == ["extrapolation"] * is_extrapolated
    assert axes.get_xscale() == "log"
    assert axes.get_ylabel() == "Out-of-fold weighted AUC"
