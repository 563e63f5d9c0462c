"""Style of figures: appearance like ATLAS or CMS, colors, layouts and labels."""

import itertools
import logging

import matplotlib
import matplotlib.pyplot as plt
import mplhep
import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.text import Text

from hepfold.core import columns, merit_records

matplotlib.use("agg")
# Matplotlib warns at every text if a font of the style is not installed.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

# Points below a panel that keep the first labels of both axes apart.
TICK_PAD = 11
# The styles of mplhep assume other figure sizes.
LOOKS = {
    "atlas": mplhep.style.ATLAS
    | {
        "figure.figsize": (8, 6),
        "axes.labelsize": 18,
        "xtick.major.pad": TICK_PAD,
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
        "xtick.major.pad": TICK_PAD,
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
# Fonts of each look for the project name, in text and in titles, and for the origin.
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

# Smallest font of a title that is longer than its panel is wide.
SMALLEST_FONT = 5.0
# Position of the text above a panel, in units of the panel height.
ABOVE = 1.015
# Inches around and between the panels of a grid. Fixed sizes avoid the layout engine,
# which takes as long as drawing.
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
# Ten colors that remain distinct with color blindness.
MODEL_COLORS = matplotlib.color_sequences["petroff10"]
# Colors of background processes, without those near the red of signal; of the rest.
PROCESS_COLORS = [MODEL_COLORS[i] for i in (0, 1, 4, 9, 5, 7, 3, 6)]
OTHER_COLOR = MODEL_COLORS[8]
# Columns and font sizes of a long legend, in order of preference, and the largest part
# of the height of a panel that it takes.
LEGEND_SHAPES = ((2, 12), (2, 10), (3, 9), (2, 9), (1, 9), (3, 7), (2, 7), (1, 7))
LEGEND_HEIGHT = 0.5
# Look of a band of bootstrap replicas.
BAND = {"alpha": 0.2, "lw": 0}


def use(look: str) -> None:
    """Set the look of subsequent figures: `atlas` or `cms`."""
    plt.style.use(["default", LOOKS[look]])
    letters.update(LETTERS[look])


def new_figure() -> tuple[Figure, plt.Axes]:
    """An empty figure with one panel."""
    figure = Figure(layout="constrained")
    return figure, figure.subplots()


def new_stack(heights: tuple[float, ...] = (3, 1)) -> tuple[Figure, list[plt.Axes]]:
    """An empty figure of stacked panels of given relative heights."""
    width, height = plt.rcParams["figure.figsize"]
    figure = Figure(layout="constrained", figsize=(width, height + len(heights) - 1))
    panels = figure.subplots(
        len(heights), sharex=True, height_ratios=heights, squeeze=False
    )
    return figure, list(panels.flat)


def new_grid(n_rows: int, n_columns: int) -> tuple[Figure, list[plt.Axes]]:
    """An empty figure with a grid of equal panels, and the panels row by row."""
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
    """The origin of the events of a record: toy events, or the official data set."""
    if record["toy"]:
        return f"Toy events ({record['dataset']})"
    return record["title"]


def label(axes: plt.Axes, record: dict, note: str) -> None:
    """Write the origin of the events above a panel, and a note on its right."""
    place = {"transform": axes.transAxes, "fontsize": 18}
    name = axes.text(0, ABOVE, "hepfold", **place, **letters["name"])
    # Anchored to the name, which the layout may move.
    title = axes.annotate(
        origin(record),
        (1, ABOVE),
        xycoords=(name, axes.transAxes),
        xytext=(6, 0),
        textcoords="offset points",
        fontsize=14,
        **letters["origin"],
    )
    note = axes.set_title(note, loc="right", fontsize=13)
    others = name.get_window_extent().width + note.get_window_extent().width
    shrink(title, 0.94 * axes.bbox.width - others)


def shrink(text: Text, width: float) -> None:
    """Make the font of a text smaller if it is wider than a number of pixels."""
    is_wider = text.get_window_extent().width / max(width, 1)
    text.set_fontsize(max(text.get_fontsize() / max(is_wider, 1), SMALLEST_FONT))


def label_figure(
    figure: Figure, record: dict, note: str, fraction: float = 0.98
) -> None:
    """Write the origin of the events and a note above all panels.

    They take at most a fraction of the width.
    """
    text = rf"{letters['title']}  {origin(record)}, {note}"
    inches = figure.get_size_inches()
    x, y = 0.3 / inches[0], 1 - 0.25 / inches[1]
    title = figure.suptitle(text, x=x, y=y, ha="left", va="top", fontsize=20)
    shrink(title, (fraction - x) * figure.bbox.width)


def model_colors(n_models: int) -> list[str]:
    """A color for each model; colors repeat after ten."""
    return list(itertools.islice(itertools.cycle(MODEL_COLORS), n_models))


def finish(
    axes: plt.Axes, record: dict, place: str = "upper right", ncols: int = 1
) -> None:
    """Write the model, its evaluated events and their origin; add a legend."""
    label(axes, record, f"{record['model']}, {evaluated_on(record)}")
    axes.legend(loc=place, ncols=ncols)


def fit_legend(
    axes: plt.Axes, top: float, place: str = "upper right", width: float = 1.0
) -> None:
    """Add a legend above the highest point, `top`, of a logarithmic axis.

    It has the largest font and the columns that fit in a fraction `width` of the panel.
    """
    for n_columns, size in LEGEND_SHAPES:
        legend = axes.legend(
            loc=place,
            ncols=n_columns,
            fontsize=size,
            columnspacing=1.0,
            handlelength=1.5,
            borderaxespad=0.3,
        )
        # The layout would shrink the panel for a legend that does not fit.
        legend.set_in_layout(False)
        axes.figure.draw_without_rendering()
        extent = legend.get_window_extent().transformed(axes.transAxes.inverted())
        if extent.width <= width and extent.height <= LEGEND_HEIGHT:
            break
    low, _ = axes.get_ylim()
    filled = 1 - min(extent.height, LEGEND_HEIGHT) - 0.05
    axes.set_ylim(low, low * (top / low) ** (1 / filled))


def evaluated_on(record: dict) -> str:
    """The kinds of events on which a model was evaluated."""
    has_test = len(record.keys() & SUBSET_NAMES.keys()) > 1
    return "out-of-fold and test" if has_test else "out-of-fold only"


def merit_text(merits: dict, name: str, n_decimals: int) -> str:
    """A figure of merit with its total uncertainty, for a legend, if defined."""
    value, unc = merits[name], merit_records.quoted_unc(merits, name)
    if value is None:
        return "undefined"
    text = f"{value:.{n_decimals}f}"
    low, high = (merits.get(f"{name}_unc_{end}") for end in ("low", "high"))
    if low is not None:
        return f"{text} +{high:.{n_decimals}f} -{low:.{n_decimals}f}"
    return text if unc is None else f"{text} ± {unc:.{n_decimals}f}"


def floor(values: pl.Series) -> float:
    """Lower end of a linear axis: zero, or below the lowest of negative values."""
    return 1.15 * min(0.0, values.min() or 0.0)


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


def name_band(axes: plt.Axes) -> None:
    """Add the bootstrap band to the legend."""
    label = "68 % of bootstrap replicas"
    axes.fill_between([], [], [], color="gray", label=label, **BAND)
