"""Figures of events as images."""

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.core import columns
from hepfold.figures import importance, style

# Inches of one image and around the grid of them.
SIDE, GAP = 2.4, 0.12
LEFT, RIGHT, BOTTOM, TOP = 0.55, 0.15, 0.15, 1.05
# Events of each class in a gallery, and sizes of their images: the usual ones.
N_SHOWN = 3
SIZES = {"text_equal": 224, "text_importance": 224, "blocks": 56, "stripes": 56}


def gallery_settings(encoding: str) -> dict:
    """Settings of the images of an encoding in a gallery."""
    return {
        "encoding": encoding,
        "size": SIZES[encoding],
        "order": "file",
        "grouped": False,
        "font_size": None,
        "decimals": 3,
    }


def first_of_classes(label: np.ndarray) -> np.ndarray:
    """Positions of the first events of each class (n_events,) that a gallery shows."""
    first = [
        np.flatnonzero(label == value)[:N_SHOWN]
        for value in (columns.SIGNAL, columns.BACKGROUND)
    ]
    return np.concatenate(first)


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


def saliency_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Saliency of cells as bars, beside the permutation importance of another model.

    Takes the columns feature, saliency and saliency_sd, relative to the largest, and
    maybe importance and importance_sd, of the model `record["other"]`.
    """
    parts = [("saliency", f"Saliency of cells, {record['model']}", "tab:blue")]
    if record["other"]:
        title = f"Permutation importance, {record['other']}"
        parts.append(("importance", title, "tab:orange"))
    n = len(table)
    height = importance.FRAME_HEIGHT + importance.ROW_HEIGHT * n
    figure = Figure(layout="constrained", figsize=(6 + 4 * len(parts), height))
    rect = (0, 0, 1, 1 - importance.LABEL_HEIGHT / height)
    figure.get_layout_engine().set(rect=rect)
    panels = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    for axes, (name, title, color) in zip(panels, parts, strict=True):
        names, sd = table["feature"].to_list(), table[f"{name}_sd"]
        importance.draw_bars(axes, names, table[name], sd, color)
        axes.axvline(0, color="black", lw=0.8)
        axes.set_xlabel(f"{title}\n(largest = 1)", fontsize=14)
    style.label_figure(figure, record, "of out-of-fold events")
    return figure


def saliency_table(
    saliency: np.ndarray, features: tuple[str, ...], other: pl.DataFrame | None
) -> pl.DataFrame:
    """Saliency (n_folds, n_features) by feature, the largest first and equal to one.

    `other` is the table of another model, with its features; `_sd` is the
    standard deviation over folds, null where there is one.
    """
    mean = saliency.mean(axis=0)
    largest = mean.max() or 1.0
    sd = saliency.std(axis=0, ddof=1) / largest if len(saliency) > 1 else None
    table = pl.DataFrame(
        {"feature": features, "saliency": mean / largest, "saliency_sd": sd},
        schema_overrides={"saliency_sd": pl.Float64},
    )
    if other is not None:
        of_ensemble = other.filter(pl.col("member").is_null(), kind="feature")
        value = pl.col("importance")
        found = of_ensemble.group_by("feature", maintain_order=True).agg(
            value.mean(), importance_sd=value.std()
        )
        scale = found["importance"].max() or 1.0
        found = found.with_columns(value / scale, pl.col("importance_sd") / scale)
        table = table.join(found, on="feature", how="left", maintain_order="left")
    return table.sort("saliency", descending=True, maintain_order=True)


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
