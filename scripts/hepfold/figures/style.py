"""The looks of the field that figures can have, and their origin, told on each."""

import itertools
import logging

import matplotlib
import matplotlib.pyplot as plt
import mplhep
import numpy as np
from matplotlib.figure import Figure

from hepfold.core import columns
from hepfold.data import datasets

matplotlib.use("agg")
# Where a font of a style is not installed, matplotlib would warn of each text.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

# The styles of mplhep are made for other sizes of figures than these.
LOOKS = {
    "atlas": mplhep.style.ATLAS
    | {
        "figure.figsize": (8, 6),
        "axes.labelsize": 18,
        "axes.formatter.limits": (-4, 5),
        "legend.fontsize": 12,
        "legend.title_fontsize": 12,
        "mathtext.bfit": "TeX Gyre Heros:italic:bold",
    },
    "cms": mplhep.style.CMS
    | {
        "figure.figsize": (8, 7.2),
        "font.size": 16,
        "axes.labelsize": 20,
        "xtick.labelsize": 16,
        "ytick.labelsize": 16,
        "legend.fontsize": 13,
        "legend.title_fontsize": 13,
        "axes.linewidth": 1.5,
        "xtick.major.size": 10,
        "xtick.minor.size": 5,
        "ytick.major.size": 10,
        "ytick.minor.size": 5,
    },
}
# How a look sets the name of the project, in text and in a title, and the origin.
LETTERS = {
    "atlas": {
        "name": {"weight": "bold", "style": "italic"},
        "title": r"$\mathbfit{hepfold}$",
        "origin": {},
    },
    "cms": {
        "name": {"weight": "bold"},
        "title": r"$\mathbf{hepfold}$",
        "origin": {"style": "italic"},
    },
}
letters = dict(LETTERS["atlas"])

# Where text above a panel stands, in its heights.
ABOVE = 1.015
# Inches around and between the panels of a grid: equal panels need no layout, which
# takes as long as drawing.
LEFT, RIGHT, BOTTOM, TOP = 1.2, 0.2, 0.7, 1.0
PANEL, GAP = np.array([3.2, 2.2]), np.array([0.75, 0.85])

CLASS_COLORS = {columns.SIGNAL: "tab:red", columns.BACKGROUND: "tab:blue"}
SUBSET_NAMES = {
    "oof": "out-of-fold",
    "public": "public",
    "private": "private",
    "test": "test",
}
SUBSET_COLORS = {
    "oof": "black",
    "public": "tab:blue",
    "private": "tab:orange",
    "test": "tab:orange",
}
# Ten that the color-blind can tell apart.
MODEL_COLORS = matplotlib.color_sequences["petroff10"]


def use(look: str) -> None:
    """Draw the figures that follow in a look: `atlas` or `cms`."""
    plt.style.use(["default", LOOKS[look]])
    letters.update(LETTERS[look])


def new_figure() -> tuple[Figure, plt.Axes]:
    """An empty figure of one panel."""
    figure = Figure(layout="constrained")
    return figure, figure.subplots()


def new_stack(heights: tuple[float, ...] = (3, 1)) -> tuple[Figure, list[plt.Axes]]:
    """An empty figure of panels of some relative heights with one horizontal axis."""
    width, height = plt.rcParams["figure.figsize"]
    figure = Figure(layout="constrained", figsize=(width, height + len(heights) - 1))
    panels = figure.subplots(
        len(heights), sharex=True, height_ratios=heights, squeeze=False
    )
    return figure, list(panels.flat)


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
    name = axes.text(
        *(0, ABOVE, "hepfold"), transform=axes.transAxes, fontsize=18, **letters["name"]
    )
    # Placed when it is drawn, behind the name, wherever the layout has moved that.
    axes.annotate(
        *(origin(record), (1, ABOVE)),
        xycoords=(name, axes.transAxes),
        xytext=(6, 0),
        textcoords="offset points",
        fontsize=14,
        **letters["origin"],
    )
    axes.set_title(note, loc="right", fontsize=13)


def label_figure(figure: Figure, record: dict, note: str) -> None:
    """Say above all panels whence their events come and what they are."""
    text = rf"{letters['title']}  {origin(record)}, {note}"
    inches = figure.get_size_inches()
    place = {"x": 0.3 / inches[0], "y": 1 - 0.25 / inches[1]}
    figure.suptitle(text, **place, ha="left", va="top", fontsize=20)


def model_colors(n_models: int) -> list[str]:
    """A color for each of some models; they recur after ten."""
    return list(itertools.islice(itertools.cycle(MODEL_COLORS), n_models))


def finish(
    axes: plt.Axes, record: dict, place: str = "upper right", ncols: int = 1
) -> None:
    """Say which events of a model were judged and whence they come; add a legend."""
    label(axes, record, f"{record['model']}, {judged(record)}")
    axes.legend(loc=place, ncols=ncols)


def judged(record: dict) -> str:
    """Which events a model was judged on."""
    has_test = len(record.keys() & SUBSET_NAMES.keys()) > 1
    return "out-of-fold and test" if has_test else "out-of-fold only"


def draw_band(
    axes: plt.Axes,
    edges: np.ndarray,
    middle: np.ndarray,
    uncertainty: np.ndarray,
    color: str,
) -> None:
    """Draw the uncertainty of a histogram as a band around it."""
    middle, uncertainty = np.asarray(middle), np.asarray(uncertainty)
    upper, lower = middle + uncertainty, middle - uncertainty
    band = {"fill": True, "color": color, "alpha": 0.25, "lw": 0}
    axes.stairs(upper, edges, baseline=lower, **band)
