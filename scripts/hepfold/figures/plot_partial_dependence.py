"""Partial dependence: mean score of one model against its main features."""

import math

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import importance_summary
from hepfold.data import fold_file
from hepfold.figures import bar_lists, drawing, feature_axes, style

# Panels in a row.
N_COLUMNS = 3


def plot_partial_dependence(
    table: pl.DataFrame, train: str, wildcards: dict, title: str
) -> drawing.Drawings:
    """Means over folds, with the curve of every fold."""
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    summary = importance_summary.dependence_summary(table)
    figure = partial_dependence_figure(summary, table, record)
    return {"partial_dependence": drawing.Drawing(figure, summary)}


def partial_dependence_figure(
    summary: pl.DataFrame, curves: pl.DataFrame, record: dict
) -> Figure:
    """Mean score against each feature: every fold, their mean, and its band."""
    names = summary["feature"].unique(maintain_order=True).to_list()
    figure, panels = style.new_grid(math.ceil(len(names) / N_COLUMNS), N_COLUMNS)
    for axes, name in zip(panels, names, strict=False):
        of_feature = curves.filter(feature=name)
        for _, line in of_feature.group_by("fold", maintain_order=True):
            axes.plot(line["value"], line["score"], color="gray", lw=0.7, alpha=0.7)
        draw_band(axes, summary.filter(feature=name))
        axes.set_ylim(bar_lists.axis_limits(curves["score"]))
        feature_axes.label_feature(axes, name)
        axes.tick_params(labelsize=12)
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    figure.supylabel("Mean score, classes balanced", x=0.02, fontsize=16)
    style.label_figure(figure, record, f"{record['model']}, out-of-fold")
    return figure


def draw_band(axes: plt.Axes, line: pl.DataFrame) -> None:
    """Draw the mean over folds, with their standard deviation as a band."""
    value, mean = line["value"].to_numpy(), line["score"].to_numpy()
    spread = line["score_sd"].to_numpy()
    axes.fill_between(value, mean - spread, mean + spread, color="tab:blue", alpha=0.3)
    axes.plot(value, mean, color="tab:blue", marker="o", ms=3.5, lw=1.5)
