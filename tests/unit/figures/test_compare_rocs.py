"""Tests of figures.compare_rocs: models are distinguishable, in both looks."""

import numpy as np
import pytest
from figure_samples import TOY, metrics, rocs, texts

from hepfold.figures import compare_rocs


def figures(*records: dict) -> list:
    curves = [rocs(r, power) for r, power in zip(records, (3, 2), strict=True)]
    drawings = compare_rocs.compare_rocs(curves, list(records))
    return [drawing.figure for drawing in drawings.values()]


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_compared_models_are_told_apart():
    for figure in figures(metrics(), metrics(model="other")):
        figure.draw_without_rendering()
        text = texts(figure.axes[0])
        assert "mlp, AUC" in text and "other, AUC" in text
        assert "2 models" in text and TOY in text
        # Each with out-of-fold and one test subset, the private one.
        assert "private" in text and "public" not in text
        lines = [n for n in figure.axes[0].lines if len(n.get_xdata()) in (18, 20)]
        looks = {(n.get_color(), n.get_linestyle()) for n in lines}
        assert len({color for color, _ in looks}) == 2
        assert {dash for _, dash in looks} == {"-", "--"}


def test_records_without_test_events_are_marked():
    oof = metrics(["oof"], toy=False)
    for figure in figures(oof, {**oof, "model": "other"}):
        text = texts(figure.axes[0])
        assert "out-of-fold only" in text and "private" not in text


def test_ratio_is_that_of_rejections():
    """For powers 3 and 2 of one efficiency, the ratio is that efficiency."""
    ratio = figures(metrics(), metrics(model="other"))[0].axes[1]
    first, second = (line.get_xydata() for line in ratio.lines)
    np.testing.assert_allclose(first[:, 1], 1)
    np.testing.assert_allclose(second[:, 1], second[:, 0])
    low, high = ratio.get_ylim()
    assert low <= 0.5 and high >= 1
