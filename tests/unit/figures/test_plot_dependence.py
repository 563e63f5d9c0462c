"""Tests of figures.plot_dependence: features in order, with their predictors."""

import polars as pl
import pytest

from hepfold.figures import plot_dependence

RECORD = {"dataset": "higgs", "model": "mlp", "toy": True}


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


def rows_of(axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def test_features_are_sorted_and_have_their_predictors(relations):
    axes, right = plot_dependence.dependence_figure(relations, RECORD).axes
    assert rows_of(axes) == ["b", "a", "c"]
    # Sum of both classes: 1.2 for c, 0.7 for a.
    assert rows_of(right) == ["c, a", "c, b", "c"]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["signal", "background"]
    assert sorted(bar.get_width() for bar in axes.patches) == [0.1, 0.1, 0.8, 0.8]


def test_the_figure_has_the_origin_of_the_events(relations):
    figure = plot_dependence.dependence_figure(relations, RECORD)
    assert "Toy events" in figure.get_suptitle()
