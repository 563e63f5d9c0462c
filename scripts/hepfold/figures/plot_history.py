"""Training history of one model: loss, AUC and learning rate by epoch."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from hepfold.data import fold_file
from hepfold.figures import drawing, style

# Name in the legend, color and dash of each loss.
LOSSES = {
    "loss": ("training", "tab:blue", "-"),
    "validation_loss": ("validation", "tab:orange", "--"),
}
# With more thin lines of one kind than this, each line is fainter.
N_DARK = 6
# Lines of at most this many epochs get markers, without which they are hardly visible.
FEW_EPOCHS = 3
# Learning rates that vary by more than this factor get a logarithmic axis.
WIDE_SPAN = 30


def plot_history(
    histories: list[pl.DataFrame], train: str, wildcards: dict, title: str
) -> drawing.Drawings:
    """History of the members of all folds."""
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    table = pl.concat(histories)
    return {"history": drawing.Drawing(history_figure(table, record), table)}


def history_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Loss (top) and learning rate (bottom) of all folds and members by epoch.

    The panel between them shows the AUC of validation events, if there are any.
    """
    has_auc = not table["validation_auc"].is_null().all()
    figure, panels = style.new_stack((3, 1.5, 1) if has_auc else (3, 1))
    n_lines = table.select("fold", "member").n_unique()
    marker = "." if table["epoch"].max() <= FEW_EPOCHS else ""
    for name, (events, color, dash) in LOSSES.items():
        if table[name].is_null().all():
            continue
        label = f"{events}, median of {n_lines}" if n_lines > 1 else events
        look = {"color": color, "ls": dash, "marker": marker}
        draw_members(panels[0], table, name, look, label)
    panels[0].set_ylim(loss_limits(table))
    panels[0].set_ylabel("Loss")
    n_folds = table["fold"].n_unique()
    folds = f"{n_folds} folds" if n_folds > 1 else "1 fold"
    style.label(panels[0], record, f"{record['model']}, {folds}")
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
    """Draw a column against the epoch: thin lines for members, and their median."""
    n_lines = table.select("fold", "member").n_unique()
    thin = look | {"lw": 0.7, "alpha": min(0.5, N_DARK / n_lines)}
    for line in of_members(table):
        axes.plot(line["epoch"], line[name], **thin)
    middle = median_of_members(table, name)
    axes.plot(middle["epoch"], middle[name], **look, lw=2.2, label=label)


def draw_rates(axes: plt.Axes, table: pl.DataFrame, marker: str) -> None:
    """Draw the learning rate of each fold against the epoch or boosting round."""
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
    axes.xaxis.set_minor_locator(NullLocator())  # no ticks between epochs


def of_members(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The history of each member of each fold."""
    for _, line in table.group_by("fold", "member", maintain_order=True):
        yield line


def median_of_members(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Median of the finite values of a column at each epoch that all members reach.

    A mean would follow a single diverging member.
    """
    n_lines = table.select("fold", "member").n_unique()
    by_epoch = table.group_by("epoch").agg(
        pl.len().alias("n"),
        pl.col(name).filter(pl.col(name).is_finite()).median(),
    )
    return by_epoch.filter(pl.col("n") == n_lines).sort("epoch")


def loss_limits(table: pl.DataFrame) -> tuple[float, float]:
    """Axis limits that include 90 % of members at every epoch: a few may diverge."""
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
