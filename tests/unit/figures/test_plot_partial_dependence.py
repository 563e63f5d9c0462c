"""Tests of figures.plot_partial_dependence: every feature on the same scale."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import importance_summary
from hepfold.figures import plot_partial_dependence

RECORD = {"dataset": "higgs", "model": "mlp", "toy": True}


@pytest.fixture
def curves() -> pl.DataFrame:
    rows = [
        (fold, name, value, 0.5 + 0.1 * value + 0.02 * fold)
        for name in ("a", "b", "c", "d")
        for fold in (0, 1)
        for value in (0.0, 1.0, 2.0)
    ]
    return pl.DataFrame(rows, ["fold", "feature", "value", "score"], orient="row")


def curves_figure(table: pl.DataFrame):
    summary = importance_summary.dependence_summary(table)
    return plot_partial_dependence.partial_dependence_figure(summary, table, RECORD)


@pytest.mark.slow
def test_every_feature_has_a_curve_on_the_same_scale(curves):
    figure = curves_figure(curves)
    used = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_xlabel() for axes in used] == ["a", "b", "c", "d"]
    assert len({axes.get_ylim() for axes in used}) == 1
    low, high = used[0].get_ylim()
    assert low < 0.5
    assert high > 0.72
    mean = used[0].lines[-1]
    np.testing.assert_allclose(mean.get_ydata(), [0.51, 0.61, 0.71])
    assert len(used[0].lines) == 2 + 1


def test_the_figure_has_the_origin_of_the_events(curves):
    assert "Toy events" in curves_figure(curves).get_suptitle()
