"""Tests of figures.plot_roc: labels, legends and contents, in both looks."""

import pytest
from figure_samples import TOY, metrics, texts

from hepfold.figures import plot_roc


def drawings(scores, record: dict) -> dict:
    return plot_roc.plot_roc(scores, record, n_replicas=20, seed=1, threads=1)


def labels(scores, record: dict) -> list[str]:
    drawn = drawings(scores, record).values()
    return [texts(drawing.figure.axes[0]) for drawing in drawn]


@pytest.mark.usefixtures("look")
def test_figures_show_every_subset_with_its_auc(scores):
    for text in labels(scores, metrics()):
        assert TOY in text and "only" not in text
        for name in ("out-of-fold", "public", "private"):
            assert f"{name}, AUC = 0.9000 ± 0.0123" in text


def test_records_without_test_events_are_marked(scores):
    oof = scores.filter(subset="train")
    for text in labels(oof, metrics(["oof"], toy=False)):
        assert TOY not in text and "private" not in text
        assert "out-of-fold only" in text


def test_the_table_holds_the_curves_of_both_figures(scores):
    roc, rates = drawings(scores, metrics()).values()
    assert rates.table is None
    curve = roc.table.filter(subset="private")
    line = rates.figure.axes[0].lines[2]
    assert line.get_ydata().tolist() == curve["signal_efficiency"].to_list()
    assert line.get_xdata().tolist() == curve["background_efficiency"].to_list()
