"""Tests of hepfold.plots: figures say what they show."""

import pytest

from hepfold import datasets, evaluation, plots

DEFINITION = datasets.HIGGSML


@pytest.fixture
def record(scores):
    merits = evaluation.figures_of_merit(scores, DEFINITION, b_reg=10.0)
    return {"dataset": "higgsml", "model": "mlp", "simulated": True, **merits}


def figures(scores, record):
    return [
        plots.roc_figure(evaluation.roc_curves(scores, DEFINITION), record),
        plots.ams_figure(
            evaluation.ams_curves(scores, DEFINITION, 10.0, record["cut"]), record
        ),
        plots.score_figure(evaluation.score_histograms(scores, DEFINITION), record),
    ]


def texts(figure) -> str:
    axes = figure.axes[0]
    parts = [*axes.texts, *axes.get_legend().get_texts()]
    return " | ".join([axes.get_title("right"), *(text.get_text() for text in parts)])


def test_simulation_is_labelled(scores, record):
    for figure in figures(scores, record):
        assert "Simulation" in texts(figure)
    for figure in figures(scores, record | {"simulated": False}):
        assert "Simulation" not in texts(figure)


def test_figures_show_every_subset(scores, record):
    for figure in figures(scores, record):
        for name in ("out-of-fold", "public", "private"):
            assert name in texts(figure)
        assert "only" not in texts(figure)


def test_out_of_fold_only_is_said(scores):
    oof = scores.filter(scores["subset"] == "train")
    merits = evaluation.figures_of_merit(oof, DEFINITION, b_reg=10.0)
    record = {"dataset": "higgsml", "model": "mlp", "simulated": False, **merits}
    for figure in figures(oof, record):
        assert "out-of-fold only" in texts(figure)
        assert "private" not in texts(figure)
