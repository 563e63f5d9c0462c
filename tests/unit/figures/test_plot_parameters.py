"""Tests of figures.plot_parameters: order, groups and tables."""

import fit_records
import numpy as np
import pytest

from hepfold.figures import plot_parameters


@pytest.mark.slow
def test_the_largest_impacts_are_shown_and_all_are_in_the_table(look):
    _, fit = fit_records.records()
    drawn = plot_parameters.plot_parameters(fit)
    assert list(drawn) == ["impacts", "pulls"]
    for figure, table in drawn.values():
        (axes,) = figure.axes
        names = [text.get_text() for text in axes.get_yticklabels()]
        assert names == [p["parameter"] for p in fit["parameters"]][:25]
        assert len(table) == len(fit["parameters"]) == 36
    assert drawn["impacts"].table["impact"][0] == fit["parameters"][0]["impact"]
    assert "pull" in drawn["pulls"].table.columns


@pytest.mark.slow
def test_impacts_have_both_directions_and_mu():
    _, fit = fit_records.records()
    figure, _ = plot_parameters.plot_parameters(fit)["impacts"]
    (axes,) = figure.axes
    widths = [bar.get_width() for bar in axes.patches[:25]]
    others = [bar.get_width() for bar in axes.patches[25:50]]
    np.testing.assert_allclose(widths, [-w for w in others])
    assert "1.02" in figure._suptitle.get_text()


@pytest.mark.slow
def test_a_fit_without_nuisance_parameters_has_empty_lists():
    _, fit = fit_records.records()
    drawn = plot_parameters.plot_parameters(fit | {"parameters": []})
    assert drawn["pulls"].table.is_empty()
