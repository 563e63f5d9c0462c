"""Tests of figures.compare_sculpting: one point per model, in both looks."""

import polars as pl
import pytest
from figure_samples import RECORD, TOY, texts

from hepfold.figures import compare_sculpting


def shapes(model: str, efficiency: float, divergence: float | None) -> pl.DataFrame:
    """A table as of `mass_sculpting.shapes`, with two bins of each shape."""
    rows = [
        {
            "dataset": "higgsml",
            "model": model,
            "class": name,
            "selection": selection,
            "cut": 0.7,
            "efficiency": efficiency if name == "background" else 0.5,
            "divergence": divergence,
            "chance": 0.001,
            "low": low,
        }
        for name in ("signal", "background")
        for selection in ("no cut", "signal efficiency 0.8", "signal efficiency 0.5")
        for low in (0.0, 1.0)
    ]
    return pl.DataFrame(rows, schema_overrides={"divergence": pl.Float64})


def drawn(*tables: pl.DataFrame):
    strengths = {"mlp": 0.0, "flat": 10.0, "none": 1.0}
    spectrum = {"title": "$H_T$ (GeV)"}
    made = compare_sculpting.compare_sculpting(
        list(tables), [RECORD], spectrum, strengths
    )
    return made["sculpting"]


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_rejection_and_divergence_of_each_model_are_drawn():
    figure, table = drawn(shapes("mlp", 0.01, 0.2), shapes("flat", 0.04, 0.002))
    assert table["rejection"].to_list() == [100.0, 25.0]
    assert table["decorrelation"].to_list() == [0.0, 10.0]
    (axes,) = figure.axes
    figure.draw_without_rendering()
    points = [line.get_xydata().tolist() for line in axes.lines]
    assert [[0.2, 100.0]] in points and [[0.002, 25.0]] in points
    assert [[0.001, 25.0]] in points
    text = texts(axes)
    assert "flat, penalty 10" in text and "mlp, penalty" not in text and TOY in text
    assert "signal efficiency 0.5" in axes.get_ylabel()
    assert axes.get_xlabel().endswith("$H_T$ (GeV)")


def test_models_without_a_value_are_in_the_table_alone():
    figure, table = drawn(shapes("mlp", 0.01, 0.2), shapes("none", 0.0, None))
    assert table["rejection"].to_list() == [100.0, None]
    assert "none" not in texts(figure.axes[0])
