"""ROC curve of each class of a multi-class model against all other events."""

import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import class_curves, score_bins, score_tables
from hepfold.data import declared_processes
from hepfold.figures import drawing, roc_axes, style


def plot_class_rocs(
    scores: pl.DataFrame,
    metrics: dict,
    processes: list[dict],
    classes: str | dict,
    n_replicas: int,
    seed: int,
    threads: int,
) -> drawing.Drawings:
    """Rejection of all other events against the efficiency of each class."""
    table = class_curves.roc_curves(
        scores,
        score_tables.expected(metrics["normalization"]),
        declared_processes.parse(processes),
        classes,
        n_replicas,
        seed,
        threads,
    )
    return {"class_rocs": drawing.Drawing(rocs_figure(table, metrics), table)}


def rocs_figure(table: pl.DataFrame, record: dict) -> Figure:
    """One curve per class, of the subset that the fit uses."""
    subset = score_bins.filling_subset(table["subset"])
    shown = table.filter(subset=subset)
    names = shown["class"].unique(maintain_order=True).to_list()
    figure, axes = style.new_figure()
    for name, color in zip(names, style.model_colors(len(names)), strict=True):
        curve = shown.filter(pl.col("class") == name)
        auc, unc = curve.select("auc", "auc_unc").row(0)
        label = f"{name}, AUC = {auc:.4f} ± {unc:.4f}"
        roc_axes.draw_rejection(axes, curve, color=color, label=label)
    roc_axes.finish_rejection(axes, shown)
    axes.set_xlabel("Efficiency of the class")
    axes.set_ylabel("Rejection of other classes (1 / efficiency)")
    note = f"{record['model']}, {style.SUBSET_NAMES[subset]} events"
    style.label(axes, record, note)
    # Above the curves, except for their least certain ends.
    style.fit_legend(axes, axes.get_ylim()[1])
    return figure
