"""Figures of events as images."""

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold import columns, style

# Inches of one image and around the grid of them.
SIDE, GAP = 2.4, 0.12
LEFT, RIGHT, BOTTOM, TOP = 0.55, 0.15, 0.15, 1.05


def gallery_figure(
    images: dict[str, np.ndarray], label: np.ndarray, record: dict
) -> Figure:
    """The same events in every encoding: a row for each, signal before background.

    Parameters
    ----------
    images
        By the name of the encoding, gray values (n_events, size, size) up to 255.
    label
        Class of each event (n_events,).
    record
        Where the events come from.
    """
    order = np.argsort(-label, kind="stable")
    n_rows, n_columns = len(images), len(order)
    figure, panels = new_gallery(n_rows, n_columns)
    for row, (name, gray) in zip(panels, images.items(), strict=True):
        row[0].set_ylabel(name, fontsize=14, labelpad=6, loc="center")
        for axes, event in zip(row, order, strict=True):
            axes.imshow(gray[event], cmap="gray", vmin=0, vmax=255)
    for axes, event in zip(panels[0], order, strict=True):
        color = style.CLASS_COLORS[label[event]]
        axes.set_title(columns.CLASS_NAMES[label[event]], color=color, fontsize=15)
    style.label_figure(figure, record, "train events as images")
    return figure


def new_gallery(n_rows: int, n_columns: int) -> tuple[Figure, np.ndarray]:
    """An empty figure of square panels, without ticks, and the panels in rows."""
    n = np.array([n_columns, n_rows])
    size = n * SIDE + (n - 1) * GAP + [LEFT + RIGHT, BOTTOM + TOP]
    figure = Figure(figsize=size)
    figure.subplots_adjust(
        left=LEFT / size[0],
        right=1 - RIGHT / size[0],
        bottom=BOTTOM / size[1],
        top=1 - TOP / size[1],
        wspace=GAP / SIDE,
        hspace=GAP / SIDE,
    )
    panels = figure.subplots(n_rows, n_columns, squeeze=False)
    for axes in panels.flat:
        axes.set(xticks=[], yticks=[])
        axes.minorticks_off()
    return figure, panels


def gallery_table(
    inputs: np.ndarray,
    features: tuple[str, ...],
    event_id: np.ndarray,
    label: np.ndarray,
) -> pl.DataFrame:
    """What the images of a gallery show: a row for each event and feature.

    A missing value is null. Takes inputs (n_events, n_features), NaN where missing.
    """
    n_events, n_features = inputs.shape
    table = pl.DataFrame(
        {
            "event_id": np.repeat(event_id, n_features),
            "label": np.repeat(label, n_features),
            "feature": list(features) * n_events,
            "value": inputs.ravel(),
        }
    )
    return table.with_columns(pl.col("value").fill_nan(None))
