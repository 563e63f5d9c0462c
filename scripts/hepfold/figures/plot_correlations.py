"""Linear correlations of all features in signal and in background."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from hepfold.analysis import feature_distributions
from hepfold.core import columns
from hepfold.data import fold_file
from hepfold.figures import drawing, style

# Letters of a name that fit next to a matrix; inches of each additional letter, and of
# the label of the figure.
N_LETTERS, LETTER, LABEL_HEIGHT = 20, 0.12, 0.65


def plot_correlations(card: dict, train: str) -> drawing.Drawings:
    """Correlation matrices of the features of training events."""
    parts = fold_file.read_parts(train)
    table = feature_distributions.correlation_table(parts, card)
    return {"correlations": drawing.Drawing(correlations_figure(table, card), table)}


def correlations_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Correlation coefficients in percent, signal next to background."""
    names = table["feature"].unique(maintain_order=True).to_list()
    size = 3 + 0.3 * len(names)
    margin = LETTER * max(max(map(len, names)) - N_LETTERS, 0)
    height = size + 1 + margin
    figure = Figure(figsize=(2 * size + margin, height), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - LABEL_HEIGHT / height))
    panels = figure.subplots(1, 2)
    for axes, label in zip(panels, style.CLASS_COLORS, strict=True):
        values = table.filter(label=label)["correlation"].to_numpy()
        image = draw_matrix(axes, values.reshape(len(names), len(names)), names)
        axes.set_title(columns.CLASS_NAMES[label], loc="left", fontsize=18)
    panels[1].set_yticklabels([])
    bar = figure.colorbar(image, ax=panels, shrink=0.7, pad=0.01)
    bar.set_label("Linear correlation (%)")
    style.label_figure(figure, record, "training events")
    # The layout of panels of fixed aspect takes two passes, of which this is one.
    figure.get_layout_engine().execute(figure)
    return figure


def draw_matrix(axes: plt.Axes, matrix: np.ndarray, names: list[str]) -> AxesImage:
    """Draw a matrix of correlations in percent; undefined ones stay gray."""
    axes.set_facecolor("lightgray")
    image = axes.imshow(100 * matrix, cmap="RdBu_r", vmin=-100, vmax=100)
    for (row, column), value in np.ndenumerate(100 * matrix):
        if np.isfinite(value):
            color = "white" if abs(value) > 60 else "black"
            cell = axes.text(column, row, f"{value:z.0f}", color=color, fontsize=8)
            cell.set(ha="center", va="center")
            # Within the axes, so the layout need not measure hundreds of them.
            cell.set_in_layout(False)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=11)
    axes.set_yticks(range(len(names)), names, fontsize=11)
    axes.minorticks_off()
    axes.tick_params(length=0)
    return image
