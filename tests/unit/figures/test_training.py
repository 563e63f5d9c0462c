"""Tests of figures.training: figures show every member and survive divergence."""

import numpy as np
import polars as pl
import pytest

from hepfold.figures import training

RECORD = {"dataset": "higgsml", "model": "mlp", "simulated": True}


def history(n_epochs=(4, 4), n_members=3, judged=True) -> pl.DataFrame:
    rows = [
        {
            "fold": fold,
            "epoch": epoch,
            "member": member,
            "learning_rate": 0.1 / 10**epoch,
            "loss": 1 / epoch + 0.01 * member,
            "validation_loss": 1 / epoch + 0.1 if judged else None,
            "validation_auc": 0.9 - 0.1 / epoch if judged else None,
        }
        for fold, n in enumerate(n_epochs)
        for epoch in range(1, n + 1)
        for member in range(n_members)
    ]
    types = dict.fromkeys(training.HISTORY_NUMBERS, pl.Float64)
    return pl.DataFrame(rows, schema_overrides=types)


def rates(n_members: int, loss: np.ndarray) -> pl.DataFrame:
    rate = np.geomspace(1e-6, 1, len(loss))
    return pl.DataFrame(
        {
            "member": np.repeat(np.arange(n_members), len(loss)),
            "learning_rate": np.tile(rate, n_members),
            "smoothed_loss": np.tile(loss, n_members),
        }
    )


def texts(axes) -> str:
    parts = [*axes.texts, *axes.get_legend().get_texts()]
    return " | ".join([axes.get_title("right"), *(text.get_text() for text in parts)])


def test_every_member_of_every_fold_has_a_line():
    upper, middle, lower = training.history_figure(history(), RECORD).axes
    assert len(middle.lines) == 6 + 1
    assert len(upper.lines) == 2 * (6 + 1)
    assert len(lower.lines) == 2
    assert lower.get_yscale() == "log"
    assert "Simulation" in texts(upper) and "mlp, 2 folds" in texts(upper)


def test_no_validation_has_no_line():
    upper, _ = training.history_figure(history(judged=False), RECORD).axes
    assert len(upper.lines) == 6 + 1
    assert "validation" not in texts(upper)


def test_the_middle_ends_where_a_fold_has_stopped():
    table = training.median_of_members(history(n_epochs=(3, 8)), "loss")
    assert table["epoch"].to_list() == [1, 2, 3]
    np.testing.assert_allclose(table["loss"], [1.01, 0.51, 1 / 3 + 0.01])


@pytest.mark.parametrize("loss", [1e9, np.inf, np.nan])
def test_one_member_that_diverges_spoils_no_axis(loss):
    table = history(n_members=20)
    diverges = pl.col("member") == 7
    spoilt = table.with_columns(loss=pl.when(diverges).then(loss).otherwise("loss"))
    limits = training.loss_limits(table)
    assert training.loss_limits(spoilt) == pytest.approx(limits, rel=0.05)
    found = training.median_of_members(spoilt, "loss")["loss"]
    expected = training.median_of_members(table, "loss")["loss"]
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_all_that_diverged_still_makes_a_figure():
    table = history(judged=False).with_columns(loss=pl.lit(np.nan))
    training.history_figure(table, RECORD)


def test_steepest_fall_is_that_of_the_curve():
    """A logistic fall is steepest at its middle, whatever the loss does afterwards."""
    x = np.linspace(-6, 0, 301)
    loss = 0.7 - 0.3 / (1 + np.exp(-8 * (x + 3))) + np.where(x > -1, 5 * (x + 1), 0)
    found = training.steepest_rate(rates(2, loss))
    assert found == pytest.approx(1e-3, rel=0.1)
    (axes,) = training.rates_figure(rates(2, loss), RECORD, 0.003).axes
    assert "steepest fall, 0.001" in texts(axes) and "in use, 0.003" in texts(axes)


def test_a_loss_that_never_falls_has_no_steepest_rate():
    table = rates(1, np.linspace(1, 2, 50))
    assert training.steepest_rate(table) is None
    (axes,) = training.rates_figure(table, RECORD, 0.003).axes
    assert "steepest" not in texts(axes)
