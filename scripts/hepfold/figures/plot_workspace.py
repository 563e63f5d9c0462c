"""The binned score of one model, as in the workspace of the fit."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import process_templates
from hepfold.core import columns, tables
from hepfold.data import declared_processes
from hepfold.figures import drawing, process_groups, style

# Uncertainties of the background in each bin, of those that a record has.
UNCERTAINTIES = ("background_unc", "normalization_unc", "systematic_unc")
HATCHED = {"fill": False, "hatch": "/////", "ec": "dimgray", "lw": 0}
# Fraction of the height that is reserved for text.
HEADROOM = 0.36
# Fraction of the width for the legend of many processes, next to the results.
LEGEND_WIDTH = 0.56
# Largest font size of the name of a channel.
NAME_SIZE = 12


def plot_workspace(inference: dict, processes: list[dict]) -> drawing.Drawings:
    """Expected events per bin, with the results of the fit."""
    table = bins_table(inference)
    templates = pl.DataFrame(inference["templates"])
    declared = declared_processes.parse(processes)
    figure = workspace_figure(table, templates, inference, declared)
    return {"workspace": drawing.Drawing(figure, with_processes(table, templates))}


def bins_table(record: dict) -> pl.DataFrame:
    """The bins of an inference record with the prefit uncertainty `total_unc`.

    It adds MC statistics, normalization and systematics in quadrature.
    """
    names = {name: record[name] for name in ("dataset", "model", "events")}
    bins = pl.DataFrame(record["bins"], infer_schema_length=None)
    parts = [name for name in UNCERTAINTIES if name in bins.columns]
    variance = pl.sum_horizontal(pl.col(parts) ** 2)
    bins = bins.with_columns(total_unc=variance.sqrt())
    return tables.named_rows(bins, names)


def with_processes(table: pl.DataFrame, templates: pl.DataFrame) -> pl.DataFrame:
    """The bins with a column of expected events for each of more than two processes."""
    if templates[columns.PROCESS].n_unique() <= declared_processes.N_CLASSES:
        return table
    keys = ["channel", "low"]
    by_process = templates.pivot(columns.PROCESS, index=keys, values="expected")
    names = {n: f"expected_{n}" for n in by_process.columns if n not in keys}
    return table.join(
        by_process.rename(names), on=keys, how="left", maintain_order="left"
    )


def workspace_figure(
    table: pl.DataFrame,
    templates: pl.DataFrame,
    record: dict,
    processes: tuple[declared_processes.DeclaredProcess, ...],
) -> Figure:
    """Expected events in each bin of the score, and signal over background below.

    Bins are drawn with equal width; ticks give their edges.
    """
    figure, (above, below) = style.new_stack()
    are_several = declared_processes.are_several(processes)
    place = {"x": 0.97, "y": 0.95, "ha": "right", "va": "top"}
    place |= {"fontsize": 10 if are_several else 12}
    above.text(s=results_text(record), transform=above.transAxes, **place)
    if are_several:
        draw_processes(above, table, templates, processes)
    else:
        draw_classes(above, table)
    low, high = draw_sums(above, table)
    draw_ratio(below, table)
    name_bins(above, below, table)
    below.set_xlabel(f"{record['axis']} (bins of equal width)")
    above.set(yscale="log", ylabel="Expected events", ylim=(low, high))
    events = f"{record['events']} events"
    if record["events"] == "oof":
        events = "out-of-fold only"
    style.label(above, record, f"{record['model']}, {events}")
    if are_several:
        style.fit_legend(above, high, "upper left", LEGEND_WIDTH)
    else:
        above.set_ylim(low, high * (high / low) ** (HEADROOM / (1 - HEADROOM)))
        above.legend(loc="upper left", fontsize=12, frameon=False)
    return figure


def name_bins(above: plt.Axes, below: plt.Axes, table: pl.DataFrame) -> None:
    """Write the edges of the bins below them, and the names of several channels."""
    edges = [*table["low"], table["high"][-1]]
    size = min(11, 130 / len(edges))
    below.set_xticks(range(len(edges)), [f"{e:.4g}" for e in edges], fontsize=size)
    below.minorticks_off()
    above.tick_params(axis="x", which="both", bottom=False, top=False)
    below.set_xlim(0, len(table))
    channels = table.with_row_index().group_by("channel", maintain_order=True)
    spans = list(channels.agg(pl.col("index").first(), pl.len()).iter_rows())
    for name, start, n_bins in spans if len(spans) > 1 else ():
        below.axvline(start, color="black", lw=1, ls=":")
        highest = (table["signal"] + table["background"]).max()
        above.vlines(start, 0, highest, color="black", lw=1, ls=":")
        name_channel(below, name, start, n_bins / len(table))


def name_channel(axes: plt.Axes, name: str, start: int, fraction: float) -> None:
    """Write the name of a channel at its first bin, no wider than the channel.

    The channel takes a fraction of the width of the panel.
    """
    # Ticks of the vertical axis are inside the panel.
    inset = 3 if start else 3 + plt.rcParams["ytick.major.size"]
    text = axes.annotate(
        name,
        (start, 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(inset, -3 - plt.rcParams["xtick.major.size"]),
        textcoords="offset points",
        va="top",
        fontsize=NAME_SIZE,
    )
    points = axes.bbox.width * 72 / axes.figure.dpi
    width = text.get_window_extent().width * 72 / axes.figure.dpi
    text.set_fontsize(NAME_SIZE * min(1, (fraction * points - inset - 3) / width))


def draw_classes(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Draw signal stacked on background."""
    background, places = table["background"].to_numpy(), np.arange(len(table) + 1)
    total, colors = table["signal"].to_numpy() + background, style.CLASS_COLORS
    red, blue = colors[columns.SIGNAL], colors[columns.BACKGROUND]
    axes.stairs(background, places, fill=True, fc=blue, alpha=0.35, label="background")
    axes.stairs(
        total, places, baseline=background, fill=True, fc=red, label="signal, stacked"
    )


def draw_processes(
    axes: plt.Axes,
    table: pl.DataFrame,
    templates: pl.DataFrame,
    processes: tuple[declared_processes.DeclaredProcess, ...],
) -> None:
    """Draw the processes stacked, signal on top."""
    groups = process_groups.of(processes, templates)
    stack = process_groups.histograms(templates, groups, len(table))
    process_groups.draw_stack(axes, np.arange(len(table) + 1), groups, stack)


def draw_sums(axes: plt.Axes, table: pl.DataFrame) -> tuple[float, float]:
    """Draw signal alone and the uncertainty of the background; give axis limits."""
    signal, background = table["signal"].to_numpy(), table["background"].to_numpy()
    unc, places = table["total_unc"].to_numpy(), np.arange(len(table) + 1)
    low = min(signal[signal > 0].min(), background.min()) / 3
    axes.stairs(
        background + unc,
        places,
        baseline=np.maximum(background - unc, low),
        label="background uncertainty",
        **HATCHED,
    )
    line = {"ls": "--", "lw": 1.5, "color": style.CLASS_COLORS[columns.SIGNAL]}
    axes.stairs(signal, places, label="signal, not stacked", **line)
    return low, (signal + background + unc).max()


def draw_ratio(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Draw signal and background uncertainty relative to the background."""
    places = np.arange(len(table) + 1)
    ratio = (table["signal"] / table["background"]).to_numpy()
    unc = (table["total_unc"] / table["background"]).to_numpy()
    axes.stairs(unc, places, **HATCHED)
    axes.stairs(ratio, places, color=style.CLASS_COLORS[columns.SIGNAL], lw=1.5)
    axes.set_ylim(0, 1.15 * max(ratio.max(), unc.max()))
    axes.set_ylabel("Relative to\nbackground")


def results_text(record: dict) -> str:
    """Expected significance and limit with each set of uncertainties."""
    expected, uncertainties = record["expected"], record["normalizations"].values()
    shared = {parameter: size for parameter, size in uncertainties}
    is_one = set(shared) == {process_templates.BACKGROUND}
    percent = 100 * shared.get(process_templates.BACKGROUND, 0)
    named = {
        "statistics": "data statistics",
        "with_normalization": f"+ {percent:g} % on background"
        if is_one
        else "+ normalizations",
        "with_simulation": "+ MC statistics",
        "with_shape": "+ systematics",
    }
    lines = [
        f"{name}:  $Z$ = {expected[key]['discovery_significance']:.2f},  "
        rf"$\mu$ < {expected[key]['upper_limit']['median']:.2f}"
        for key, name in named.items()
        if key in expected
    ]
    return "\n".join(["Expected significance, limit at 95 % CL", *lines])
