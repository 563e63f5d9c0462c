"""Tests of figures.plot_search: every trial is shown, and the best so far."""

import polars as pl
import pytest

from hepfold.figures import plot_search
from hepfold.training import candidates, hyperband

RECORD = {"dataset": "hepmass", "model": "small", "toy": True}
SPACE = {"network.width": [28, 56], "learning_rate": [1e-2, 1e-3, 1e-4]}


def trials(n_folds: int = 1) -> pl.DataFrame:
    rows = []
    for fold in range(n_folds):
        for bracket, rungs in hyperband.brackets(9, 3, 6).items():
            for rung, (n_trials, n_epochs) in enumerate(rungs):
                for trial in range(n_trials):
                    merit = 0.5 + 0.01 * ((7 * trial + fold + rung) % 5)
                    rows.append(
                        {"dataset": "hepmass", "model": "small", "fold": fold}
                        | {"bracket": bracket, "rung": rung, "trial": trial}
                        | {"n_epochs": n_epochs, "network.width": (28, 56)[trial % 2]}
                        | {"learning_rate": 10.0 ** -(2 + trial % 3)}
                        | {"accuracy": merit, "auc": merit, "log_loss": 1 - merit}
                    )
    return pl.DataFrame(rows)


@pytest.mark.parametrize("merit", candidates.RISES)
def test_the_best_so_far_only_gets_better(merit):
    table = plot_search.in_order(trials(2), merit)
    sign = 1 if candidates.RISES[merit] else -1
    for _, fold in table.group_by("fold"):
        best = sign * fold["best_so_far"]
        assert (best.diff().drop_nulls() >= 0).all()
        assert (best >= sign * fold[merit]).all()
        assert fold["number"].to_list() == list(range(1, len(fold) + 1))


def test_every_trial_has_a_point_in_its_bracket():
    table = plot_search.in_order(trials(2), "accuracy")
    upper, lower = plot_search.history_figure(table, RECORD, "accuracy").axes
    points = [line for line in upper.lines if "bracket" in str(line.get_label())]
    assert len(points) == 3
    assert sum(len(line.get_xdata()) for line in points) == len(table)
    assert sum(len(line.get_xdata()) for line in lower.lines) == len(table)


def test_the_picked_trial_is_the_best_of_all_epochs():
    table = plot_search.in_order(trials(), "log_loss")
    row = plot_search.best_trial(table, "log_loss").row(0, named=True)
    full = table.filter(pl.col("n_epochs") == 9)
    assert row["n_epochs"] == 9 and row["log_loss"] == full["log_loss"].min()


def test_trials_without_a_merit_leave_no_hole_in_the_best():
    table = trials().with_columns(
        pl.when(pl.col("rung") > 0).then(None).otherwise("accuracy").alias("accuracy")
    )
    table = plot_search.in_order(table, "accuracy")
    assert table["best_so_far"].null_count() == 0
    assert len(plot_search.history_figure(table, RECORD, "accuracy").axes) == 2


@pytest.mark.parametrize("n_folds", [1, 3])
def test_every_setting_has_a_bar_and_every_fold_a_point(n_folds):
    table = plot_search.in_order(trials(n_folds), "accuracy")
    importances = plot_search.importance_table(table, SPACE, "accuracy")
    (axes,) = plot_search.importance_figure(importances, RECORD).axes
    assert len(axes.patches) == 3
    names = {text.get_text() for text in axes.get_yticklabels()}
    assert names == {"network.width", "learning_rate", "n_epochs"}
    n_points = sum(len(line.get_xdata()) for line in axes.lines)
    assert n_points == (3 * n_folds if n_folds > 1 else 0)
    assert importances["mean"].is_sorted(descending=True)
