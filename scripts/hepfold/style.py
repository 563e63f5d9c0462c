"""The look that all figures share: the field's style, colors, and their origin."""

import logging

import matplotlib
import matplotlib.pyplot as plt
import mplhep
import numpy as np
from matplotlib.figure import Figure

from hepfold import columns, datasets

matplotlib.use("agg")
plt.style.use(mplhep.style.ATLAS)
plt.rcParams.update({"font.size": 14, "axes.labelsize": 18, "figure.figsize": (8, 6)})
# The style names fonts that no package brings; matplotlib would warn of each.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

# Inches around and between the panels of a grid: equal panels need no layout, which
# takes as long as drawing.
LEFT, RIGHT, BOTTOM, TOP = 1.2, 0.2, 0.7, 1.0
PANEL, GAP = np.array([3.2, 2.2]), np.array([0.75, 0.85])

CLASS_COLORS = {columns.SIGNAL: "tab:red", columns.BACKGROUND: "tab:blue"}


def new_figure() -> tuple[Figure, plt.Axes]:
    """An empty figure of one panel."""
    figure = Figure(layout="constrained")
    return figure, figure.subplots()


def new_stack() -> tuple[Figure, list[plt.Axes]]:
    """An empty figure of a high panel above a low one, with one horizontal axis."""
    figure = Figure(layout="constrained", figsize=(8, 7))
    panels = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    return figure, list(panels)


def new_grid(n_rows: int, n_columns: int) -> tuple[Figure, list[plt.Axes]]:
    """An empty figure of equal panels in rows, and the panels one by one."""
    n = np.array([n_columns, n_rows])
    size = n * PANEL + (n - 1) * GAP + [LEFT + RIGHT, BOTTOM + TOP]
    figure = Figure(figsize=size)
    figure.subplots_adjust(
        left=LEFT / size[0],
        right=1 - RIGHT / size[0],
        bottom=BOTTOM / size[1],
        top=1 - TOP / size[1],
        wspace=GAP[0] / PANEL[0],
        hspace=GAP[1] / PANEL[1],
    )
    return figure, list(figure.subplots(n_rows, n_columns, squeeze=False).flat)


def origin(record: dict) -> str:
    """Whence the events of a record come; simulation is called simulation."""
    if record["simulated"]:
        return f"Simulation (toy {record['dataset']})"
    return datasets.DATASETS[record["dataset"]].title


def label(axes: plt.Axes, record: dict, note: str) -> None:
    """Say above a panel whence its events come and, on the right, what they are."""
    mplhep.label.exp_text("hepfold", origin(record), loc=0, ax=axes, fontsize=15)
    axes.set_title(note, loc="right", fontsize=13)


def label_figure(figure: Figure, record: dict, note: str) -> None:
    """Say above all panels whence their events come and what they are."""
    text = rf"$\mathbfit{{hepfold}}$  {origin(record)}, {note}"
    inches = figure.get_size_inches()
    place = {"x": 0.3 / inches[0], "y": 1 - 0.25 / inches[1]}
    figure.suptitle(text, **place, ha="left", va="top", fontsize=20)
