"""Tests of figures.plot_spectrum: events above the cut, blinded or not."""

import fit_records
import pytest

from hepfold.figures import plot_spectrum


@pytest.mark.slow
@pytest.mark.parametrize("is_blinded", [True, False])
def test_the_spectrum_has_the_events_above_the_cut(is_blinded, look):
    inference, fit = fit_records.records(is_blinded)
    drawn = plot_spectrum.plot_spectrum(inference, fit, fit_records.PROCESSES)
    assert list(drawn) == ["spectrum_prefit", "spectrum_postfit"]
    for figure, table in drawn.values():
        total = table.filter(process="total")
        bins = inference["spectrum"]["bins"]
        expected = [row["signal"] + row["background"] for row in bins]
        assert total["expected"].to_list() == pytest.approx(expected, rel=0.02)
        assert total["observed"].is_null().all() == is_blinded
        assert figure.axes[1].get_xlabel() == "m (GeV)"


@pytest.mark.slow
def test_a_spectrum_without_bins_is_an_empty_figure():
    inference, fit = fit_records.records()
    drawn = plot_spectrum.plot_spectrum(
        inference | {"spectrum": None}, fit, fit_records.PROCESSES
    )
    for figure, table in drawn.values():
        assert "In no region" in figure.axes[0].texts[0].get_text()
        assert table.is_empty()
