"""Distributions and correlations of features: the numbers that figures show.

Everything uses the physics weights of the training events, read in parts, and the
feature statistics of the data card.
"""

import numpy as np
import polars as pl

from hepfold.analysis import feature_statistics
from hepfold.core import columns, tables

N_BINS = 40
PLACE = ["panel", columns.LABEL, "low", "high", "category"]
COLUMNS = [*PLACE, "total", "height", "height_unc", "missing_fraction"]


def histogram_table(parts: feature_statistics.Parts, card: dict) -> pl.DataFrame:
    """The numbers of the figure of features, one row per bin or bar of each panel.

    `total` is the sum of weights in a bin (in panel `events` the number of events).
    `height` is the density, normalized to unit area, or the fraction for categories and
    classes; it has the sign of the weights, and is null if their sum is negative. A
    panel spans the 0.5 % to 99.5 % percentiles of both classes.
    """
    features = pl.DataFrame(card["features"], infer_schema_length=None)
    categories = card["categories"]
    edges = {
        name: category_edges(categories[name])
        if name in categories
        else bin_edges(rows)
        for (name,), rows in features.group_by("feature", maintain_order=True)
    }
    sums = feature_statistics.histograms(parts, categories, list(edges.values()))
    panels = [class_bars(card)]
    for label, of_class in enumerate(sums):
        rows = features.filter(label=label).iter_rows(named=True)
        for row, bin_sums, ends in zip(rows, of_class, edges.values(), strict=True):
            values = categories.get(row["feature"])
            panels.append(feature_bars(bin_sums, ends, row, values))
    table = pl.concat(panels, how="diagonal_relaxed").select(COLUMNS)
    return tables.named_rows(table, {"dataset": card["dataset"]})


def bin_edges(rows: pl.DataFrame) -> np.ndarray:
    """Edges of equal bins from the 0.5 % to the 99.5 % percentile.

    There are N_BINS bins, or one bin per integer if there are at most N_BINS integers.
    """
    low, high = rows["p0.5"].min() or 0.0, rows["p99.5"].max() or 0.0
    if are_integers(rows) and high - low < N_BINS:
        return np.arange(low, high + 2) - 0.5
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, N_BINS + 1)
    # Bins exclude their upper edge, except that the last bin includes the largest
    # value.
    edges[-1] = np.nextafter(high, np.inf)
    return edges


def are_integers(rows: pl.DataFrame) -> bool:
    """Whether the percentiles of a feature, values of its events, are integers."""
    values = rows.select(r"^p\d.*$").to_numpy().astype(float).ravel()
    return bool((values[~np.isnan(values)] % 1 == 0).all())


def category_edges(values: list[float]) -> np.ndarray:
    """Edges halfway between the sorted values of a category."""
    middle = np.sort(values)
    return np.array([-np.inf, *(middle[1:] + middle[:-1]) / 2, np.inf])


def class_bars(card: dict) -> pl.DataFrame:
    """Numbers and weights of training events in both classes, and their fractions."""
    train = pl.DataFrame(card["events"]).filter(subset=columns.TRAIN)
    sums = train.group_by(columns.LABEL).agg(pl.col("n_events", "weight").sum())
    panels = []
    for panel, column in (("events", "n_events"), ("weights", "weight")):
        total = pl.col(column).cast(pl.Float64)
        bars = sums.sort(columns.LABEL).select(
            columns.LABEL, total=total, height=total / total.sum()
        )
        panels.append(tables.named_rows(bars, {"panel": panel}))
    return pl.concat(panels)


def feature_bars(
    sums: np.ndarray, edges: np.ndarray, row: dict, values: list[float] | None
) -> pl.DataFrame:
    """Bins of one feature and class, or one bar for each of its category `values`.

    `sums` (2, n_bins) are the sums of weights and squared weights, `row` a row of the
    feature table. Events outside the bins are included in the normalization.
    """
    total, squares = sums
    if values is None:
        place = {"low": edges[:-1], "high": edges[1:], "category": None}
        area = row["weight"] * np.diff(edges)
    else:
        place = {"low": None, "high": None, "category": np.sort(values)}
        area = np.full(len(total), row["weight"])
    bars = {
        **place,
        "total": total,
        "height": feature_statistics.ratio(total, area),
        "height_unc": feature_statistics.ratio(np.sqrt(squares), area),
    }
    if row["weight"] < 0:
        bars |= {"height": None, "height_unc": None}
    names = {
        "panel": row["feature"],
        columns.LABEL: row[columns.LABEL],
        "missing_fraction": row["missing_fraction"],
    }
    return tables.named_rows(pl.DataFrame(bars), names)


def correlation_table(parts: feature_statistics.Parts, card: dict) -> pl.DataFrame:
    """Weighted linear correlation of each pair of features in each class.

    Computed over events that have both features; null if one is constant there.
    """
    features = pl.DataFrame(card["features"], infer_schema_length=None)
    names = features["feature"].unique(maintain_order=True)
    mean, deviation = (
        features[column].fill_null(0.0).to_numpy().reshape(2, len(names))
        for column in ("mean", "standard_deviation")
    )
    coefficients = feature_statistics.correlations(
        parts, card["categories"], mean, deviation
    )
    label, row, column = np.indices(coefficients.shape).reshape(3, -1)
    table = {
        columns.LABEL: label,
        "feature": names.gather(row),
        "other": names.gather(column),
        "correlation": coefficients.reshape(-1),
    }
    return tables.named_rows(
        pl.DataFrame(table).fill_nan(None), {"dataset": card["dataset"]}
    )
