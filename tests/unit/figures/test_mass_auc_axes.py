"""Tests of figures.mass_auc_axes: curves, bands, and rings where not trained."""

import polars as pl
import pytest

from hepfold.figures import mass_auc_axes, style


def aucs(trained: list[bool]) -> pl.DataFrame:
    """AUCs that rise with the mass."""
    n = len(trained)
    return pl.DataFrame(
        {
            "mass_hypothesis": [500 * (1 + i) for i in range(n)],
            "trained": trained,
            "auc": [0.7 + 0.1 * i for i in range(n)],
            "auc_unc": [0.01] * n,
        }
    )


@pytest.mark.parametrize("n_masses", [1, 3])
def test_axes_hold_every_mass_and_band(n_masses):
    table = aucs([True] * n_masses)
    _, axes = style.new_figure()
    mass_auc_axes.draw_aucs(axes, table, color="black")
    mass_auc_axes.finish(axes, table)
    low, high = axes.get_xlim()
    assert low < 500 and high > 500 * n_masses
    low, high = axes.get_ylim()
    assert low < 0.69 and high > 0.61 + 0.1 * n_masses


def test_a_ring_is_at_each_mass_without_training():
    _, axes = style.new_figure()
    mass_auc_axes.draw_aucs(axes, aucs([True, False, True]), color="black")
    curve, ring = axes.lines
    assert curve.get_xdata().tolist() == [500, 1000, 1500]
    assert ring.get_xdata().tolist() == [1000]
    assert ring.get_markerfacecolor() == "none"
