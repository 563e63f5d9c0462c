"""Tests of figures.plot_regions: both stages, and blinded bins without data."""

import fit_records
import numpy as np
import pytest

from hepfold.figures import plot_regions


@pytest.mark.slow
@pytest.mark.parametrize("is_blinded", [True, False])
def test_figures_and_tables_have_recorded_events_in_open_bins(is_blinded, look):
    inference, fit = fit_records.records(is_blinded)
    drawn = plot_regions.plot_regions(inference, fit, fit_records.PROCESSES)
    assert list(drawn) == ["prefit", "postfit"]
    for figure, table in drawn.values():
        assert table["channel"].unique(maintain_order=True).to_list() == ["SR", "CR"]
        total = table.filter(process="total")
        counts = [row["observed"] for row in inference["bins"]]
        assert total["observed"].to_list() == counts
        assert (None in counts) == is_blinded
        shown = [t.get_text() for t in figure.legends[0].get_texts()]
        assert "data" in shown and "total uncertainty" in shown
        assert ("blinded" in shown) == is_blinded


@pytest.mark.slow
def test_points_are_drawn_in_open_bins_alone():
    inference, fit = fit_records.records()
    drawn = plot_regions.plot_regions(inference, fit, fit_records.PROCESSES)
    axes, n_points = drawn["prefit"].figure.axes, 0
    for channel, main in zip(("SR", "CR"), axes[::2], strict=True):
        bins = [row for row in inference["bins"] if row["channel"] == channel]
        is_open = [row["observed"] is not None for row in bins]
        points = [line for line in main.lines if line.get_marker() == "o"]
        assert len(points) == any(is_open)
        for line in points:
            assert (~np.isnan(line.get_ydata())).tolist() == is_open
            n_points += sum(is_open)
    assert n_points > 0
