"""Reliability of the scores of one model: fraction of signal against the score."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import score_histograms, score_tables
from hepfold.core import columns
from hepfold.figures import drawing, style


def plot_reliability(scores: pl.DataFrame, metrics: dict) -> drawing.Drawings:
    """Fraction of signal in bins of the score in every subset, raw and calibrated."""
    expected = score_tables.expected(metrics["normalization"])
    calibrated = scores.with_columns(pl.col(columns.CALIBRATED).alias(columns.SCORE))
    table = pl.concat(
        score_histograms.reliability(part, expected).with_columns(
            pl.lit(is_calibrated).alias("is_calibrated")
        )
        for is_calibrated, part in ((False, scores), (True, calibrated))
    )
    return {"reliability": drawing.Drawing(reliability_figure(table, metrics), table)}


def reliability_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Fraction of signal against the mean score, and the distribution of scores."""
    figure, (main, below) = style.new_stack((3, 1))
    main.plot([0, 1], [0, 1], ":", color="gray", label="calibrated")
    kind = record["calibration"]["kind"]
    keys = ["subset", "is_calibrated"]
    for (subset, is_calibrated), bins in table.group_by(keys, maintain_order=True):
        color = style.SUBSET_COLORS[subset]
        if not is_calibrated:
            draw_fractions(main, bins, style.SUBSET_NAMES[subset], color, ls="-")
            edges = score_histograms.edges_of(bins)
            below.stairs(bins["share"], edges, color=color, lw=1.5)
        elif kind != "none":
            name = f"{style.SUBSET_NAMES[subset]}, {kind}"
            draw_fractions(main, bins, name, color, ls="", mfc="none")
    main.set(xlim=(0, 1), ylim=(0, 1))
    main.set_ylabel("Fraction of signal, classes balanced")
    below.set_ylim(style.floor(table["share"]), 1.1 * table["share"].max())
    below.set_ylabel("Fraction of weights", fontsize=14)
    below.set_xlabel("Score")
    style.finish(main, record, place="upper left")
    return figure


def draw_fractions(
    axes: plt.Axes, bins: pl.DataFrame, name: str, color: str, **look
) -> None:
    """Draw the fraction of signal, with the mean distance from the score by name."""
    error = score_histograms.calibration_error(bins)
    noise = score_histograms.calibration_noise(bins)
    axes.errorbar(
        bins["mean_score"],
        bins["signal_fraction"],
        bins["signal_fraction_unc"],
        color=color,
        label=f"{name}: mean distance {error:.4f} ({noise:.4f} by chance)",
        marker="o",
        ms=4,
        lw=0.7,
        elinewidth=1.2,
        **look,
    )
