"""Background rejection of one model for each process."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib import ticker
from matplotlib.figure import Figure

from hepfold.analysis import process_rejection, score_bins, score_tables
from hepfold.core import columns
from hepfold.data import declared_processes
from hepfold.figures import bar_lists, drawing, style

BACKGROUND = columns.CLASS_NAMES[columns.BACKGROUND]
# Height of a process in rows of a list of bars, and the part of it for all points.
N_ROWS, SPREAD = 2.2, 0.6
# Characters of a line of a name.
NAME_WIDTH = 36


def plot_processes(
    scores: pl.DataFrame,
    metrics: dict,
    processes: list[dict],
    working_points: list[float],
) -> drawing.Drawings:
    """Rejection of each background process at the working points and the chosen cut."""
    declared = declared_processes.parse(processes)
    expected = score_tables.expected(metrics["normalization"])
    table = process_rejection.rejection_table(
        scores, expected, declared, metrics["cut"], working_points
    )
    titles = {process.name: process.title for process in declared}
    figure = rejection_figure(table, metrics, titles)
    return {"processes": drawing.Drawing(figure, table)}


def rejection_figure(
    table: pl.DataFrame, record: dict, titles: dict[str, str]
) -> Figure:
    """Points with uncertainties, the process with the most expected events on top.

    They show the subset that the fit uses. Names are followed by expected events
    without the cut and above the chosen one.
    """
    subset = score_bins.filling_subset(table["subset"])
    shown = table.filter(pl.col("subset") == subset, pl.col("class") == BACKGROUND)
    of_cut = shown.filter(working_point=process_rejection.CHOSEN)
    of_cut = of_cut.sort("before", descending=True, maintain_order=True)
    figure, (axes,) = bar_lists.new_lists([int(N_ROWS * len(of_cut)) + 2])
    points = shown["working_point"].unique(maintain_order=True).to_list()
    colors = [*style.model_colors(len(points) - 1), "black"]
    shifts = np.linspace(-SPREAD / 2, SPREAD / 2, len(points))
    for point, color, shift in zip(points, colors, shifts, strict=True):
        rows = of_cut.select(columns.PROCESS).join(
            shown.filter(working_point=point), on=columns.PROCESS, maintain_order="left"
        )
        draw_points(axes, rows, color, shift, point)
    bar_lists.list_names(axes, [row_name(row, titles) for row in of_cut.to_dicts()])
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axes.set_xlabel("Background rejection (1 / efficiency)")
    axes.grid(axis="x", alpha=0.3)
    name = "out-of-fold" if subset == "oof" else subset
    style.label_figure(figure, record, f"{record['model']}, {name} events")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=12)
    return figure


def draw_points(
    axes: plt.Axes, rows: pl.DataFrame, color: str, shift: float, point: str
) -> None:
    """Draw the rejection of all processes at one working point."""
    is_chosen = point == process_rejection.CHOSEN
    label = point if is_chosen else rf"$\epsilon_s$ = {float(point):g}"
    places = np.arange(len(rows)) + shift
    is_known = rows["rejection"].is_not_null().to_numpy()
    rejection, unc = (
        rows[name].to_numpy()[is_known] for name in ("rejection", "rejection_unc")
    )
    axes.errorbar(
        rejection,
        places[is_known],
        # The lower end stays positive on the logarithmic axis.
        xerr=[np.minimum(unc, 0.9 * rejection), unc],
        color=color,
        marker="*" if is_chosen else "o",
        ms=9 if is_chosen else 5,
        ls="none",
        elinewidth=1.5,
        label=label,
    )


def row_name(row: dict, titles: dict[str, str]) -> str:
    """Title of a process, and its expected events before and after the chosen cut."""
    title = titles[row[columns.PROCESS]]
    lines = title if "$" in title else textwrap.fill(title, NAME_WIDTH)
    before, after = (
        f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        for value in (row["before"], row["after"])
    )
    return f"{lines}\n{before} → {after} events"
