"""Score distributions of one model, with ratios of test to out-of-fold events."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import score_histograms, score_tables
from hepfold.core import columns
from hepfold.data import declared_processes
from hepfold.figures import drawing, process_groups, style

SIGNAL = columns.CLASS_NAMES[columns.SIGNAL]
BACKGROUND = columns.CLASS_NAMES[columns.BACKGROUND]
# Classes for which test and out-of-fold events are compared, with their color.
POINTS = {score_histograms.ALL: "black", SIGNAL: style.CLASS_COLORS[columns.SIGNAL]}
# Marker of a subset, and its shift from the bin center in bin widths: a data set has at
# most two test subsets.
MARKS = {
    "public": ({"marker": "o", "mfc": "white"}, -0.15),
    "private": ({"marker": "s"}, 0.15),
    "test": ({"marker": "s"}, 0.0),
}
# The axis of ratios includes points with uncertainties up to this value.
LARGEST_UNC = 0.25


def plot_scores(
    scores: pl.DataFrame, metrics: dict, processes: list[dict]
) -> drawing.Drawings:
    """Expected events per bin of the score in every subset."""
    expected = score_tables.expected(metrics["normalization"])
    declared = declared_processes.parse(processes)
    table = score_histograms.score_histograms(scores, expected, declared)
    figure = score_figure(table, metrics, declared)
    return {"scores": drawing.Drawing(figure, table)}


def score_figure(
    every: pl.DataFrame,
    record: dict,
    processes: tuple[declared_processes.DeclaredProcess, ...] = (),
) -> Figure:
    """Expected events by score, signal on top of background, and ratios of test events.

    Out-of-fold events are filled areas, stacked by process if there are more than two;
    test events are points. Without test events there are no ratios.
    """
    table = every.filter(pl.col(columns.PROCESS).is_null())
    oof, test = table.filter(subset="oof"), table.filter(pl.col("subset") != "oof")
    figure, (main, *ratios) = style.new_stack((4, 1, 1) if len(test) else (1,))
    by_process = every.filter(pl.col(columns.PROCESS).is_not_null(), subset="oof")
    if len(by_process):
        draw_processes(main, by_process, oof, processes)
    else:
        draw_stack(main, oof)
    for events, color in POINTS.items():
        of_kind = test.filter(events=events)
        for (subset,), bins in of_kind.group_by("subset", maintain_order=True):
            label = f"{style.SUBSET_NAMES[subset]}, {events_label(events)}"
            draw_points(main, bins, "expected", color, label)
    # With positive weights alone, no sum is smaller than its uncertainty.
    is_known = pl.col("expected") >= pl.col("expected_unc")
    low = table.filter(pl.col("expected") > 0, is_known)["expected"].min()
    main.set(xlim=(0, 1), yscale="log", ylabel="Expected events per bin")
    main.set_ylim(low / 3, 50 * table["expected"].max())
    for axes, events in zip(ratios, POINTS, strict=False):
        draw_ratios(axes, table.filter(events=events), POINTS[events])
        axes.set_ylabel(f"Test / OOF\n{events_label(events)}", fontsize=12)
    [main, *ratios][-1].set_xlabel("Score")
    if len(by_process):
        style.label(main, record, f"{record['model']}, {style.evaluated_on(record)}")
        style.fit_legend(main, table["expected"].max())
    else:
        style.finish(main, record, ncols=2)
    return figure


def events_label(events: str) -> str:
    """Legend text of one class, or of both together."""
    return "all events" if events == score_histograms.ALL else events


def draw_stack(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Draw out-of-fold events: both classes stacked, and signal separately."""
    edges = score_histograms.edges_of(table)
    background, signal, total = (
        table.filter(events=name)["expected"].to_numpy()
        for name in (BACKGROUND, SIGNAL, score_histograms.ALL)
    )
    red, blue = (style.CLASS_COLORS[v] for v in (columns.SIGNAL, columns.BACKGROUND))
    fill = {"fill": True, "lw": 0}
    label = "background, out-of-fold"
    axes.stairs(background, edges, color=blue, alpha=0.35, label=label, **fill)
    stacked = {"baseline": background, "label": "signal, stacked"}
    axes.stairs(total, edges, color=red, alpha=0.6, **stacked, **fill)
    axes.stairs(signal, edges, color=red, lw=1.5, label="signal")


def draw_processes(
    axes: plt.Axes,
    by_process: pl.DataFrame,
    of_classes: pl.DataFrame,
    processes: tuple[declared_processes.DeclaredProcess, ...],
) -> None:
    """Draw out-of-fold events: processes stacked, and signal separately.

    Signal is on top of the stack; a line shows it alone, in the same expected events.
    """
    edges = score_histograms.edges_of(of_classes)
    groups = process_groups.of(processes, by_process)
    stack = process_groups.histograms(by_process, groups, len(edges) - 1)
    process_groups.draw_stack(axes, edges, groups, stack)
    signal = of_classes.filter(events=SIGNAL)["expected"]
    red = style.CLASS_COLORS[columns.SIGNAL]
    axes.stairs(signal, edges, color=red, lw=1.5, label="signal, not stacked")


def draw_points(
    axes: plt.Axes, bins: pl.DataFrame, column: str, color: str, label: str | None
) -> None:
    """Draw one subset of test events as points with uncertainties."""
    marker, shift = MARKS[bins["subset"][0]]
    filled = bins.filter(pl.col("expected") > 0)
    width = filled["high"] - filled["low"]
    axes.errorbar(
        (filled["low"] + filled["high"]) / 2 + shift * width,
        filled[column],
        filled[f"{column}_unc"],
        color=color,
        label=label,
        ls="none",
        ms=4,
        elinewidth=1.2,
        **marker,
    )


def draw_ratios(axes: plt.Axes, table: pl.DataFrame, color: str) -> None:
    """Draw ratios of test to out-of-fold events; the latter have a band around one."""
    oof = table.filter(subset="oof").fill_null(0)
    edges = score_histograms.edges_of(oof)
    style.draw_band(axes, edges, oof["ratio"], oof["ratio_unc"], color)
    axes.axhline(1, color="gray", lw=1)
    test = table.filter(pl.col("subset") != "oof")
    for _, bins in test.group_by("subset", maintain_order=True):
        draw_points(axes, bins, "ratio", color, None)
    shown = table.filter(pl.col("ratio_unc") < LARGEST_UNC)
    away = (shown["ratio"] - 1).abs() + shown["ratio_unc"]
    half = min(max(1.1 * (away.max() or 0), 0.1), 1)
    axes.set_ylim(1 - half, 1 + half)
