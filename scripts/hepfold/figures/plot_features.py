"""Distributions of every feature in signal and background."""

import math

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hepfold.analysis import feature_distributions
from hepfold.core import columns
from hepfold.data import fold_file
from hepfold.figures import drawing, feature_axes, style

N_COLUMNS = 4
# Fraction of the width of the figure for its title, next to the legend.
TITLE_WIDTH = 0.7
# A distribution gets a logarithmic axis if its peak exceeds its median bin this much.
LONG_TAIL = 12


def plot_features(card: dict, train: str) -> drawing.Drawings:
    """Histograms of the features of training events."""
    parts = fold_file.read_parts(train)
    table = feature_distributions.histogram_table(parts, card)
    return {"features": drawing.Drawing(features_figure(table, card), table)}


def features_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Distributions of every feature in both classes, after class fractions."""
    (_, classes), *features = split_classes(table)
    n_rows = math.ceil((1 + len(features)) / N_COLUMNS)
    figure, panels = style.new_grid(n_rows, N_COLUMNS)
    draw_classes(panels[0], classes)
    for axes, (name, bars) in zip(panels[1:], features, strict=False):
        draw_feature(axes, name, bars)
    for axes in panels[1 + len(features) :]:
        axes.set_axis_off()
    figure.supylabel("Density of weighted events", x=0.02, fontsize=18)
    figure.legend(handles=class_handles(), loc="upper right", ncols=2, fontsize=18)
    style.label_figure(figure, record, "training events", TITLE_WIDTH)
    return figure


def split_classes(table: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """The rows of each panel: the classes first, then one panel per feature."""
    is_class = pl.col("panel").is_in(["events", "weights"])
    features = table.filter(~is_class).group_by("panel", maintain_order=True)
    panels = [(name, bars) for (name,), bars in features]
    return [("classes", table.filter(is_class)), *panels]


def class_handles() -> list[Line2D]:
    """Legend entries of both classes, signal first."""
    return [
        Line2D([], [], color=color, lw=2, label=columns.CLASS_NAMES[label])
        for label, color in style.CLASS_COLORS.items()
    ]


def draw_classes(axes: plt.Axes, bars: pl.DataFrame) -> None:
    """Draw the fractions of both classes in events and in weights, with their sums."""
    offset = {columns.SIGNAL: 0.2, columns.BACKGROUND: -0.2}
    places = {"events": 1, "weights": 0}
    for row in bars.iter_rows(named=True):
        place = places[row["panel"]] + offset[row["label"]]
        color = style.CLASS_COLORS[row["label"]]
        axes.barh(place, row["height"], 0.36, color=color, alpha=0.5)
        total = f"{row['total']:,.{0 if row['total'] >= 1000 else 2}f}"
        axes.text(0.03, place, total, va="center", fontsize=12)
    axes.set(xlim=(0, 1), ylim=(-0.6, 1.6))
    axes.set_yticks(list(places.values()), list(places))
    axes.tick_params(axis="y", which="both", length=0)
    axes.tick_params(labelsize=12)
    axes.set_xlabel("Fraction", fontsize=14, labelpad=2)


def draw_feature(axes: plt.Axes, name: str, bars: pl.DataFrame) -> None:
    """Draw the distributions of one feature, with the fraction of missing values."""
    missing = {}
    for (label,), rows in bars.group_by("label", maintain_order=True):
        missing[label] = rows["missing_fraction"][0]
        draw_class(axes, rows, style.CLASS_COLORS[label])
    if is_long_tailed(bars):
        draw_logarithmically(axes, bars)
    else:
        height = bars["height"]
        axes.set_ylim(style.floor(height), 1.15 * (height.max() or 1))
    if max(missing.values()) > 0:
        note = ", ".join(
            f"{columns.CLASS_NAMES[label][0]} {100 * missing[label]:.1f} %"
            for label in style.CLASS_COLORS
        )
        is_category = bars["category"].null_count() == 0
        kind = "other values" if is_category else "missing"
        axes.set_title(f"{kind}: {note}", loc="right", fontsize=11)
    axes.locator_params(axis="x", nbins=6)
    axes.tick_params(labelsize=12)
    feature_axes.label_feature(axes, name)


def draw_class(axes: plt.Axes, rows: pl.DataFrame, color: str) -> None:
    """Draw one class as a histogram, or by category, with an uncertainty band."""
    height, uncertainty = rows["height"].to_numpy(), rows["height_unc"].to_numpy()
    if rows["category"].null_count():
        edges = np.append(rows["low"].to_numpy(), rows["high"][-1])
    else:
        edges = np.arange(len(height) + 1) - 0.5
        axes.set_xticks(range(len(height)), [f"{v:g}" for v in rows["category"]])
    axes.stairs(height, edges, color=color, lw=1.5)
    upper, lower = height + uncertainty, height - uncertainty
    axes.stairs(upper, edges, baseline=lower, fill=True, color=color, alpha=0.3)
    margin = 0.03 * (edges[-1] - edges[0])
    axes.set_xlim(edges[0] - margin, edges[-1] + margin)


def is_long_tailed(bars: pl.DataFrame) -> bool:
    """Whether a distribution needs a logarithmic axis to show its tail."""
    filled = bars.filter(pl.col("height") > 0, pl.col("category").is_null())["height"]
    return len(filled) > 0 and filled.max() > LONG_TAIL * filled.median()


def draw_logarithmically(axes: plt.Axes, bars: pl.DataFrame) -> None:
    """Set a logarithmic axis that includes all positive densities.

    Those that are smaller than their uncertainty, which needs negative weights, may be
    outside.
    """
    filled = bars.filter(pl.col("height") > 0)
    known = filled.filter(pl.col("height") >= pl.col("height_unc"))
    height = (known if len(known) else filled)["height"]
    axes.set_yscale("log")
    axes.set_ylim(height.min() / 2, 3 * height.max())
