"""Tests of figures.plot_ams: labels, legends and contents, in both looks."""

import numpy as np
import polars as pl
import pytest
from figure_samples import TOY, metrics, texts

from hepfold.core import metrics as merits
from hepfold.figures import plot_ams


def drawing(scores, record: dict):
    return plot_ams.plot_ams(scores, record, n_replicas=20, seed=1, threads=1)["ams"]


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_the_figure_shows_every_subset_at_the_chosen_cut(scores):
    figure = drawing(scores, metrics()).figure
    figure.draw_without_rendering()
    text = texts(figure.axes[0])
    for name in ("out-of-fold", "public", "private"):
        assert f"{name}, 3.000 ± 0.200 at the cut" in text
    assert "chosen cut, 0.8000" in text and TOY in text


def test_no_maximum_over_cuts_is_shown(scores):
    assert "3.1" not in texts(drawing(scores, metrics()).figure.axes[0])


def test_the_ams_has_the_regularizer_of_the_evaluation(scores):
    table = drawing(scores, metrics()).table
    expected = merits.ams(table["s"].to_numpy(), table["b"].to_numpy(), 10.0)
    np.testing.assert_allclose(table["ams"], expected)


def test_cuts_without_background_leave_the_axis_whole(scores):
    """Without a regularizer the AMS is infinite there, and its maximum undefined."""
    pure = scores.with_columns(
        score=pl.when(label=1).then(pl.col("score") + 1).otherwise("score") / 2
    )
    record = metrics()
    record["settings"] = {"b_reg": 0.0}
    undefined = {"max_ams": None, "max_ams_unc": None, "ams": 2.0}
    record |= {name: record[name] | undefined for name in ("oof", "private")}
    drawn = drawing(pure, record)
    assert drawn.table["ams"].null_count() > 0
    assert drawn.table["ams"].drop_nulls().is_finite().all()
    _, high = drawn.figure.axes[0].get_ylim()
    assert high == pytest.approx(1.6 * 2.0)


def test_the_axis_ends_near_the_highest_curve(scores):
    """The maximum over all cuts can be at one that is not drawn."""
    record = metrics()
    record["oof"] = record["oof"] | {"max_ams": 1000.0}
    drawn = drawing(scores, record)
    _, high = drawn.figure.axes[0].get_ylim()
    assert high == pytest.approx(1.6 * min(drawn.table["ams"].max(), 9.0))
