"""Confusion matrix of the classes of a multi-class model."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import class_separation, score_bins, score_tables
from hepfold.data import declared_processes
from hepfold.figures import drawing, style

# Inches of a cell, and of what surrounds the cells. Percent above which text is white.
CELL, AROUND, DARK = 1.1, 3.2, 60


def plot_confusion(
    scores: pl.DataFrame, metrics: dict, processes: list[dict], classes: str | dict
) -> drawing.Drawings:
    """Which class the expected events of each class most probably are."""
    table = class_separation.confusion(
        scores,
        score_tables.expected(metrics["normalization"]),
        declared_processes.parse(processes),
        classes,
    )
    return {"confusion": drawing.Drawing(confusion_figure(table, metrics), table)}


def confusion_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Percent of each class, a row, with each choice, of the subset of the fit."""
    subset = score_bins.filling_subset(table["subset"])
    shown = table.filter(subset=subset)
    names = shown["class"].unique(maintain_order=True).to_list()
    shape = len(names), len(names)
    share, unc = (
        100 * shown[name].cast(pl.Float64).to_numpy().reshape(shape)
        for name in ("efficiency", "efficiency_unc")
    )
    size = AROUND + CELL * len(names)
    figure = Figure(figsize=(size + 1, size), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.6 / size))
    axes = figure.subplots()
    image = axes.imshow(share, cmap="Blues", vmin=0, vmax=100)
    write_cells(axes, share, unc)
    events = shown["before"].to_numpy().reshape(shape)[:, 0]
    rows = [row_name(*pair) for pair in zip(names, events, strict=True)]
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=13)
    axes.set_yticks(range(len(names)), rows, fontsize=13)
    axes.minorticks_off()
    axes.tick_params(length=0)
    axes.set_xlabel("Most probable class")
    axes.set_ylabel("True class (expected events)")
    figure.colorbar(image, ax=axes, shrink=0.8, label="Part of the true class (%)")
    note = f"{record['model']}, {style.SUBSET_NAMES[subset]} events"
    style.label_figure(figure, record, note)
    return figure


def row_name(name: str, events: float) -> str:
    """Name of a class with its expected events."""
    return f"{name}\n({events:,.0f})" if events >= 100 else f"{name}\n({events:.3g})"


def write_cells(axes: plt.Axes, share: np.ndarray, unc: np.ndarray) -> None:
    """Write percentages with their uncertainties; undefined ones stay empty."""
    axes.set_facecolor("lightgray")
    for (row, column), value in np.ndenumerate(share):
        if np.isfinite(value):
            text = f"{value:z.1f}\n± {unc[row, column]:.1f}"
            color = "white" if value > DARK else "black"
            axes.text(column, row, text, color=color, ha="center", va="center")
