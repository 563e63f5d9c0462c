"""Gallery of images: the same events in every encoding."""

import numpy as np
import polars as pl
import torch
from matplotlib.figure import Figure

from hepfold.core import columns, settings_layers, settings_models
from hepfold.data import event_arrays, fold_file, folds
from hepfold.figures import drawing, style
from hepfold.models import feature_schema, image_ensembles, image_layouts

# Inches: side of an image, gaps, and margins of the grid.
SIDE, GAP = 2.4, 0.12
LEFT, RIGHT, BOTTOM, TOP = 0.55, 0.15, 0.15, 1.05
# Number of events per class, and usual side length of images in pixels.
N_SHOWN = 3
SIZES = {"text_equal": 224, "text_importance": 224, "blocks": 56, "stripes": 56}


def plot_gallery(
    train: str, wildcards: dict, title: str, seed: int, n_events: int, threads: int
) -> drawing.Drawings:
    """Images of a few events of the first fold, with a table of their values.

    Encoders are fitted to `n_events` events.
    """
    torch.set_num_threads(threads)
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    seed = folds.fold_seed(seed, 0)
    schema, positions = feature_schema.read(train, "all")
    events = fold_file.read(train, [0]).with_features(positions)
    fitted = event_arrays.draw(events, n_events, seed)
    shown = fitted.take(first_of_classes(fitted.label))
    images = {}
    for encoding in image_layouts.ENCODINGS:
        model = settings_models.SuperTML(images=gallery_settings(encoding))
        kind = image_ensembles.ImageEnsemble
        encoder = kind.fitted_preparation(schema, model, fitted, seed).encoder
        images[encoding] = encoder(torch.from_numpy(shown.inputs))[:, 0].numpy()
    figure = gallery_figure(images, shown.label, record)
    table = gallery_table(shown.inputs, schema.features, shown.event_id, shown.label)
    return {"gallery": drawing.Drawing(figure, table)}


def gallery_settings(encoding: str) -> settings_layers.Images:
    """Settings of an encoding for the images of a gallery."""
    return settings_layers.Images(
        encoding=encoding, size=SIZES[encoding], order="file", grouped=False
    )


def first_of_classes(label: np.ndarray) -> np.ndarray:
    """Positions of the first N_SHOWN events of each class, signal first."""
    first = [
        np.flatnonzero(label == value)[:N_SHOWN]
        for value in (columns.SIGNAL, columns.BACKGROUND)
    ]
    return np.concatenate(first)


def gallery_figure(
    images: dict[str, np.ndarray], label: np.ndarray, record: dict
) -> Figure:
    """The same events in every encoding: a row per encoding, signal before background.

    Parameters
    ----------
    images
        Gray values up to 255, (n_events, size, size), by the name of the encoding.
    label
        Class of each event (n_events,).
    record
        Data set and origin of the events.
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
    style.label_figure(figure, record, "training events as images")
    return figure


def new_gallery(n_rows: int, n_columns: int) -> tuple[Figure, np.ndarray]:
    """An empty figure of square panels without ticks, and the panels in rows."""
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
    """The values shown in the images of a gallery: one row per event and feature.

    Takes inputs (n_events, n_features) with NaN for missing values, which become null.
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
