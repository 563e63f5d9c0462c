"""Processes in a stack of histograms: the largest one by one, the rest together."""

import textwrap
from dataclasses import dataclass

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import polars as pl

from hepfold.core import columns
from hepfold.data import declared_processes
from hepfold.figures import style

# Characters of a line of a title in a legend.
TITLE_WIDTH = 36


@dataclass(frozen=True)
class Group:
    """Processes that are drawn together: their title, names and color."""

    title: str
    names: tuple[str, ...]
    color: tuple | str


def of(
    processes: tuple[declared_processes.DeclaredProcess, ...], table: pl.DataFrame
) -> list[Group]:
    """Groups of each class in the order of a stack: background first, small ones first.

    Each class has at most as many groups as `style.PROCESS_COLORS`; the processes with
    the fewest expected events are together in the group `other`.
    """
    totals = dict(table.group_by(columns.PROCESS).agg(pl.sum("expected")).iter_rows())
    ranked = sorted(processes, key=lambda p: -totals[p.name])
    groups = []
    for label in (columns.BACKGROUND, columns.SIGNAL):
        of_class = [process for process in ranked if process.label == label]
        groups += reversed(of_one_class(of_class, label))
    return groups


def of_one_class(
    ranked: list[declared_processes.DeclaredProcess], label: int
) -> list[Group]:
    """Groups of the processes of one class, which come with the largest one first."""
    n_colors = len(style.PROCESS_COLORS)
    n_single = len(ranked) if len(ranked) <= n_colors else n_colors - 1
    colors, name = style.PROCESS_COLORS, "other"
    if label == columns.SIGNAL:
        reds = matplotlib.colormaps["Reds"](np.linspace(0.75, 0.3, n_single))
        colors, name = [style.CLASS_COLORS[label], *reds[1:]], "other signal"
    groups = [
        Group(wrapped(process.title), (process.name,), color)
        for process, color in zip(ranked[:n_single], colors, strict=False)
    ]
    rest = tuple(process.name for process in ranked[n_single:])
    return [*groups, Group(name, rest, style.OTHER_COLOR)] if rest else groups


def wrapped(title: str) -> str:
    """A title in lines for a legend; one with formulae keeps its one line."""
    return title if "$" in title else textwrap.fill(title, TITLE_WIDTH)


def histograms(table: pl.DataFrame, groups: list[Group], n_bins: int) -> np.ndarray:
    """Expected events of each group in each bin, (n_groups, n_bins).

    The rows of a process in the table are its bins in order.
    """
    total = np.zeros((len(groups), n_bins))
    for i, group in enumerate(groups):
        for name in group.names:
            total[i] += table.filter(process=name)["expected"].to_numpy()
    return total


def draw_stack(
    axes: plt.Axes, edges: np.ndarray, groups: list[Group], stack: np.ndarray
) -> None:
    """Draw the histograms (n_groups, n_bins) on top of each other.

    The legend lists them from the top down.
    """
    upper = np.cumsum(stack, axis=0)
    for i in reversed(range(len(groups))):
        axes.stairs(
            upper[i],
            edges,
            baseline=upper[i] - stack[i],
            fill=True,
            lw=0,
            color=groups[i].color,
            label=groups[i].title,
        )
