"""Tests of figures.score_distributions: figures say what they show, in both looks."""

import polars as pl
import pytest

from hepfold.analysis import score_histograms
from hepfold.data import datasets
from hepfold.figures import score_distributions, style

DEFINITION = datasets.HIGGSML
RECORD = {"dataset": "higgsml", "model": "mlp", "simulated": True}
JUDGED = RECORD | {"oof": {}, "public": {}, "private": {}}


@pytest.fixture(params=sorted(style.LOOKS), autouse=True)
def look(request):
    style.use(request.param)


def figures(scores: pl.DataFrame, record: dict) -> list:
    expected = score_histograms.score_histograms(scores, DEFINITION)
    reliability = score_histograms.reliability(scores, DEFINITION)
    return [
        score_distributions.score_figure(expected, record),
        score_distributions.reliability_figure(reliability, record),
    ]


def texts(figure) -> str:
    axes = figure.axes[0]
    parts = [*axes.texts, *axes.get_legend().get_texts()]
    return " | ".join([axes.get_title("right"), *(text.get_text() for text in parts)])


def test_figures_show_every_subset(scores):
    for figure in figures(scores, JUDGED):
        figure.draw_without_rendering()
        for name in ("out-of-fold", "public", "private", "Simulation"):
            assert name in texts(figure)


def test_train_events_alone_have_no_ratio(scores):
    oof = scores.filter(pl.col("subset") == "train")
    for figure, n_panels in zip(
        figures(oof, RECORD | {"oof": {}}), (1, 2), strict=True
    ):
        figure.draw_without_rendering()
        assert "out-of-fold only" in texts(figure)
        assert "private" not in texts(figure)
        assert len(figure.axes) == n_panels


def test_ratios_share_the_axis_of_scores(scores):
    main, *ratios = figures(scores, JUDGED)[0].axes
    assert len(ratios) == len(score_distributions.POINTS)
    assert {axes.get_xlim() for axes in (main, *ratios)} == {(0, 1)}
    for axes in ratios:
        low, high = axes.get_ylim()
        assert low < 1 < high
        assert low + high == pytest.approx(2)


def test_signal_is_on_top_of_background(scores):
    """The fill of signal starts where that of background ends."""
    main = figures(scores, JUDGED)[0].axes[0]
    background, signal = main.patches[:2]
    assert signal.get_data().baseline.tolist() == background.get_data().values.tolist()
    assert main.get_yscale() == "log"


def test_empty_bins_spoil_nothing(scores):
    narrow = scores.with_columns(score=0.4 + 0.1 * pl.col("score"))
    for figure in figures(narrow, JUDGED):
        figure.draw_without_rendering()
