"""Tests of figures.plot_confusion: rows are true classes, and sum to 100 percent."""

import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.figures import drawing, plot_confusion

RECORD = {"dataset": "tth", "title": process_samples.TITLE, "model": "mlp"}
RECORD |= {"toy": True, "normalization": process_samples.NORMALIZATION}
DECLARED = [vars(process) for process in process_samples.DECLARED]
NAMES = list(process_samples.GROUPS)


@pytest.fixture(scope="module")
def drawn() -> drawing.Drawing:
    scores, groups = process_samples.class_scores(), process_samples.GROUPS
    return plot_confusion.plot_confusion(scores, RECORD, DECLARED, groups)["confusion"]


@pytest.mark.usefixtures("look")
def test_classes_are_named_on_both_axes(drawn):
    axes, bar = plot_confusion.confusion_figure(drawn.table, RECORD).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == NAMES
    rows = [tick.get_text() for tick in axes.get_yticklabels()]
    assert rows == ["ttH\n(66)", "top\n(31,520)", "other\n(5,900)"]
    assert "(%)" in bar.get_ylabel()


def test_cells_are_percent_of_the_true_class(drawn):
    (image,) = drawn.figure.axes[0].images
    share = np.asarray(image.get_array(), "f8")
    np.testing.assert_allclose(share.sum(axis=1), 100)
    row = drawn.table.filter(pl.col("class") == "top", subset="test", chosen="ttH")
    assert share[1, 0] == pytest.approx(100 * row["efficiency"][0])
    assert image.get_clim() == (0, 100)
    texts = [text.get_text() for text in drawn.figure.axes[0].texts]
    assert len(texts) == 9 and texts[3].startswith(f"{share[1, 0]:.1f}\n± ")


def test_undefined_cells_stay_empty(drawn):
    is_other = pl.col("class") == "other"
    undefined = pl.when(~is_other).then(pl.col("efficiency", "efficiency_unc"))
    figure = plot_confusion.confusion_figure(
        drawn.table.with_columns(undefined), RECORD
    )
    assert len(figure.axes[0].texts) == 6


def test_the_origin_and_the_subset_are_named(drawn):
    title = drawn.figure.get_suptitle()
    assert "Toy events" in title and title.endswith("mlp, test events")
