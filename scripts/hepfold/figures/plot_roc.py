"""ROC curves of one model: background rejection, and signal efficiency."""

from collections.abc import Iterator

import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import curves, score_tables
from hepfold.figures import drawing, roc_axes, style


def plot_roc(
    scores: pl.DataFrame, metrics: dict, n_replicas: int, seed: int, threads: int
) -> drawing.Drawings:
    """ROC curves of every subset, as rejection and as efficiencies."""
    expected = score_tables.expected(metrics["normalization"])
    table = curves.roc_curves(scores, expected, n_replicas, seed, threads)
    return {
        "roc": drawing.Drawing(roc_figure(table, metrics), table),
        "roc_rates": drawing.Drawing(rates_figure(table, metrics)),
    }


def roc_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Background rejection against signal efficiency, one curve per subset."""
    figure, axes = style.new_figure()
    for curve, look in of_subsets(table, record):
        roc_axes.draw_rejection(axes, curve, **look)
    roc_axes.finish_rejection(axes, table)
    style.finish(axes, record)
    return figure


def rates_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Signal efficiency against background efficiency, one curve per subset."""
    figure, axes = style.new_figure()
    for curve, look in of_subsets(table, record):
        roc_axes.draw_rates(axes, curve, **look)
    roc_axes.finish_rates(axes)
    style.finish(axes, record, place="lower right")
    return figure


def of_subsets(
    table: pl.DataFrame, record: dict
) -> Iterator[tuple[pl.DataFrame, dict]]:
    """The curve of each subset of a model, with its color and label."""
    for (subset,), curve in table.group_by("subset", maintain_order=True):
        label = f"{style.SUBSET_NAMES[subset]}, {roc_axes.auc_text(record, subset)}"
        yield curve, {"color": style.SUBSET_COLORS[subset], "label": label}
