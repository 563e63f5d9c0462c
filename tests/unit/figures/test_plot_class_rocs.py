"""Tests of figures.plot_class_rocs: one curve per class, and its AUC."""

import polars as pl
import process_samples
import pytest

from hepfold.figures import drawing, plot_class_rocs

RECORD = {"dataset": "tth", "title": process_samples.TITLE, "model": "mlp"}
RECORD |= {"toy": True, "normalization": process_samples.NORMALIZATION}
DECLARED = [vars(process) for process in process_samples.DECLARED]


@pytest.fixture(scope="module")
def drawn() -> drawing.Drawing:
    scores, groups = process_samples.class_scores(), process_samples.GROUPS
    return plot_class_rocs.plot_class_rocs(
        scores, RECORD, DECLARED, groups, n_replicas=20, seed=1, threads=1
    )["class_rocs"]


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_each_class_has_a_curve_with_its_area(drawn):
    axes = plot_class_rocs.rocs_figure(drawn.table, RECORD).axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    for name, text in zip(process_samples.GROUPS, texts, strict=False):
        curve = drawn.table.filter(subset="test").filter(class_of(name))
        auc, unc = curve.select("auc", "auc_unc").row(0)
        assert text == f"{name}, AUC = {auc:.4f} ± {unc:.4f}"
    assert texts[3:] == ["68 % of bootstrap replicas", "random choice"]
    assert axes.get_title("right") == "mlp, test events"


@pytest.mark.slow
def test_curves_are_rejections_against_efficiencies(drawn):
    (axes,) = drawn.figure.axes
    curve = drawn.table.filter(subset="test").filter(class_of("top"))
    positive = curve.filter(curve["background_efficiency"] > 0)
    line = axes.lines[1]
    assert line.get_xdata().tolist() == positive["signal_efficiency"].to_list()
    rejection = (1 / positive["background_efficiency"]).to_list()
    assert line.get_ydata().tolist() == rejection
    assert axes.get_yscale() == "log"


def class_of(name: str) -> pl.Expr:
    """Rows of a class."""
    return pl.col("class") == name
