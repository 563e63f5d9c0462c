"""Tests of figures.importance: figures show every feature and say what they show."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import importance_summary
from hepfold.figures import importance

RECORD = {"dataset": "higgs", "model": "mlp", "simulated": True}


@pytest.fixture
def importances() -> pl.DataFrame:
    names = [("feature", "a"), ("feature", "b"), ("body", "{a, b}")]
    rows = [
        (fold, kind, name, member, 0.9, 0.1 * place + 0.01 * fold)
        for fold in (0, 1)
        for place, (kind, name) in enumerate(names)
        for member in (None, 0, 1)
    ]
    columns = ["fold", "kind", "feature", "member", "auc", "importance"]
    return pl.DataFrame(rows, columns, orient="row")


def importance_figure(table: pl.DataFrame):
    return importance.importance_figure(
        importance_summary.importance_summary(table), table, RECORD
    )


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
    return importance.partial_dependence_figure(summary, table, RECORD)


@pytest.fixture
def relations() -> pl.DataFrame:
    rows = [
        (label, name, r_squared, 0.01, "c", 0.6, other, gain)
        for label in (1, 0)
        for name, r_squared, other, gain in (
            ("a", 0.1, "b", 0.3),
            ("b", 0.8, "a", 0.7 * label),
            ("c", None, None, None),
        )
    ]
    names = ["label", "feature", "r_squared", "r_squared_unc"]
    places = ["predictor_1", "gain_1", "predictor_2", "gain_2"]
    return pl.DataFrame(rows, names + places, orient="row", infer_schema_length=None)


@pytest.fixture
def distances() -> pl.DataFrame:
    values = {"jets": (0.0, 1.0, 2.0), "other": (0.0, 1.0)}
    tensors = {
        f"{importance_summary.EMBEDDINGS}.{i}": np.random.default_rng(i).normal(
            size=(4, n, 2)
        )
        for i, n in enumerate((3, 2))
    }
    return importance_summary.embedding_distances(tensors, values)


def embeddings_figure(table: pl.DataFrame):
    return importance.embeddings_figure(
        importance_summary.distance_summary(table), table, RECORD
    )


def rows_of(axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def test_the_most_important_is_on_top_and_groups_have_a_panel(importances):
    features, groups = importance_figure(importances).axes
    assert rows_of(features) == ["b", "a"]
    assert rows_of(groups) == ["{a, b}"]
    top, low = (bar.get_width() for bar in features.patches)
    assert top == pytest.approx(0.105)
    assert low == pytest.approx(0.005)
    bottom, first = features.get_ylim()
    assert bottom > first


def test_every_member_is_a_point_in_the_row_of_its_feature(importances):
    axes = importance_figure(importances).axes[0]
    (points,) = [line for line in axes.lines if line.get_marker() == "|"]
    found = sorted(zip(points.get_ydata(), points.get_xdata(), strict=True))
    expected = [(0, 0.1), (0, 0.1), (0, 0.11), (0, 0.11)]
    expected += [(1, 0.0), (1, 0.0), (1, 0.01), (1, 0.01)]
    np.testing.assert_allclose(found, expected)


def test_without_groups_there_is_one_panel(importances):
    figure = importance_figure(importances.filter(kind="feature"))
    assert [rows_of(axes) for axes in figure.axes] == [["b", "a"]]


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


def test_relations_are_sorted_and_tell_their_predictors(relations):
    axes, beside = importance.dependence_figure(relations, RECORD).axes
    assert rows_of(axes) == ["b", "a", "c"]
    # Of both classes together: 1.2 for c, 0.7 for a.
    assert rows_of(beside) == ["c, a", "c, b", "c"]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["signal", "background"]
    assert sorted(bar.get_width() for bar in axes.patches) == [0.1, 0.1, 0.8, 0.8]


def test_every_pair_of_values_has_a_row(distances):
    first, second = embeddings_figure(distances).axes
    assert rows_of(first) == ["0 and 1", "0 and 2", "1 and 2"]
    assert rows_of(second) == ["0 and 1"]
    assert (first.get_title("left"), second.get_title("left")) == ("jets", "other")


def test_figures_say_whence_events_come(importances, curves, relations, distances):
    for figure in (
        importance_figure(importances),
        curves_figure(curves),
        importance.dependence_figure(relations, RECORD),
        embeddings_figure(distances),
    ):
        assert "Simulation" in figure.get_suptitle()
