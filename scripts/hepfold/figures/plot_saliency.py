"""Saliency of image cells for one model, with the importance for another model."""

import numpy as np
import polars as pl
import torch
from matplotlib.figure import Figure

from hepfold.analysis import importance_summary
from hepfold.core import tables
from hepfold.data import event_arrays, fold_file, folds
from hepfold.figures import bar_lists, drawing, style
from hepfold.models import image_ensembles, zoo


def plot_saliency(
    train: str,
    models: list[str],
    importance: list[pl.DataFrame],
    wildcards: dict,
    title: str,
    seed: int,
    n_events: int,
    threads: int,
) -> drawing.Drawings:
    """Saliency on `n_events` out-of-fold events of each fold.

    `importance` holds the importance table of another model of the run, or is empty.
    """
    torch.set_num_threads(threads)
    ensembles = [zoo.load(path, "cpu") for path in models]
    features = ensembles[0].preparation.schema.features
    positions = fold_file.read_layout(train).positions(features)
    of_folds = []
    for fold, model in enumerate(ensembles):
        events = fold_file.read(train, [fold]).with_features(positions)
        inputs = event_arrays.draw(events, n_events, folds.fold_seed(seed, fold)).inputs
        of_folds.append(image_ensembles.saliency(model, model.prepared(inputs)))
    other = importance[0] if importance else None
    table = saliency_table(np.array(of_folds), features, other)
    record = {
        **wildcards,
        "title": title,
        "toy": fold_file.is_toy(train),
        "other": None if other is None else other["model"][0],
    }
    figure = saliency_figure(table, record)
    return {"saliency": drawing.Drawing(figure, tables.named_rows(table, wildcards))}


def saliency_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Saliency of cells as bars, next to the permutation importance of another model.

    Columns of the table: feature, saliency and saliency_sd, relative to the largest,
    and importance and importance_sd if there is another model, `record["other"]`.
    """
    parts = [("saliency", f"Saliency of cells, {record['model']}", "tab:blue")]
    if record["other"]:
        title = f"Permutation importance, {record['other']}, bodies as a whole"
        parts.append(("importance", title, "tab:orange"))
    n = len(table)
    height = bar_lists.FRAME_HEIGHT + bar_lists.ROW_HEIGHT * n
    figure = Figure(layout="constrained", figsize=(6 + 4 * len(parts), height))
    rect = (0, 0, 1, 1 - bar_lists.LABEL_HEIGHT / height)
    figure.get_layout_engine().set(rect=rect)
    panels = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    for axes, (name, title, color) in zip(panels, parts, strict=True):
        names, sd = table["feature"].to_list(), table[f"{name}_sd"]
        bar_lists.draw_bars(axes, names, table[name], sd, color)
        axes.axvline(0, color="black", lw=0.8)
        axes.set_xlabel(f"{title}\n(largest = 1)", fontsize=14)
    style.label_figure(figure, record, "out-of-fold events")
    return figure


def saliency_table(
    saliency: np.ndarray, features: tuple[str, ...], other: pl.DataFrame | None
) -> pl.DataFrame:
    """Table of saliency (n_folds, n_features) by feature, scaled to a maximum of one.

    `other` is the table of importances of another model; features of a body have the
    importance of its momentum. Columns in `_sd` are standard deviations over folds,
    null for a single fold.
    """
    mean = saliency.mean(axis=0)
    largest = mean.max() or 1.0
    sd = saliency.std(axis=0, ddof=1) / largest if len(saliency) > 1 else None
    table = pl.DataFrame(
        {"feature": features, "saliency": mean / largest, "saliency_sd": sd},
        schema_overrides={"saliency_sd": pl.Float64},
    )
    if other is not None:
        together = pl.col("permuted").str.split(importance_summary.SEPARATOR)
        of_ensemble = (
            other.filter(pl.col("member").is_null(), pl.col("kind") != "set")
            .with_columns(feature=together)
            .explode("feature")
        )
        value = pl.col("importance")
        means = of_ensemble.group_by("feature", maintain_order=True).agg(
            value.mean(), importance_sd=value.std()
        )
        scale = means["importance"].max() or 1.0
        scaled = means.with_columns(value / scale, pl.col("importance_sd") / scale)
        table = table.join(scaled, on="feature", how="left", maintain_order="left")
    return table.sort("saliency", descending=True, maintain_order=True)
