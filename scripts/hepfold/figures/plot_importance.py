"""Permutation importance of features, and of groups of them, for one model."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import importance_summary
from hepfold.data import fold_file
from hepfold.figures import bar_lists, drawing, style

KIND_COLORS = {"feature": "tab:blue", "body": "tab:orange", "set": "tab:green"}
KIND_NAMES = {
    "feature": "one feature",
    "body": "momentum of a body, permuted as a whole",
    "set": "set of features",
}


def plot_importance(
    table: pl.DataFrame, train: str, wildcards: dict, title: str
) -> drawing.Drawings:
    """Means over folds and members, with the importance for every member."""
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    summary = importance_summary.importance_summary(table)
    figure = importance_figure(summary, table, record)
    return {"importance": drawing.Drawing(figure, summary)}


def importance_figure(
    summary: pl.DataFrame, table: pl.DataFrame, record: dict
) -> Figure:
    """Importances of features and bodies (top) and of sets of features (bottom).

    Takes the summary, which sets the order, and the table with all members, which are
    strokes.
    """
    is_set = pl.col("kind") == "set"
    parts = [summary.filter(~is_set), summary.filter(is_set)]
    figure, panels = bar_lists.new_lists([len(part) for part in parts if len(part)])
    for axes, part in zip(panels, parts, strict=False):
        names = part["feature"].to_list()
        colors = [KIND_COLORS[kind] for kind in part["kind"]]
        bar_lists.draw_bars(
            axes, names, part["importance"], part["importance_unc"], colors
        )
        points = table.filter(pl.col("member").is_not_null())
        points = points.join(part.select("kind", "feature"), on=["kind", "feature"])
        bar_lists.draw_points(axes, points["importance"], points["feature"], names)
        axes.axvline(0, color="black", lw=0.8)
    panels[-1].set_xlabel("Loss in weighted AUC when permuted")
    handles = [
        plt.Rectangle((0, 0), 1, 1, color=KIND_COLORS[kind], alpha=0.5, label=name)
        for kind, name in KIND_NAMES.items()
        if kind in summary["kind"]
    ]
    handles += bar_lists.point_handles("standard error of folds")
    panels[0].legend(handles=handles, loc="lower right", fontsize=12, frameon=False)
    panels[0].set_xlim(
        bar_lists.axis_limits(table["importance"].append(pl.Series([0.0])))
    )
    style.label_figure(figure, record, f"{record['model']}, out-of-fold")
    return figure
