"""Figures of trainings: their history, and the range test of the learning rate."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from hepfold.figures import style

# Columns that are numbers, though all of their values may be absent.
HISTORY_NUMBERS = ("learning_rate", "loss", "validation_loss", "validation_auc")
RATE_NUMBERS = ("learning_rate", "loss", "smoothed_loss")
LOSSES = {
    "loss": ("training", "tab:blue", "-"),
    "validation_loss": ("validation", "tab:orange", "--"),
}
# Together the thin lines of one kind are about as dark as this many.
N_DARK = 6
# Up to so many epochs a line is too short to be seen without markers.
FEW_EPOCHS = 3
# Rates that span more than this are shown on a logarithmic axis.
WIDE_SPAN = 30


def history_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Loss of all members of all folds above, learning rate below, by epoch.

    Between them is the AUC of validation events, where some judge the networks.
    """
    has_auc = not table["validation_auc"].is_null().all()
    figure, panels = style.new_stack((3, 1.5, 1) if has_auc else (3, 1))
    n_lines = table.select("fold", "member").n_unique()
    marker = "." if table["epoch"].max() <= FEW_EPOCHS else ""
    for name, (told, color, dash) in LOSSES.items():
        if table[name].is_null().all():
            continue
        label = f"{told}, median of {n_lines}" if n_lines > 1 else told
        look = {"color": color, "ls": dash, "marker": marker}
        draw_members(panels[0], table, name, look, label)
    panels[0].set_ylim(loss_limits(table))
    panels[0].set_ylabel("Loss")
    n_folds = table["fold"].n_unique()
    told = f"{n_folds} folds" if n_folds > 1 else "1 fold"
    style.label(panels[0], record, f"{record['model']}, {told}")
    panels[0].legend(loc="upper right", fontsize=12, frameon=False)
    if has_auc:
        _, color, dash = LOSSES["validation_loss"]
        look = {"color": color, "ls": dash, "marker": marker}
        draw_members(panels[1], table, "validation_auc", look, None)
        panels[1].set_ylabel("AUC", fontsize=14)
    draw_rates(panels[-1], table, marker)
    return figure


def draw_members(
    axes: plt.Axes, table: pl.DataFrame, name: str, look: dict, label: str | None
) -> None:
    """One column by epoch, of each member as a thin line and of all as their median."""
    n_lines = table.select("fold", "member").n_unique()
    thin = look | {"lw": 0.7, "alpha": min(0.5, N_DARK / n_lines)}
    for line in of_members(table):
        axes.plot(line["epoch"], line[name], **thin)
    middle = median_of_members(table, name)
    axes.plot(middle["epoch"], middle[name], **look, lw=2.2, label=label)


def draw_rates(axes: plt.Axes, table: pl.DataFrame, marker: str) -> None:
    """Learning rate by epoch or round; folds may differ, members do not."""
    for _, of_fold in table.group_by("fold", maintain_order=True):
        by_epoch = of_fold.unique("epoch", keep="first").sort("epoch")
        rate = by_epoch["learning_rate"]
        axes.plot(by_epoch["epoch"], rate, color="black", lw=1, marker=marker)
    low, high = table["learning_rate"].min(), table["learning_rate"].max()
    if 0 < low < high / WIDE_SPAN:
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.25 * high)
    axes.set_xlabel("Epoch or round")
    axes.set_ylabel("Learning rate", fontsize=14)
    last = table["epoch"].max()
    margin = max(0.5, 0.01 * last)
    axes.set_xlim(1 - margin, last + margin)
    whole = MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])
    axes.xaxis.set_major_locator(whole)
    axes.xaxis.set_minor_locator(NullLocator())  # there are no halves of epochs


def rates_figure(table: pl.DataFrame, record: dict, learning_rate: float) -> Figure:
    """Smoothed loss of all members against the learning rate, and the rate in use."""
    figure, axes = style.new_figure()
    n_members = table["member"].n_unique()
    for member, line in table.group_by("member", maintain_order=True):
        label = "members" if member == (0,) and n_members > 1 else None
        look = {"color": "tab:blue", "alpha": min(0.5, N_DARK / n_members), "lw": 0.7}
        axes.plot(line["learning_rate"], line["smoothed_loss"], **look, label=label)
    mean = mean_by_rate(table)
    rate, loss = mean["learning_rate"], mean["smoothed_loss"]
    axes.plot(rate, loss, color="tab:blue", lw=2.2, label="mean")
    axes.axvline(
        learning_rate, color="gray", ls="--", label=f"in use, {learning_rate:.2g}"
    )
    found = steepest_rate(table)
    if found is not None:
        label = f"steepest fall, {found:.2g}"
        axes.axvline(found, color="tab:red", ls=":", label=label)
    first, lowest = loss[0], loss.min()
    margin = 0.1 * max(first - lowest, 0.1 * first)
    axes.set_ylim(lowest - 2 * margin, first + 4 * margin)
    axes.set_xlim(rate.min(), rate.max())
    axes.set_xscale("log")
    axes.set_xlabel("Learning rate")
    axes.set_ylabel("Training loss, smoothed")
    style.label(axes, record, f"{record['model']}, range test")
    axes.legend(loc="lower left", fontsize=12, frameon=False)
    return figure


def steepest_rate(table: pl.DataFrame) -> float | None:
    """Rate at which the mean smoothed loss falls fastest with the rate's logarithm.

    Only up to the lowest loss; None where the loss never falls.
    """
    mean = mean_by_rate(table)
    loss = mean["smoothed_loss"].to_numpy()
    rate = mean["learning_rate"].to_numpy()
    end = int(loss.argmin()) + 1
    if end < 2:
        return None
    return float(rate[np.gradient(loss[:end], np.log(rate[:end])).argmin()])


def mean_by_rate(table: pl.DataFrame) -> pl.DataFrame:
    """Mean smoothed loss over members at each learning rate, in order."""
    mean = table.group_by("learning_rate").agg(pl.col("smoothed_loss").mean())
    return mean.sort("learning_rate")


def of_members(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The history of each member of each fold."""
    for _, line in table.group_by("fold", "member", maintain_order=True):
        yield line


def median_of_members(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Median loss at each epoch that all members have; not finite ones left out.

    No mean: a member that diverges would take it away from all others.
    """
    n_lines = table.select("fold", "member").n_unique()
    by_epoch = table.group_by("epoch").agg(
        pl.len().alias("n"),
        pl.col(name).filter(pl.col(name).is_finite()).median(),
    )
    return by_epoch.filter(pl.col("n") == n_lines).sort("epoch")


def loss_limits(table: pl.DataFrame) -> tuple[float, float]:
    """Axis that holds nine of ten members at every epoch: few diverge beyond it."""
    low, high = [], []
    for name in LOSSES:
        finite = table.filter(pl.col(name).is_finite())
        by_epoch = finite.group_by("epoch").agg(
            pl.col(name).min().alias("low"), pl.col(name).quantile(0.9).alias("high")
        )
        low += by_epoch["low"].to_list()
        high += by_epoch["high"].to_list()
    if not low:
        return 0.0, 1.0
    # Room for the legend above, and for a flat line around it.
    span = max(max(high) - min(low), 0.01 * max(high), 1e-9)
    return min(low) - 0.05 * span, max(high) + 0.25 * span
