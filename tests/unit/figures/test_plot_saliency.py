"""Tests of figures.plot_saliency: cells and the importance of another model."""

import numpy as np
import polars as pl
import pytest

from hepfold.figures import plot_saliency

RECORD = {"dataset": "higgsml", "toy": True}


def importance(values: dict[str, float]) -> pl.DataFrame:
    """Importances of features in two folds, a little more in the second."""
    rows = [
        ("mlp", "feature", name, name, None, value + 0.1 * fold)
        for fold in (0, 1)
        for name, value in values.items()
    ]
    schema = ["model", "kind", "feature", "permuted", "member", "importance"]
    return pl.DataFrame(rows, schema, orient="row")


def test_saliency_and_importance_are_relative_to_the_largest():
    saliency = np.array([[1.0, 4.0], [1.0, 4.0]])
    table = plot_saliency.saliency_table(
        saliency, ("a", "b"), importance({"a": 0.35, "b": 0.15})
    )
    assert table["feature"].to_list() == ["b", "a"]
    assert table["saliency"].to_list() == [1.0, 0.25]
    assert table["saliency_sd"].to_list() == [0.0, 0.0]
    assert table["importance"].to_list() == pytest.approx([0.5, 1.0])


def test_features_of_a_body_have_the_importance_of_its_momentum():
    of_body = importance({"{a, b}": 0.35}).with_columns(
        kind=pl.lit("body"), permuted=pl.lit("a, b")
    )
    of_features = importance({"c": 0.15})
    table = plot_saliency.saliency_table(
        np.array([[1.0, 2.0, 4.0]]), ("a", "b", "c"), pl.concat([of_body, of_features])
    )
    assert table["feature"].to_list() == ["c", "b", "a"]
    assert table["importance"].to_list() == pytest.approx([0.5, 1.0, 1.0])


@pytest.mark.parametrize("other", [None, "mlp"])
def test_saliency_is_next_to_the_importance_of_another_model(other):
    importances = importance({"a": 0.35, "b": 0.15}) if other else None
    table = plot_saliency.saliency_table(
        np.array([[1.0, 4.0]] * 2), ("a", "b"), importances
    )
    record = {**RECORD, "model": "supertml", "other": other}
    figure = plot_saliency.saliency_figure(table, record)
    assert len(figure.axes) == (2 if other else 1)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == [1.0, 0.25]
    assert "Toy events" in figure.get_suptitle()


def test_one_fold_has_no_deviation_and_is_drawn_without():
    table = plot_saliency.saliency_table(np.array([[1.0, 4.0]]), ("a", "b"), None)
    assert table["saliency_sd"].null_count() == 2
    record = {**RECORD, "model": "supertml", "other": None}
    figure = plot_saliency.saliency_figure(table, record)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [1.0, 0.25]
