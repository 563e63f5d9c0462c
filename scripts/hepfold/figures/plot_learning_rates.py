"""Learning-rate range test of one model: the loss against the learning rate."""

import logging

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.data import fold_file
from hepfold.figures import drawing, style

# With more members than this, their lines are fainter.
N_DARK = 6


def plot_learning_rates(
    table: pl.DataFrame, train: str, wildcards: dict, title: str, learning_rate: float
) -> drawing.Drawings:
    """Loss against the learning rate; logs the rate at which the loss falls fastest."""
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    rate = steepest_rate(table)
    logging.info("The loss falls fastest at a learning rate of %s.", rate)
    figure = rates_figure(table, record, learning_rate)
    return {"learning_rates": drawing.Drawing(figure)}


def rates_figure(table: pl.DataFrame, record: dict, learning_rate: float) -> Figure:
    """Smoothed loss of all members against the learning rate, with the rate in use."""
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
    steepest = steepest_rate(table)
    if steepest is not None:
        label = f"steepest fall, {steepest:.2g}"
        axes.axvline(steepest, color="tab:red", ls=":", label=label)
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
    """The rate at which the mean smoothed loss falls fastest per decade of the rate.

    Only rates below that of the lowest loss are considered; None if the loss never
    falls.
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
