"""Tests of figures.roc_axes: axes show the well-measured part of curves."""

import numpy as np
import polars as pl
from figure_samples import metrics, rocs

from hepfold.figures import roc_axes, style


def test_axes_hold_rejections_with_a_narrow_band():
    _, axes = style.new_figure()
    roc_axes.finish_rejection(axes, rocs(metrics()))
    # At an efficiency of 0.25 the band is narrow, below 0.2 it starts at zero.
    assert axes.get_ylim()[1] > 1 / 0.25**2
    assert axes.get_yscale() == "log"


def test_points_with_a_wide_band_are_left_out_unless_there_are_no_others():
    table = rocs(metrics(["oof"]))
    assert roc_axes.well_known(table)["signal_efficiency"].min() > 0.2
    wide = table.with_columns(background_efficiency_high=pl.lit(2.0))
    kept = roc_axes.well_known(wide)
    assert kept.equals(wide.filter(pl.col("background_efficiency") > 0))


def test_rejection_is_the_inverse_of_the_background_efficiency():
    _, axes = style.new_figure()
    roc_axes.draw_rejection(axes, rocs(metrics(["oof"])), color="black")
    x, y = axes.lines[0].get_data()
    np.testing.assert_allclose(y, x**-2.0)
