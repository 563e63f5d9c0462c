"""Lists of named horizontal bars, with strokes for single ensemble members."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

# Inches: height of a row, of both margins together, and of the figure label in them.
ROW_HEIGHT, FRAME_HEIGHT, LABEL_HEIGHT = 0.27, 2.0, 0.65
# A row with more strokes than this has fainter ones.
N_DARK = 8


def new_lists(n_rows: list[int]) -> tuple[Figure, list[plt.Axes]]:
    """An empty figure with one panel per list and a shared horizontal axis."""
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
    """Label the rows of a list from top to bottom."""
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
    """Legend entries of the uncertainty and of the strokes of members."""
    look = {"color": "black", "ls": "none"}
    return [
        plt.Line2D([], [], color="black", lw=1.5, label=uncertainty),
        plt.Line2D([], [], **look, marker="|", ms=8, alpha=0.5, label="single members"),
    ]


def axis_limits(values: pl.Series) -> tuple[float, float]:
    """Limits of a common axis that includes all values."""
    low, high = values.min(), values.max()
    margin = max(0.06 * (high - low), 0.002)
    return low - margin, high + margin
