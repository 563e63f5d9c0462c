"""Stacked processes in all regions, with uncertainty and recorded events."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import fit_stages, score_bins
from hepfold.core import columns
from hepfold.data import declared_processes
from hepfold.figures import process_groups, style

HATCHED = {"fill": False, "hatch": "/////", "ec": "dimgray", "lw": 0}
CLOSED = {"color": "gray", "alpha": 0.15, "lw": 0}
# Regions side by side, and inches of a region, of the legend and of the label.
N_COLUMNS = 3
WIDTH, HEIGHT, LEGEND_WIDTH, LABEL_HEIGHT = 5.0, 5.0, 2.6, 0.5
# Inches of a single region, which must leave room for the label.
SINGLE_WIDTH = 7.5
# A linear axis ends this far above the highest bin, a logarithmic one at this power.
LINEAR_HEADROOM, LOG_HEADROOM = 1.3, 1.15
# Fraction of the smallest content at which a logarithmic axis begins.
LOG_FLOOR = 0.3
# Largest deviation from one that the ratio shows.
RATIO_RANGE = 0.2, 1.0


def regions_figure(
    table: pl.DataFrame,
    record: dict,
    processes: tuple[declared_processes.DeclaredProcess, ...],
    axis: str,
    has_equal_bins: bool,
) -> Figure:
    """One panel for each region, with a ratio below.

    Takes the table of `fit_stages.joined`. Bins are drawn with equal width and ticks at
    their edges, or to scale.
    """
    channels = table["channel"].unique(maintain_order=True).to_list()
    n_columns = min(len(channels), N_COLUMNS)
    n_rows = -(-len(channels) // n_columns)
    width = SINGLE_WIDTH if n_columns == 1 else n_columns * WIDTH
    size = width + LEGEND_WIDTH, n_rows * HEIGHT + LABEL_HEIGHT
    figure = Figure(layout="constrained", figsize=size)
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - LABEL_HEIGHT / size[1]))
    cells = figure.add_gridspec(n_rows, n_columns)
    groups = process_groups.of(processes, table.filter(is_process()))
    for i, channel in enumerate(channels):
        rows = cells[i // n_columns, i % n_columns].subgridspec(
            2, 1, height_ratios=(3, 1), hspace=0.05
        )
        main = figure.add_subplot(rows[0])
        ratio = figure.add_subplot(rows[1], sharex=main)
        main.tick_params(labelbottom=False)
        of_region = table.filter(channel=channel)
        draw_region(main, ratio, of_region, groups, has_equal_bins)
        name = "" if channel == score_bins.ALL_EVENTS else channel
        main.text(0.04, 0.96, name, transform=main.transAxes, va="top", fontsize=15)
        ratio.set_xlabel(f"{axis} (bins of equal width)" if has_equal_bins else axis)
    figure.legend(*entries(figure.axes[::2]), loc="outside right center", fontsize=12)
    stage = {fit_stages.PREFIT: "before", fit_stages.POSTFIT: "after"}
    data = f"the fit to {record['data']} data"
    note = f"{record['model']}, {stage[table['stage'][0]]} {data}"
    style.label_figure(figure, record, note)
    return figure


def is_process() -> pl.Expr:
    """Whether a row of predictions is of a process, not of their sum."""
    return pl.col(columns.PROCESS) != fit_stages.TOTAL


def entries(panels: list[plt.Axes]) -> tuple[list, list[str]]:
    """Handles and texts of the legend of all panels, each once."""
    by_text = {}
    for axes in panels:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            by_text.setdefault(text, handle)
    return list(by_text.values()), list(by_text)


def draw_region(
    main: plt.Axes,
    ratio: plt.Axes,
    table: pl.DataFrame,
    groups: list[process_groups.Group],
    has_equal_bins: bool,
) -> None:
    """Draw the processes of one region, and below the ratio to their sum."""
    total = table.filter(~is_process())
    edges = np.append(total["low"].to_numpy(), total["high"][-1])
    places = np.arange(len(edges)) if has_equal_bins else edges
    stack = process_groups.histograms(table, groups, len(total))
    process_groups.draw_stack(main, places, groups, stack)
    content, unc = (total[name].to_numpy() for name in ("expected", "expected_unc"))
    band = {"label": "total uncertainty", **HATCHED}
    main.stairs(content + unc, places, baseline=content - unc, **band)
    safe = np.where(content > 0, content, np.nan)
    ratio.stairs(1 + unc / safe, places, baseline=1 - unc / safe, **HATCHED)
    ratio.axhline(1, color="black", lw=0.8)
    observed = recorded(total)
    draw_recorded(main, ratio, observed, places, safe)
    draw_closed(main, ratio, total, places)
    highest = max((content + unc).max(), np.nan_to_num(observed).max())
    if has_equal_bins:
        lowest = LOG_FLOOR * content[content > 0].min()
        top = lowest * (highest / lowest) ** LOG_HEADROOM
        main.set(yscale="log", ylim=(lowest, top))
        size = min(10, 90 / len(edges))
        ratio.set_xticks(places, [f"{e:.3g}" for e in edges], fontsize=size)
        ratio.minorticks_off()
    else:
        main.set_ylim(0, LINEAR_HEADROOM * highest)
    main.set(ylabel="Events per bin", xlim=(places[0], places[-1]))
    ratio.set_ylabel("Data /\nprediction", fontsize=13)
    spread = [unc / safe, (np.abs(observed - content) + np.sqrt(observed)) / safe]
    half = np.clip(1.1 * np.nan_to_num(spread).max(), *RATIO_RANGE)
    ratio.set_ylim(1 - half, 1 + half)


def recorded(total: pl.DataFrame) -> np.ndarray:
    """Recorded events (n_bins,) that are shown; NaN elsewhere."""
    if "observed" not in total.columns:
        return np.full(len(total), np.nan)
    return total["observed"].cast(pl.Float64).fill_null(np.nan).to_numpy()


def draw_recorded(
    main: plt.Axes,
    ratio: plt.Axes,
    counts: np.ndarray,
    places: np.ndarray,
    expected: np.ndarray,
) -> None:
    """Draw recorded events with Poisson uncertainties."""
    if np.isnan(counts).all():
        return
    centers, unc = (places[:-1] + places[1:]) / 2, np.sqrt(counts)
    look = {"color": "black", "marker": "o", "ms": 4, "ls": "none"}
    main.errorbar(centers, counts, yerr=unc, label="data", **look)
    ratio.errorbar(centers, counts / expected, yerr=unc / expected, **look)


def draw_closed(
    main: plt.Axes, ratio: plt.Axes, total: pl.DataFrame, places: np.ndarray
) -> None:
    """Shade blinded bins."""
    if "blinded" not in total.columns:
        return
    for i in np.flatnonzero(total["blinded"].to_numpy()):
        for axes in (main, ratio):
            axes.axvspan(places[i], places[i + 1], label="blinded", **CLOSED)


def empty_figure(record: dict, text: str) -> Figure:
    """A figure that says why it is empty."""
    figure, axes = style.new_figure()
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=16)
    style.label(axes, record, record["model"])
    return figure
