"""Figures of what models use and of what features tell, each from its table."""

import math

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.core import columns
from hepfold.figures import style

# Inches of one row of a list of features, of what is above and below the rows, and of
# the part of it that the label of a figure takes.
ROW_HEIGHT, FRAME_HEIGHT, LABEL_HEIGHT = 0.27, 2.0, 0.65
# Panels of partial dependences in a row.
N_COLUMNS = 3
# Points of members are drawn fainter where there are more of them in a row.
N_DARK = 8
KIND_COLORS = {"feature": "tab:blue", "body": "tab:orange", "set": "tab:green"}
KIND_NAMES = {"feature": "one feature", "body": "one body", "set": "set of features"}


def importance_figure(
    summary: pl.DataFrame, table: pl.DataFrame, record: dict
) -> Figure:
    """Importances of features above those of groups, and of every member.

    Takes the summary, whose order is kept, and the table that it sums up.
    """
    is_feature = pl.col("kind") == "feature"
    parts = [summary.filter(is_feature), summary.filter(~is_feature)]
    figure, panels = new_lists([len(part) for part in parts if len(part)])
    for axes, part in zip(panels, parts, strict=False):
        names = part["feature"].to_list()
        colors = [KIND_COLORS[kind] for kind in part["kind"]]
        draw_bars(axes, names, part["importance"], part["importance_unc"], colors)
        points = table.filter(pl.col("member").is_not_null())
        points = points.join(part.select("kind", "feature"), on=["kind", "feature"])
        draw_points(axes, points["importance"], points["feature"], names)
        axes.axvline(0, color="black", lw=0.8)
    panels[-1].set_xlabel("Loss in weighted AUC when permuted")
    handles = [
        plt.Rectangle((0, 0), 1, 1, color=KIND_COLORS[kind], alpha=0.5, label=name)
        for kind, name in KIND_NAMES.items()
        if kind in summary["kind"]
    ]
    handles += point_handles("standard error of folds")
    panels[0].legend(handles=handles, loc="lower right", fontsize=12, frameon=False)
    panels[0].set_xlim(limits(table["importance"].append(pl.Series([0.0]))))
    style.label_figure(figure, record, f"{record['model']}, out-of-fold")
    return figure


def new_lists(n_rows: list[int]) -> tuple[Figure, list[plt.Axes]]:
    """An empty figure with a panel for each list of rows, one horizontal axis."""
    size = 10, FRAME_HEIGHT + ROW_HEIGHT * sum(n_rows) + 0.2 * len(n_rows)
    figure = Figure(layout="constrained", figsize=size)
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - LABEL_HEIGHT / size[1]))
    panels = figure.subplots(
        len(n_rows),
        1,
        sharex=True,
        squeeze=False,
        height_ratios=[n + 1 for n in n_rows],
    )
    return figure, list(panels.flat)


def draw_bars(
    axes: plt.Axes,
    names: list[str],
    length: pl.Series,
    uncertainty: pl.Series,
    colors: list[str] | str,
) -> None:
    """Draw one bar per name, the first on top, with its uncertainty."""
    place = np.arange(len(names))
    axes.barh(place, length, 0.75, color=colors, alpha=0.5)
    axes.errorbar(length, place, xerr=uncertainty, color="black", ls="none", lw=1.5)
    list_names(axes, names)


def list_names(axes: plt.Axes, names: list[str]) -> None:
    """Write names beside the rows of a list, from the top."""
    axes.set_yticks(range(len(names)), names, fontsize=11)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_off()


def draw_points(
    axes: plt.Axes, values: pl.Series, of_name: pl.Series, names: list[str]
) -> None:
    """Draw single values as thin strokes in the rows of their names."""
    place = {name: i for i, name in enumerate(names)}
    n_in_row = max(len(values) / max(len(names), 1), 1)
    axes.plot(
        values,
        [place[name] for name in of_name],
        ls="none",
        marker="|",
        ms=8,
        color="black",
        alpha=max(min(0.6, N_DARK / n_in_row), 0.1),
    )


def point_handles(uncertainty: str) -> list[plt.Line2D]:
    """What a legend says of the uncertainties and the strokes of members."""
    look = {"color": "black", "ls": "none"}
    return [
        plt.Line2D([], [], color="black", lw=1.5, label=uncertainty),
        plt.Line2D([], [], **look, marker="|", ms=8, alpha=0.5, label="single members"),
    ]


def partial_dependence_figure(
    summary: pl.DataFrame, curves: pl.DataFrame, record: dict
) -> Figure:
    """Mean score against each feature: the mean of folds, its band, and every fold."""
    names = summary["feature"].unique(maintain_order=True).to_list()
    figure, panels = style.new_grid(math.ceil(len(names) / N_COLUMNS), N_COLUMNS)
    for axes, name in zip(panels, names, strict=False):
        of_feature = curves.filter(feature=name)
        for _, line in of_feature.group_by("fold", maintain_order=True):
            axes.plot(line["value"], line["score"], color="gray", lw=0.7, alpha=0.7)
        draw_band(axes, summary.filter(feature=name))
        axes.set_ylim(limits(curves["score"]))
        axes.set_xlabel(name, fontsize=14, labelpad=2)
        axes.tick_params(labelsize=12)
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    figure.supylabel("Mean score, classes balanced", x=0.02, fontsize=16)
    style.label_figure(figure, record, f"{record['model']}, out-of-fold")
    return figure


def draw_band(axes: plt.Axes, line: pl.DataFrame) -> None:
    """Draw the mean of folds at every value, and a band of their spread."""
    value, mean = line["value"].to_numpy(), line["score"].to_numpy()
    spread = line["score_sd"].to_numpy()
    axes.fill_between(value, mean - spread, mean + spread, color="tab:blue", alpha=0.3)
    axes.plot(value, mean, color="tab:blue", marker="o", ms=3.5, lw=1.5)


def limits(values: pl.Series) -> tuple[float, float]:
    """One axis for all panels that holds all values, so that all are seen to scale."""
    low, high = values.min(), values.max()
    margin = max(0.06 * (high - low), 0.002)
    return low - margin, high + margin


def dependence_figure(table: pl.DataFrame, record: dict) -> Figure:
    """How well each feature is predicted, most first, and by which others."""
    by_feature = table.group_by("feature", maintain_order=True)
    mean = by_feature.agg(pl.col("r_squared").mean())
    order = mean.sort("r_squared", descending=True, nulls_last=True)
    names = order["feature"].to_list()
    figure, (axes,) = new_lists([len(names)])
    figure.set_figwidth(14)
    for label, color in style.CLASS_COLORS.items():
        draw_class(axes, table.filter(label=label), names, color, label)
    list_names(axes, names)
    beside = axes.twinx()
    list_names(beside, [", ".join(predictors(table, name)) for name in names])
    beside.set_title("  strongest predictors", loc="left", x=1.0, fontsize=14)
    axes.set_xlim(0, 1)
    axes.set_xlabel("$R^2$ of the prediction from all other features")
    axes.legend(loc="lower right", fontsize=14, frameon=False)
    style.label_figure(figure, record, "train events")
    return figure


def draw_class(
    axes: plt.Axes, rows: pl.DataFrame, names: list[str], color: str, label: int
) -> None:
    """Draw how well each named feature is predicted in one class: half a bar each."""
    shift = -0.2 if label == columns.SIGNAL else 0.2
    at = {name: place + shift for place, name in enumerate(names)}
    found = rows.drop_nulls("r_squared")
    place, length = [at[name] for name in found["feature"]], found["r_squared"]
    name = columns.CLASS_NAMES[label]
    axes.barh(place, length, 0.4, color=color, alpha=0.5, label=name)
    unc = found["r_squared_unc"]
    axes.errorbar(length, place, xerr=unc, color="black", ls="none", lw=1.2)


def predictors(table: pl.DataFrame, feature: str) -> list[str]:
    """The strongest predictors of a feature, those of both classes taken together."""
    rows = table.filter(feature=feature)
    places = [name for name in table.columns if name.startswith("predictor_")]
    pairs = [
        rows.select(predictor=name, gain=name.replace("predictor", "gain")).cast(
            {"predictor": pl.String, "gain": pl.Float64}
        )
        for name in places
    ]
    gains = pl.concat(pairs).drop_nulls().group_by("predictor", maintain_order=True)
    order = gains.sum().sort("gain", descending=True, maintain_order=True)
    return order["predictor"].head(len(places)).to_list()


def embeddings_figure(
    summary: pl.DataFrame, distances: pl.DataFrame, record: dict
) -> Figure:
    """Distances of learnt vectors of each two values, a panel for each feature."""
    features = summary["feature"].unique(maintain_order=True).to_list()
    parts = [summary.filter(feature=name) for name in features]
    figure, panels = new_lists([len(part) for part in parts])
    for axes, name, part in zip(panels, features, parts, strict=True):
        pairs = pair_names(part)
        draw_bars(axes, pairs, part["distance"], part["distance_sd"], "tab:blue")
        points = distances.filter(feature=name)
        draw_points(axes, points["distance"], pl.Series(pair_names(points)), pairs)
        axes.axvline(part["as_drawn"][0], color="gray", ls="--")
        axes.set_title(name, loc="left", fontsize=14)
    panels[-1].set_xlabel("Distance of the learnt vectors of two values")
    drawn = plt.Line2D([], [], color="gray", ls="--", label="mean before training")
    spread = point_handles("standard deviation of members")
    place = {"loc": "outside lower left", "ncols": 3}
    figure.legend(handles=[*spread, drawn], **place, fontsize=12, frameon=False)
    style.label_figure(figure, record, f"{record['model']}, models of all folds")
    return figure


def pair_names(table: pl.DataFrame) -> list[str]:
    """What the rows of a table of pairs are called."""
    rows = table.select("first", "second").iter_rows()
    return [f"{first:g} and {second:g}" for first, second in rows]
