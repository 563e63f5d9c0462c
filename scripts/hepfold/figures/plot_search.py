"""Hyperparameter search of one model: trials, and importance of the settings."""

import math

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from hepfold.core import parsing, settings_training, tables
from hepfold.data import fold_file
from hepfold.figures import drawing, style
from hepfold.training import candidates

MERIT_NAMES = {
    "accuracy": "Validation accuracy",
    "auc": "Validation AUC",
    "log_loss": "Validation loss",
}
MARKERS = "osD^vP*X"
# Margins around the trials and height of a legend row, in units of the range of merits.
ROOM = 0.08
ROOM_OF_ROW = 0.1
# Entries of the legend in one row.
N_COLUMNS = 4


def plot_search(
    trials: list[pl.DataFrame],
    train: str,
    wildcards: dict,
    title: str,
    space: dict,
    merit: str,
) -> drawing.Drawings:
    """Trials of every fold, and the importance of the settings in the search space."""
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    table = in_order(pl.concat(trials), merit)
    history = history_figure(table, record, merit)
    space = parsing.parse(space, settings_training.Space)
    importances = importance_table(table, space, merit)
    return {
        "search": drawing.Drawing(history, table),
        "search_importance": drawing.Drawing(
            importance_figure(importances, record),
            tables.named_rows(importances, wildcards),
        ),
    }


def in_order(trials: pl.DataFrame, merit: str) -> pl.DataFrame:
    """The trials of each fold in planned order, with the best merit so far.

    Adds the columns `number`, starting at one, and `best_so_far`.
    """
    plan = ["bracket", "rung", "trial"]
    ordered = trials.sort("fold", *plan, descending=[False, True, False, False])
    column = pl.col(merit)
    so_far = column.cum_max() if candidates.RISES[merit] else column.cum_min()
    return ordered.with_columns(
        pl.int_range(1, pl.len() + 1).over("fold").alias("number"),
        so_far.forward_fill().over("fold").alias("best_so_far"),
    )


def history_figure(table: pl.DataFrame, record: dict, merit: str) -> Figure:
    """Merit of each trial by bracket with the best so far (top), epochs (bottom)."""
    figure, (upper, lower) = style.new_stack()
    brackets = table["bracket"].unique().sort(descending=True)
    draw_trials(upper, lower, table, brackets, merit)
    for i, (_, line) in enumerate(table.group_by("fold", maintain_order=True)):
        label = "best so far" if i == 0 else None
        look = {"color": "black", "lw": 1, "where": "post", "label": label}
        upper.step(line["number"], line["best_so_far"], **look)
    picked = pl.concat(best_trial(part, merit) for _, part in table.group_by("fold"))
    ring = {"marker": "o", "ms": 13, "mfc": "none", "color": "black", "ls": ""}
    upper.plot(picked["number"], picked[merit], **ring, label="picked")
    n_rows = math.ceil((len(brackets) + 2) / N_COLUMNS)
    upper.set_ylim(merit_limits(table[merit].drop_nulls().to_numpy(), n_rows))
    upper.set_ylabel(MERIT_NAMES[merit])
    draw_epochs_axis(lower, table)
    n_folds = table["fold"].n_unique()
    folds = f", {n_folds} folds" if n_folds > 1 else ""
    style.label(upper, record, f"{record['model']}, search{folds}")
    spaces = {"columnspacing": 1.5, "handletextpad": 0.4}
    upper.legend(loc="upper center", ncols=N_COLUMNS, fontsize=12, **spaces)
    return figure


def draw_trials(
    upper: plt.Axes, lower: plt.Axes, table: pl.DataFrame, brackets: list, merit: str
) -> None:
    """Draw the merit (top) and epochs (bottom) of each trial, by bracket."""
    colors = style.model_colors(len(brackets))
    for i, (bracket, color) in enumerate(zip(brackets, colors, strict=True)):
        part = table.filter(pl.col("bracket") == bracket)
        look = {"color": color, "marker": MARKERS[i % len(MARKERS)], "ls": ""}
        upper.plot(
            part["number"], part[merit], **look, ms=6, label=f"bracket {bracket}"
        )
        lower.plot(part["number"], part["n_epochs"], **look, ms=4)


def best_trial(of_fold: pl.DataFrame, merit: str) -> pl.DataFrame:
    """The row of the trial that the search picks in a fold; empty if there is none."""
    full = of_fold.filter(
        pl.col("n_epochs") == pl.col("n_epochs").max(), pl.col(merit).is_not_null()
    )
    order = full.sort(merit, "number", descending=[candidates.RISES[merit], False])
    return order.head(1)


def merit_limits(merits: np.ndarray, n_rows: int) -> tuple[float, float]:
    """Axis limits that include all merits (n_trials,) and a legend of `n_rows`."""
    low, high = (merits.min(), merits.max()) if len(merits) else (0.0, 1.0)
    span = max(high - low, 1e-3 * abs(high), 1e-9)
    return low - ROOM * span, high + (2 * ROOM + n_rows * ROOM_OF_ROW) * span


def draw_epochs_axis(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Set the logarithmic axis of epochs and the axis of trials."""
    axes.set_yscale("log")
    axes.set_ylim(0.7, 1.6 * table["n_epochs"].max())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylabel("Epochs")
    axes.set_xlabel("Trial")
    axes.set_xlim(0, table["number"].max() + 1)


def importance_table(table: pl.DataFrame, space: dict, merit: str) -> pl.DataFrame:
    """Importance of each setting in the search of each fold, largest mean first."""
    rows = [
        {"fold": fold, "setting": setting, "importance": value}
        for (fold,), trials in table.group_by("fold", maintain_order=True)
        for setting, value in candidates.importance(trials, space, merit).items()
    ]
    mean = pl.col("importance").mean().over("setting").alias("mean")
    return (
        pl.DataFrame(rows)
        .with_columns(mean)
        .sort("mean", "setting", "fold", descending=[True, False, False])
    )


def importance_figure(importances: pl.DataFrame, record: dict) -> Figure:
    """Mean importance of each setting as bars, and each fold as points."""
    figure, axes = style.new_figure()
    names = importances["setting"].unique(maintain_order=True).to_list()
    place = {name: i for i, name in enumerate(reversed(names))}
    bars = importances.unique("setting", maintain_order=True)
    heights = [place[name] for name in bars["setting"]]
    axes.barh(heights, bars["mean"], height=0.6, color="tab:blue")
    n_folds = importances["fold"].n_unique()
    if n_folds > 1:
        heights = [place[name] for name in importances["setting"]]
        axes.plot(importances["importance"], heights, "k.", label="each fold")
        axes.legend(loc="lower right")
    axes.set_yticks(list(place.values()), list(place))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_xlim(0, 1)
    axes.set_xlabel("Importance")
    style.label(axes, record, f"{record['model']}, search")
    return figure
