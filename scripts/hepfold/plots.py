"""Figures in the style of the field, each from the table of numbers it shows."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import mplhep
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold import columns, style

SUBSET_NAMES = {
    "oof": "out-of-fold",
    "public": "public",
    "private": "private",
    "test": "test",
}
SUBSET_COLORS = {
    "oof": "black",
    "public": "tab:blue",
    "private": "tab:orange",
    "test": "tab:orange",
}


def roc_figure(curves: pl.DataFrame, record: dict) -> Figure:
    """Background rejection against signal efficiency, one curve per subset."""
    figure, axes = style.new_figure()
    for subset, curve in by_subset(curves):
        auc = record[subset]["auc_weighted"]
        passes = curve.filter(pl.col("background_efficiency") > 0)
        axes.plot(
            passes["signal_efficiency"],
            1 / passes["background_efficiency"],
            color=SUBSET_COLORS[subset],
            label=f"{SUBSET_NAMES[subset]}, AUC = {auc:.4f}",
        )
    efficiency = np.linspace(0.01, 1, 100)
    axes.plot(efficiency, 1 / efficiency, ":", color="gray", label="random choice")
    axes.set(yscale="log", xlim=(0, 1))
    axes.set_ylim(1, axes.get_ylim()[1])
    axes.set_xlabel("Signal efficiency")
    axes.set_ylabel("Background rejection (1 / efficiency)")
    finish(axes, record)
    return figure


def ams_figure(curves: pl.DataFrame, record: dict) -> Figure:
    """AMS against the cut, one curve per subset, with the cut that was chosen."""
    figure, axes = style.new_figure()
    for subset, curve in by_subset(curves):
        best = record[subset]
        value = (
            f"maximum {best['max_ams']:.3f}"
            if "max_ams" in best
            else f"{best['ams']:.3f} at the cut"
        )
        axes.plot(
            curve["cut"],
            curve["ams"],
            color=SUBSET_COLORS[subset],
            label=f"{SUBSET_NAMES[subset]}, {value}",
        )
    axes.axvline(
        record["cut"], ls="--", color="gray", label=f"chosen cut, {record['cut']:.4f}"
    )
    axes.set(xlim=(0, 1), ylim=(0, 1.45 * record["oof"]["max_ams"]))
    axes.set_xlabel("Cut on the score")
    axes.set_ylabel("AMS")
    finish(axes, record, legend_place="upper left")
    return figure


def score_figure(histograms: pl.DataFrame, record: dict) -> Figure:
    """Scores of both classes: out-of-fold events filled, test events as points."""
    figure, axes = style.new_figure()
    for subset, of_subset in by_subset(histograms):
        for value, name in columns.CLASS_NAMES.items():
            bins = of_subset.filter(pl.col("label") == value)
            draw_class(axes, bins, subset, style.CLASS_COLORS[value], name)
    axes.set(xlim=(0, 1), yscale="log")
    low = histograms.filter(pl.col("density") > 0)["density"].min()
    axes.set_ylim(low / 2, 30 * histograms["density"].max())
    axes.set_xlabel("Score")
    axes.set_ylabel("Density of weighted events")
    finish(axes, record)
    return figure


def draw_class(axes, bins: pl.DataFrame, subset: str, color: str, name: str) -> None:
    """Draw the scores of one class and subset: a step with its band, or points."""
    density, uncertainty = bins["density"].to_numpy(), bins["density_unc"].to_numpy()
    edges = np.append(bins["low"].to_numpy(), bins["high"][-1])
    label = f"{name}, {SUBSET_NAMES[subset]}"
    if subset == "oof":
        axes.stairs(density, edges, color=color, fill=True, alpha=0.25)
        mplhep.histplot(
            density, edges, yerr=uncertainty, ax=axes, color=color, label=label
        )
        return
    axes.errorbar(
        (edges[1:] + edges[:-1]) / 2,
        density,
        uncertainty,
        color=color,
        label=label,
        ls="none",
        marker="o" if subset == "public" else "s",
        mfc="white" if subset == "public" else color,
        ms=4,
        elinewidth=1.2,
    )


def by_subset(table: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The part of a table that belongs to each subset, in the order of the table."""
    for subset in table["subset"].unique(maintain_order=True):
        yield subset, table.filter(pl.col("subset") == subset)


def finish(axes: plt.Axes, record: dict, legend_place: str = "upper right") -> None:
    """Say on the axes which events were judged and whence they come; add a legend."""
    has_test = len(record.keys() & SUBSET_NAMES.keys()) > 1
    judged = "out-of-fold and test" if has_test else "out-of-fold only"
    style.label(axes, record, f"{record['model']}, {judged}")
    axes.legend(loc=legend_place, fontsize=12, frameon=False)
