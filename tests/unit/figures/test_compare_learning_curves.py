"""Tests of figures.compare_learning_curves: each model with its extrapolation."""

import curve_samples
import pytest
from figure_samples import texts

from hepfold.analysis import learning_curve_fits
from hepfold.core import tables
from hepfold.figures import compare_learning_curves


@pytest.mark.slow
def test_each_model_has_its_color_and_its_extrapolation():
    models = {"mlp": 5, "trees": 1}
    points, laws, fits = [], [], []
    for model, n_folds in models.items():
        names = {"dataset": "higgsml", "model": model}
        curve = curve_samples.curve(n_folds, events=1e-4, training=1e-5)
        record, law = learning_curve_fits.fit(curve, 10.0)
        points.append(tables.named_rows(curve.table(), names))
        laws.append(tables.named_rows(law, names))
        fits.append(names | {"toy": True} | record)
    drawings = compare_learning_curves.compare_learning_curves(
        points, laws, fits, "Higgs ML"
    )
    figure, table = drawings["learning_curves"]
    assert table["model"].unique(maintain_order=True).to_list() == list(models)
    (axes,) = figure.axes
    text = texts(axes)
    assert "learning curves, 2 models" in text
    assert "mlp, extrapolated: 0.89" in text and "trees, not extrapolated" in text
    colors = {container[0].get_color() for container in axes.containers}
    assert len(colors) == 2
