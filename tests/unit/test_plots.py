"""Tests of hepfold.plots: figures say what they show."""

import pytest
from tests.conftest import EVALUATION

from hepfold import datasets, evaluation, merits, plots

DEFINITION = datasets.HIGGSML


@pytest.fixture
def record(scores):
    found = merits.figures_of_merit(scores, DEFINITION, 10.0, EVALUATION, seed=1)
    return {"dataset": "higgsml", "model": "mlp", "simulated": True, **found}


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
    found = merits.figures_of_merit(oof, DEFINITION, 10.0, EVALUATION, seed=1)
    record = {"dataset": "higgsml", "model": "mlp", "simulated": False, **found}
    for figure in figures(oof, record):
        assert "out-of-fold only" in texts(figure)
        assert "private" not in texts(figure)
