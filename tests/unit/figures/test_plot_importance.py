"""Tests of figures.plot_importance: features and groups, with every member."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import importance_summary
from hepfold.figures import plot_importance

RECORD = {"dataset": "higgs", "model": "mlp", "toy": True}


@pytest.fixture
def importances() -> pl.DataFrame:
    names = [("feature", "a"), ("body", "b_{pt, phi}"), ("set", "high")]
    rows = [
        (fold, kind, name, name, member, 0.9, 0.1 * place + 0.01 * fold)
        for fold in (0, 1)
        for place, (kind, name) in enumerate(names)
        for member in (None, 0, 1)
    ]
    columns = ["fold", "kind", "feature", "permuted", "member", "auc", "importance"]
    return pl.DataFrame(rows, columns, orient="row")


def importance_figure(table: pl.DataFrame):
    return plot_importance.importance_figure(
        importance_summary.importance_summary(table), table, RECORD
    )


def rows_of(axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def test_the_most_important_is_on_top_and_sets_have_a_panel(importances):
    features, sets = importance_figure(importances).axes
    assert rows_of(features) == ["b_{pt, phi}", "a"]
    assert rows_of(sets) == ["high"]
    top, low = (bar.get_width() for bar in features.patches)
    assert top == pytest.approx(0.105)
    assert low == pytest.approx(0.005)
    bottom, first = features.get_ylim()
    assert bottom > first


def test_every_member_is_a_point_in_the_row_of_its_feature(importances):
    axes = importance_figure(importances).axes[0]
    (points,) = [line for line in axes.lines if line.get_marker() == "|"]
    values = sorted(zip(points.get_ydata(), points.get_xdata(), strict=True))
    expected = [(0, 0.1), (0, 0.1), (0, 0.11), (0, 0.11)]
    expected += [(1, 0.0), (1, 0.0), (1, 0.01), (1, 0.01)]
    np.testing.assert_allclose(values, expected)


def test_without_sets_there_is_one_panel(importances):
    figure = importance_figure(importances.filter(pl.col("kind") != "set"))
    assert [rows_of(axes) for axes in figure.axes] == [["b_{pt, phi}", "a"]]


def test_the_legend_says_that_a_momentum_is_permuted_as_a_whole(importances):
    axes = importance_figure(importances).axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts[1] == "momentum of a body, permuted as a whole"


def test_the_figure_has_the_origin_of_the_events(importances):
    assert "Toy events" in importance_figure(importances).get_suptitle()
