"""Tests of figures.plot_history: every member is shown, even if one diverges."""

import numpy as np
import polars as pl
import pytest
from figure_samples import RECORD, TOY, texts

from hepfold.figures import plot_history

# Numeric columns, even if all values are missing.
NUMBERS = ("learning_rate", "loss", "validation_loss", "validation_auc")


def history(n_epochs=(4, 4), n_members=3, has_validation=True) -> pl.DataFrame:
    rows = [
        {
            "fold": fold,
            "epoch": epoch,
            "member": member,
            "learning_rate": 0.1 / 10**epoch,
            "loss": 1 / epoch + 0.01 * member,
            "validation_loss": 1 / epoch + 0.1 if has_validation else None,
            "validation_auc": 0.9 - 0.1 / epoch if has_validation else None,
        }
        for fold, n in enumerate(n_epochs)
        for epoch in range(1, n + 1)
        for member in range(n_members)
    ]
    types = dict.fromkeys(NUMBERS, pl.Float64)
    return pl.DataFrame(rows, schema_overrides=types)


def test_every_member_of_every_fold_has_a_line():
    upper, middle, lower = plot_history.history_figure(history(), RECORD).axes
    assert len(middle.lines) == 6 + 1
    assert len(upper.lines) == 2 * (6 + 1)
    assert len(lower.lines) == 2
    assert lower.get_yscale() == "log"
    assert TOY in texts(upper) and "mlp, 2 folds" in texts(upper)


def test_without_validation_there_is_no_line():
    upper, _ = plot_history.history_figure(history(has_validation=False), RECORD).axes
    assert len(upper.lines) == 6 + 1
    assert "validation" not in texts(upper)


def test_the_middle_ends_where_a_fold_has_stopped():
    table = plot_history.median_of_members(history(n_epochs=(3, 8)), "loss")
    assert table["epoch"].to_list() == [1, 2, 3]
    np.testing.assert_allclose(table["loss"], [1.01, 0.51, 1 / 3 + 0.01])


@pytest.mark.parametrize("loss", [1e9, np.inf, np.nan])
def test_a_diverging_member_changes_no_axis(loss):
    table = history(n_members=20)
    diverges = pl.col("member") == 7
    diverged = table.with_columns(loss=pl.when(diverges).then(loss).otherwise("loss"))
    limits = plot_history.loss_limits(table)
    assert plot_history.loss_limits(diverged) == pytest.approx(limits, rel=0.05)
    median = plot_history.median_of_members(diverged, "loss")["loss"]
    expected = plot_history.median_of_members(table, "loss")["loss"]
    np.testing.assert_allclose(median, expected, atol=0.01)


def test_a_figure_is_drawn_even_if_all_members_diverge():
    table = history(has_validation=False).with_columns(loss=pl.lit(np.nan))
    plot_history.history_figure(table, RECORD)
