"""Tests of figures.plot_sculpting: labels, legends and contents, in both looks."""

import polars as pl
import pytest
from figure_samples import NORMALIZATION, RECORD, TOY, texts

from hepfold.analysis import mass_sculpting, score_tables
from hepfold.figures import plot_sculpting

EXPECTED = score_tables.expected(NORMALIZATION)


def sculpting(scores: pl.DataFrame, cut: float = 0.5, every: int = 10**9):
    """The figure of masses that rise with the score, of which every n-th is missing."""
    is_missing = pl.col("event_id") % every == every - 3
    mass = pl.when(is_missing).then(float("nan")).otherwise(100 * pl.col("score"))
    table = mass_sculpting.shapes(scores.with_columns(mass=mass), EXPECTED, cut, seed=1)
    return plot_sculpting.sculpting_figure(table, RECORD, "mass (GeV)")


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_the_legend_has_cuts_and_divergences(scores):
    figure = sculpting(scores)
    figure.draw_without_rendering()
    main, ratio = figure.axes
    assert "chosen cut (0.500): JSD 0." in texts(main)
    for efficiency in mass_sculpting.SIGNAL_EFFICIENCIES:
        assert f"signal efficiency {efficiency:g}" in texts(main)
    assert TOY in texts(main)
    assert ratio.get_xlabel() == "mass (GeV)"
    assert main.get_xlim() == ratio.get_xlim()


@pytest.mark.slow
def test_missing_masses_are_reported(scores):
    assert "Not shown" not in texts(sculpting(scores).axes[0])
    with_missing = texts(sculpting(scores, every=9).axes[0])
    assert "% of background without mass" in with_missing


@pytest.mark.slow
def test_a_cut_that_nothing_passes_is_named(scores):
    figure = sculpting(scores, cut=2.0)
    figure.draw_without_rendering()
    text = texts(figure.axes[0])
    assert "chosen cut (2.000): no events pass" in text
