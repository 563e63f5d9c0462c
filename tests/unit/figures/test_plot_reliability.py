"""Tests of figures.plot_reliability: labels, legends and contents, in both looks."""

import polars as pl
import pytest
from figure_samples import RECORD, TOY, texts

from hepfold.figures import plot_reliability

EVALUATED = RECORD | {"oof": {}, "public": {}, "private": {}}


def drawing(scores: pl.DataFrame, record: dict = EVALUATED):
    (drawn,) = plot_reliability.plot_reliability(scores, record).values()
    return drawn


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_the_figure_shows_every_subset(scores):
    figure = drawing(scores).figure
    figure.draw_without_rendering()
    text = texts(figure.axes[0])
    for name in ("out-of-fold", "public", "private", TOY):
        assert name in text


def test_records_without_test_events_are_marked(scores):
    oof = scores.filter(pl.col("subset") == "train")
    main, _ = drawing(oof, RECORD | {"oof": {}}).figure.axes
    assert "out-of-fold only" in texts(main)
    assert "private" not in texts(main)


def test_points_are_the_fractions_of_the_table(scores):
    drawn = drawing(scores)
    table = drawn.table.filter(subset="oof", is_calibrated=False).drop_nulls()
    points = drawn.figure.axes[0].lines[1].get_xydata()
    expected = table.select("mean_score", "signal_fraction").to_numpy()
    assert points[: len(expected)].tolist() == expected.tolist()


@pytest.mark.slow
def test_empty_bins_leave_the_figure_whole(scores):
    narrow = scores.with_columns(pl.col("score", "calibrated") * 0.1 + 0.4)
    drawing(narrow).figure.draw_without_rendering()


@pytest.mark.slow
def test_calibrated_scores_are_drawn_if_there_is_a_calibration(scores):
    texts_of = {
        kind: texts(
            drawing(scores, EVALUATED | {"calibration": {"kind": kind}}).figure.axes[0]
        )
        for kind in ("isotonic", "none")
    }
    assert "private, isotonic: mean distance" in texts_of["isotonic"]
    assert "by chance" in texts_of["none"] and "isotonic" not in texts_of["none"]
    table = drawing(scores).table
    calibrated = table.filter("is_calibrated", subset="oof")
    raw = table.filter(~pl.col("is_calibrated"), subset="oof")
    # Bins of squares below 1/4 hold the scores below 1/2.
    n_low = [
        part.filter(pl.col("high") < end + 0.01)["share"].sum()
        for part, end in ((calibrated, 0.25), (raw, 0.5))
    ]
    assert n_low[0] == pytest.approx(n_low[1])
