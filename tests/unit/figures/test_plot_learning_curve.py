"""Tests of figures.plot_learning_curve: the law, its extrapolation, what is missing."""

from dataclasses import replace
from pathlib import Path

import curve_samples
import numpy as np
import pytest
from figure_samples import texts

from hepfold.analysis import learning_curve_fits, learning_curves
from hepfold.core import files, tables
from hepfold.figures import drawing, plot_learning_curve

NAMES = {"dataset": "higgsml", "model": "mlp"}


@pytest.fixture
def drawn(tmp_path):
    """A function that gives all text of the figure of a curve, read from files."""
    return lambda curve: text_of(curve, tmp_path)


def text_of(curve: learning_curves.Curve, folder: Path) -> str:
    """All text of the figure of a curve, whose tables are read from CSV files."""
    record, law = learning_curve_fits.fit(curve, 10.0)
    paths = [str(folder / name) for name in ("points.csv", "law.csv")]
    for path, table in zip(paths, (curve.table(), law), strict=True):
        files.write_csv(path, tables.named_rows(table, NAMES))
    points, law = drawing.read(paths)
    drawings = plot_learning_curve.plot_learning_curve(
        points, law, NAMES | {"toy": True} | record, "Higgs ML"
    )
    figure, table = drawings["learning_curve"]
    assert set(NAMES) < set(table.columns)
    figure.draw_without_rendering()
    return texts(figure.axes[0])


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_the_law_and_its_extrapolation_are_written(drawn):
    text = drawn(curve_samples.curve(events=1e-4, training=1e-5))
    assert "AUC = 0." in text and "(n / 10,000)" in text and "/ 2" in text
    assert "extrapolated: 0.89" in text and "at 100,000" in text
    assert "mean of 5 folds" in text


def test_a_missing_extrapolation_has_its_reason(drawn):
    text = drawn(curve_samples.curve(n_folds=1))
    assert "not extrapolated" in text and "one fold" in text and "AUC =" not in text


@pytest.mark.slow
def test_untrained_fractions_are_named(drawn):
    curve = curve_samples.curve()
    auc = np.where(curve.fraction == 0.01, np.nan, curve.auc)
    assert "not trained on 100 events (1%)" in drawn(replace(curve, auc=auc))
