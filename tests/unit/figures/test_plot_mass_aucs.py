"""Tests of figures.plot_mass_aucs: every subset has a curve, in both looks."""

import pytest
from figure_samples import TOY, texts

from hepfold.figures import plot_mass_aucs

MERITS = {"auc_500": 0.8, "auc_500_unc": 0.01, "auc_1000": 0.9, "auc_1000_unc": 0.01}
METRICS = {
    "dataset": "hepmass",
    "model": "mlp",
    "toy": True,
    "trained_with": {"model": {"hypotheses": None}},
    "oof": MERITS,
    "test": MERITS,
}


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_every_subset_has_a_curve():
    (drawn,) = plot_mass_aucs.plot_mass_aucs(METRICS).values()
    drawn.figure.draw_without_rendering()
    (axes,) = drawn.figure.axes
    assert texts(axes).endswith("out-of-fold | test") and TOY in texts(axes)
    curves = [n.get_xydata().tolist() for n in axes.lines if len(n.get_xdata())]
    assert curves == [[[500, 0.8], [1000, 0.9]]] * 2
    assert drawn.table["subset"].to_list() == ["oof", "oof", "test", "test"]
