"""Figures of the distribution of scores, each from the table of numbers it shows."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import score_histograms
from hepfold.core import columns
from hepfold.figures import style

SIGNAL = columns.CLASS_NAMES[columns.SIGNAL]
BACKGROUND = columns.CLASS_NAMES[columns.BACKGROUND]
# What test events are compared in, by the color of their points.
POINTS = {score_histograms.ALL: "black", SIGNAL: style.CLASS_COLORS[columns.SIGNAL]}
# How the points of a subset are marked, and how much of a bin they are off its middle:
# there are at most two such subsets.
MARKS = {
    "public": ({"marker": "o", "mfc": "white"}, -0.15),
    "private": ({"marker": "s"}, 0.15),
    "test": ({"marker": "s"}, 0.0),
}
# The axis of ratios holds the points that are at least as certain as this.
CERTAIN = 0.25


def score_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Expected events by score, signal on top of background, and ratios of test events.

    Out-of-fold events are filled, test events are points; without these there are no
    ratios.
    """
    oof, test = table.filter(subset="oof"), table.filter(pl.col("subset") != "oof")
    figure, (main, *ratios) = style.new_stack((4, 1, 1) if len(test) else (1,))
    draw_stack(main, oof)
    for events, color in POINTS.items():
        of_kind = test.filter(events=events)
        for (subset,), bins in of_kind.group_by("subset", maintain_order=True):
            label = f"{style.SUBSET_NAMES[subset]}, {told(events)}"
            draw_points(main, bins, "expected", color, label)
    low = table.filter(pl.col("expected") > 0)["expected"].min()
    main.set(xlim=(0, 1), yscale="log", ylabel="Expected events per bin")
    main.set_ylim(low / 3, 50 * table["expected"].max())
    for axes, events in zip(ratios, POINTS, strict=False):
        draw_ratios(axes, table.filter(events=events), POINTS[events])
        axes.set_ylabel(f"Test / OOF\n{told(events)}", fontsize=12)
    [main, *ratios][-1].set_xlabel("Score")
    style.finish(main, record, ncols=2)
    return figure


def told(events: str) -> str:
    """What a legend calls both classes together, or one."""
    return "all events" if events == score_histograms.ALL else events


def draw_stack(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Draw out-of-fold events: both classes stacked, and signal alone."""
    edges = score_histograms.edges_of(table)
    background, signal, total = (
        table.filter(events=name)["expected"].to_numpy()
        for name in (BACKGROUND, SIGNAL, score_histograms.ALL)
    )
    red, blue = (style.CLASS_COLORS[v] for v in (columns.SIGNAL, columns.BACKGROUND))
    fill = {"fill": True, "lw": 0}
    label = "background, out-of-fold"
    axes.stairs(background, edges, color=blue, alpha=0.35, label=label, **fill)
    stacked = {"baseline": background, "label": "signal on top of it"}
    axes.stairs(total, edges, color=red, alpha=0.6, **stacked, **fill)
    axes.stairs(signal, edges, color=red, lw=1.5, label="signal alone")


def draw_points(
    axes: plt.Axes, bins: pl.DataFrame, column: str, color: str, label: str | None
) -> None:
    """Draw one subset of test events as points with uncertainties."""
    mark, shift = MARKS[bins["subset"][0]]
    seen = bins.filter(pl.col("expected") > 0)
    middle = (seen["low"] + seen["high"]) / 2 + shift * (seen["high"] - seen["low"])
    axes.errorbar(
        *(middle, seen[column], seen[f"{column}_unc"]),
        color=color,
        label=label,
        ls="none",
        ms=4,
        elinewidth=1.2,
        **mark,
    )


def draw_ratios(axes: plt.Axes, table: pl.DataFrame, color: str) -> None:
    """Draw ratios of test to out-of-fold events, whose uncertainty is a band."""
    oof = table.filter(subset="oof").fill_null(0)
    style.draw_band(
        axes, score_histograms.edges_of(oof), *oof.select("ratio", "ratio_unc"), color
    )
    axes.axhline(1, color="gray", lw=1)
    test = table.filter(pl.col("subset") != "oof")
    for _, bins in test.group_by("subset", maintain_order=True):
        draw_points(axes, bins, "ratio", color, None)
    certain = table.filter(pl.col("ratio_unc") < CERTAIN)
    away = (certain["ratio"] - 1).abs() + certain["ratio_unc"]
    half = min(max(1.1 * (away.max() or 0), 0.1), 1)
    axes.set_ylim(1 - half, 1 + half)


def reliability_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Fraction of signal against the mean score, and the distribution of scores."""
    figure, (main, below) = style.new_stack((3, 1))
    main.plot([0, 1], [0, 1], ":", color="gray", label="calibrated")
    for (subset,), bins in table.group_by("subset", maintain_order=True):
        color = style.SUBSET_COLORS[subset]
        error = score_histograms.calibration_error(bins)
        name = style.SUBSET_NAMES[subset]
        main.errorbar(
            *(bins["mean_score"], bins["signal_fraction"], bins["signal_fraction_unc"]),
            color=color,
            label=f"{name}, mean distance {error:.4f}",
            marker="o",
            ms=4,
            lw=0.7,
            elinewidth=1.2,
        )
        below.stairs(
            bins["share"], score_histograms.edges_of(bins), color=color, lw=1.5
        )
    main.set(xlim=(0, 1), ylim=(0, 1))
    main.set_ylabel("Fraction of signal, classes balanced")
    below.set_ylim(0, 1.1 * table["share"].max())
    below.set_ylabel("Part of weights", fontsize=14)
    below.set_xlabel("Score")
    style.finish(main, record, place="upper left")
    return figure
