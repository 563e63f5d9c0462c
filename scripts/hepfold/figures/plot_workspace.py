"""The binned score of one model, as in the workspace of the fit."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.core import columns, tables
from hepfold.figures import drawing, style

HATCHED = {"fill": False, "hatch": "/////", "ec": "dimgray", "lw": 0}
# Fraction of the height that is reserved for text.
HEADROOM = 0.36


def plot_workspace(inference: dict) -> drawing.Drawings:
    """Expected events per bin, with the results of the fit."""
    table = bins_table(inference)
    return {"workspace": drawing.Drawing(workspace_figure(table, inference), table)}


def bins_table(record: dict) -> pl.DataFrame:
    """The bins of an inference record with the prefit uncertainty `total_unc`.

    It adds MC statistics and the normalization in quadrature.
    """
    normalization = record["background_uncertainty"] * pl.col("background")
    variance = pl.col("background_unc") ** 2 + normalization**2
    names = {name: record[name] for name in ("dataset", "model", "events")}
    bins = pl.DataFrame(record["bins"]).with_columns(total_unc=variance.sqrt())
    return tables.named_rows(bins, names)


def workspace_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Expected events in each bin of the score, and signal over background below.

    Bins are drawn with equal width; ticks give their edges.
    """
    figure, (above, below) = style.new_stack()
    draw_events(above, table)
    draw_ratio(below, table)
    edges = [*table["low"], table["high"][-1]]
    size = min(11, 130 / len(edges))
    below.set_xticks(range(len(edges)), [f"{e:.4g}" for e in edges], fontsize=size)
    below.minorticks_off()
    above.tick_params(axis="x", which="minor", bottom=False, top=False)
    below.set_xlim(0, len(table))
    below.set_xlabel("Score (bins of equal width)")
    events = f"{record['events']} events"
    if record["events"] == "oof":
        events = "out-of-fold only"
    style.label(above, record, f"{record['model']}, {events}")
    place = {"x": 0.97, "y": 0.95, "ha": "right", "va": "top"}
    above.text(s=results_text(record), transform=above.transAxes, fontsize=12, **place)
    above.legend(loc="upper left", fontsize=12, frameon=False)
    return figure


def draw_events(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Draw signal stacked on background with its uncertainty, and signal alone."""
    signal, background = table["signal"].to_numpy(), table["background"].to_numpy()
    total, unc = signal + background, table["total_unc"].to_numpy()
    places = np.arange(len(table) + 1)
    colors = style.CLASS_COLORS
    red, blue = colors[columns.SIGNAL], colors[columns.BACKGROUND]
    low = min(signal[signal > 0].min(), background.min()) / 3
    axes.stairs(background, places, fill=True, fc=blue, alpha=0.35, label="background")
    axes.stairs(
        total, places, baseline=background, fill=True, fc=red, label="signal, stacked"
    )
    axes.stairs(
        background + unc,
        places,
        baseline=np.maximum(background - unc, low),
        label="background uncertainty",
        **HATCHED,
    )
    axes.stairs(signal, places, color=red, ls="--", lw=1.5, label="signal, not stacked")
    high = (total + unc).max()
    axes.set(
        yscale="log", ylim=(low, high * (high / low) ** (HEADROOM / (1 - HEADROOM)))
    )
    axes.set_ylabel("Expected events")


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
    expected, percent = record["expected"], 100 * record["background_uncertainty"]
    named = {
        "statistics": "data statistics",
        "with_normalization": f"+ {percent:g} % on background",
        "with_simulation": "+ MC statistics",
    }
    lines = [
        f"{name}:  $Z$ = {expected[key]['discovery_significance']:.2f},  "
        rf"$\mu$ < {expected[key]['upper_limit']['median']:.2f}"
        for key, name in named.items()
    ]
    return "\n".join(["Expected significance, limit at 95 % CL", *lines])
