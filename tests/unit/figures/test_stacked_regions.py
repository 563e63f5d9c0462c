"""Tests of figures.stacked_regions: the stack, its uncertainty, and the ratio."""

import fit_records
import numpy as np
import pytest

from hepfold.analysis import fit_stages
from hepfold.data import declared_processes
from hepfold.figures import stacked_regions


@pytest.mark.slow
@pytest.mark.parametrize("has_equal_bins", [True, False])
def test_each_region_has_a_stack_and_a_ratio(has_equal_bins, look):
    inference, fit = fit_records.records(is_blinded=False)
    table = fit_stages.joined(fit["predictions"], inference["bins"], "prefit")
    declared = declared_processes.parse(fit_records.PROCESSES)
    figure = stacked_regions.regions_figure(
        table, fit, declared, "Score", has_equal_bins
    )
    assert len(figure.axes) == 4
    for channel, main, ratio in zip(
        ("SR", "CR"), figure.axes[::2], figure.axes[1::2], strict=True
    ):
        total = table.filter(channel=channel, process="total")
        top = max(patch.get_data().values.max() for patch in main.patches)
        highest = (total["expected"] + total["expected_unc"]).max()
        assert top == pytest.approx(highest)
        low, high = ratio.get_ylim()
        measured = (total["observed"] / total["expected"]).to_numpy()
        assert low < 1 < high and high <= 2
        (points,) = (line for line in ratio.lines if line.get_marker() == "o")
        np.testing.assert_allclose(points.get_ydata(), measured)
        assert channel in [text.get_text() for text in main.texts]
        assert main.get_yscale() == ("log" if has_equal_bins else "linear")


@pytest.mark.slow
def test_an_empty_figure_says_why():
    _, fit = fit_records.records()
    figure = stacked_regions.empty_figure(fit, "No events.")
    assert figure.axes[0].texts[0].get_text() == "No events."
