"""Reliability of the scores of one model: fraction of signal against the score."""

import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import score_histograms, score_tables
from hepfold.figures import drawing, style


def plot_reliability(scores: pl.DataFrame, metrics: dict) -> drawing.Drawings:
    """Fraction of signal in bins of the score in every subset."""
    expected = score_tables.expected(metrics["normalization"])
    table = score_histograms.reliability(scores, expected)
    return {"reliability": drawing.Drawing(reliability_figure(table, metrics), table)}


def reliability_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Fraction of signal against the mean score, and the distribution of scores."""
    figure, (main, below) = style.new_stack((3, 1))
    main.plot([0, 1], [0, 1], ":", color="gray", label="calibrated")
    for (subset,), bins in table.group_by("subset", maintain_order=True):
        color = style.SUBSET_COLORS[subset]
        error = score_histograms.calibration_error(bins)
        main.errorbar(
            bins["mean_score"],
            bins["signal_fraction"],
            bins["signal_fraction_unc"],
            color=color,
            label=f"{style.SUBSET_NAMES[subset]}, mean distance {error:.4f}",
            marker="o",
            ms=4,
            lw=0.7,
            elinewidth=1.2,
        )
        edges = score_histograms.edges_of(bins)
        below.stairs(bins["share"], edges, color=color, lw=1.5)
    main.set(xlim=(0, 1), ylim=(0, 1))
    main.set_ylabel("Fraction of signal, classes balanced")
    below.set_ylim(style.floor(table["share"]), 1.1 * table["share"].max())
    below.set_ylabel("Fraction of weights", fontsize=14)
    below.set_xlabel("Score")
    style.finish(main, record, place="upper left")
    return figure
