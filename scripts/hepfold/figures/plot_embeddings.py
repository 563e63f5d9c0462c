"""Distances between the embedding vectors of categories in one model."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import importance_summary
from hepfold.core import files, tables
from hepfold.data import fold_file
from hepfold.figures import bar_lists, drawing, style


def plot_embeddings(
    train: str, models: list[str], wildcards: dict, title: str
) -> drawing.Drawings:
    """Distances in every fold and member, and their means."""
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    categorical = fold_file.read_layout(train).categorical
    distances = pl.concat(
        tables.named_rows(
            distances_of_model(path, categorical), {**wildcards, "fold": fold}
        )
        for fold, path in enumerate(models)
    )
    summary = importance_summary.distance_summary(distances)
    figure = embeddings_figure(summary, distances, record)
    return {"embeddings": drawing.Drawing(figure, distances)}


def distances_of_model(
    path: str, categorical: dict[str, tuple[float, ...]]
) -> pl.DataFrame:
    """Distances in the model of one fold, for its categorical features."""
    tensors, made_by = files.read_tensors(path)
    features = made_by["schema"]["features"]
    inputs = {name: v for name, v in categorical.items() if name in features}
    return importance_summary.embedding_distances(tensors, inputs)


def embeddings_figure(
    summary: pl.DataFrame, distances: pl.DataFrame, record: dict
) -> Figure:
    """Distances between the vectors of each pair of values, one panel per feature."""
    features = summary["feature"].unique(maintain_order=True).to_list()
    parts = [summary.filter(feature=name) for name in features]
    figure, panels = bar_lists.new_lists([len(part) for part in parts])
    for axes, name, part in zip(panels, features, parts, strict=True):
        pairs = pair_names(part)
        bar_lists.draw_bars(
            axes, pairs, part["distance"], part["distance_sd"], "tab:blue"
        )
        points = distances.filter(feature=name)
        bar_lists.draw_points(
            axes, points["distance"], pl.Series(pair_names(points)), pairs
        )
        axes.axvline(part["as_drawn"][0], color="gray", ls="--")
        axes.set_title(name, loc="left", fontsize=14)
    panels[-1].set_xlabel("Distance between the embedding vectors of two values")
    drawn = plt.Line2D([], [], color="gray", ls="--", label="mean before training")
    spread = bar_lists.point_handles("standard deviation of members")
    place = {"loc": "outside lower left", "ncols": 3}
    figure.legend(handles=[*spread, drawn], **place, fontsize=12, frameon=False)
    style.label_figure(figure, record, f"{record['model']}, models of all folds")
    return figure


def pair_names(table: pl.DataFrame) -> list[str]:
    """Name of the pair of values in each row of a table."""
    rows = table.select("first", "second").iter_rows()
    return [f"{first:g} and {second:g}" for first, second in rows]
