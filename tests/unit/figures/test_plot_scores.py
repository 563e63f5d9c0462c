"""Tests of figures.plot_scores: labels, legends and contents, in both looks."""

import polars as pl
import pytest
from figure_samples import RECORD, TOY, texts

from hepfold.figures import plot_scores

EVALUATED = RECORD | {"oof": {}, "public": {}, "private": {}}


def drawn(scores: pl.DataFrame, record: dict = EVALUATED):
    return plot_scores.plot_scores(scores, record)["scores"].figure


@pytest.mark.usefixtures("look")
def test_the_figure_shows_every_subset(scores):
    figure = drawn(scores)
    figure.draw_without_rendering()
    text = texts(figure.axes[0])
    for name in ("out-of-fold", "public", "private", TOY):
        assert name in text


def test_training_events_alone_have_no_ratio(scores):
    oof = scores.filter(pl.col("subset") == "train")
    (axes,) = drawn(oof, RECORD | {"oof": {}}).axes
    assert "out-of-fold only" in texts(axes)
    assert "private" not in texts(axes)


def test_ratios_share_the_axis_of_scores(scores):
    main, *ratios = drawn(scores).axes
    assert len(ratios) == len(plot_scores.POINTS)
    assert {axes.get_xlim() for axes in (main, *ratios)} == {(0, 1)}
    for axes in ratios:
        low, high = axes.get_ylim()
        assert low < 1 < high
        assert low + high == pytest.approx(2)


def test_signal_is_on_top_of_background(scores):
    """The fill of signal starts where that of background ends."""
    main = drawn(scores).axes[0]
    background, signal = main.patches[:2]
    assert signal.get_data().baseline.tolist() == background.get_data().values.tolist()
    assert main.get_yscale() == "log"


def test_empty_bins_leave_the_figure_whole(scores):
    narrow = scores.with_columns(score=0.4 + 0.1 * pl.col("score"))
    drawn(narrow).draw_without_rendering()
