"""Tests of figures.plot_scores: labels, legends and contents, in both looks."""

import numpy as np
import polars as pl
import process_samples
import pytest
from figure_samples import RECORD, TOY, texts

from hepfold.core import columns
from hepfold.figures import plot_scores

CLASSES = [vars(process) for process in process_samples.CLASSES]
EVALUATED = RECORD | {"oof": {}, "public": {}, "private": {}}


def drawn(scores: pl.DataFrame, record: dict = EVALUATED):
    return plot_scores.plot_scores(scores, record, CLASSES)["scores"].figure


@pytest.mark.slow
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


@pytest.mark.slow
def test_empty_bins_leave_the_figure_whole(scores):
    narrow = scores.with_columns(score=0.4 + 0.1 * pl.col("score"))
    drawn(narrow).draw_without_rendering()


@pytest.fixture(scope="module")
def by_process():
    """The figure and table of more processes than colors, one with most of them."""
    record = {"dataset": "tth", "title": process_samples.TITLE, "model": "mlp"}
    record |= {
        "toy": False,
        "normalization": process_samples.NORMALIZATION,
        "oof": {},
        "test": {},
    }
    processes = [vars(process) for process in process_samples.DECLARED]
    return plot_scores.plot_scores(process_samples.scores(), record, processes)[
        "scores"
    ]


@pytest.mark.slow
def test_processes_add_up_to_their_class(by_process):
    table = by_process.table.filter(subset="oof")
    for label, name in columns.CLASS_NAMES.items():
        of_class = table.filter(pl.col("process").is_null(), events=name)
        names = [p.name for p in process_samples.DECLARED if p.label == label]
        sums = sum(table.filter(process=n)["expected"].to_numpy() for n in names)
        np.testing.assert_allclose(sums, of_class["expected"], atol=1e-9)


@pytest.mark.slow
def test_a_stack_has_at_most_eight_colors_of_background(by_process):
    """The smallest processes are together; the largest one is on top of the others."""
    axes = by_process.figure.axes[0]
    filled = [patch for patch in axes.patches if patch.get_fill()]
    titles = [patch.get_label() for patch in filled]
    assert "other" in titles and "diboson" not in titles
    assert len({patch.get_facecolor() for patch in filled}) == len(filled) == 8 + 2
    assert titles[0].startswith("ttH, H to bb") and titles[1] == "ttH, H to tau tau"
    assert titles[2].startswith("top pairs")
    assert titles[-1] == "other"
    tops = [patch.get_data().values for patch in filled]
    for upper, lower in zip(filled, tops[1:], strict=False):
        np.testing.assert_allclose(upper.get_data().baseline, lower, rtol=1e-9)
    np.testing.assert_allclose(filled[-1].get_data().baseline, 0, atol=1e-9)
    total = by_process.table.filter(subset="oof", events="all")["expected"]
    np.testing.assert_allclose(tops[0], total)


@pytest.mark.slow
def test_long_titles_fit_into_the_panel(by_process):
    axes = by_process.figure.axes[0]
    by_process.figure.draw_without_rendering()
    legend = axes.get_legend().get_window_extent()
    panel = axes.get_window_extent()
    assert legend.x0 >= panel.x0 and legend.x1 <= panel.x1
    top = by_process.table.filter(pl.col("process").is_null())["expected"].max()
    assert axes.transData.transform((0.5, top))[1] < legend.y0
