"""Tests of hepfold.massplots: figures say what they show, in both looks."""

import polars as pl
import pytest

from hepfold import datasets, masses, massplots, style

RECORD = {"dataset": "higgsml", "model": "mlp", "simulated": True, "oof": {}}


@pytest.fixture(params=sorted(style.LOOKS), autouse=True)
def look(request):
    style.use(request.param)


def sculpting(scores: pl.DataFrame, cut: float = 0.5, every: int = 10**9):
    """The figure of masses that rise with the score, of which every n-th is missing."""
    is_missing = pl.col("event_id") % every == every - 3
    mass = pl.when(is_missing).then(float("nan")).otherwise(100 * pl.col("score"))
    table = masses.shapes(scores.with_columns(mass=mass), datasets.HIGGSML, cut, seed=1)
    figure = massplots.sculpting_figure(table, RECORD, "mass (GeV)")
    figure.draw_without_rendering()
    return figure


def legend(figure) -> str:
    found = figure.axes[0].get_legend()
    parts = [found.get_title(), *found.get_texts()]
    return " | ".join(text.get_text() for text in parts)


def test_sculpting_tells_cuts_and_divergences(scores):
    figure = sculpting(scores)
    assert "chosen cut (0.500): JSD 0." in legend(figure)
    for efficiency in masses.SIGNAL_EFFICIENCIES:
        assert f"signal efficiency {efficiency:g}" in legend(figure)
    main, ratio = figure.axes
    assert "Simulation" in " ".join(text.get_text() for text in main.texts)
    assert ratio.get_xlabel() == "mass (GeV)"
    assert main.get_xlim() == ratio.get_xlim()


def test_missing_masses_are_told(scores):
    assert "Left out" not in legend(sculpting(scores))
    assert "% of background, without mass" in legend(sculpting(scores, every=9))


def test_a_cut_that_nothing_passes_is_told(scores):
    assert "chosen cut (2.000): nothing passes" in legend(sculpting(scores, cut=2.0))


@pytest.mark.parametrize("n_masses", [1, 3])
def test_every_mass_and_subset_is_shown(n_masses):
    table = pl.DataFrame(
        {
            "subset": subset,
            "mass_hypothesis": 500.0 * (1 + i),
            "auc": 0.7 + 0.1 * i,
            "auc_low": 0.69 + 0.1 * i,
            "auc_high": 0.72 + 0.1 * i,
        }
        for i in range(n_masses)
        for subset in ("oof", "test")
    )
    record = RECORD | {"dataset": "hepmass", "test": {}}
    figure = massplots.auc_figure(table, record)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    assert legend(figure).endswith("out-of-fold | test")
    low, high = axes.get_xlim()
    assert low < 500 and high > 500 * n_masses
    low, high = axes.get_ylim()
    assert low < 0.69 and high > 0.62 + 0.1 * n_masses
