"""AMS of one model against the cut on the score."""

import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import curves, score_tables
from hepfold.figures import drawing, style

# Largest end of the axis, in multiples of the AMS at the chosen cut.
LARGEST_MULTIPLE = 3.0


def plot_ams(
    scores: pl.DataFrame, metrics: dict, n_replicas: int, seed: int, threads: int
) -> drawing.Drawings:
    """AMS curves of every subset, with the `b_reg` of the evaluation."""
    table = curves.ams_curves(
        scores,
        score_tables.expected(metrics["normalization"]),
        metrics["settings"]["b_reg"],
        metrics["cuts"]["ams"],
        n_replicas,
        seed,
        threads,
    )
    return {"ams": drawing.Drawing(ams_figure(table, metrics), table)}


def ams_figure(table: pl.DataFrame, record: dict) -> Figure:
    """AMS against the cut, one curve per subset, with the chosen cut."""
    figure, axes = style.new_figure()
    for (subset,), curve in table.group_by("subset", maintain_order=True):
        color = style.SUBSET_COLORS[subset]
        at_cut = style.merit_text(record[subset], "ams", 3)
        label = f"{style.SUBSET_NAMES[subset]}, {at_cut} at the cut"
        axes.plot(curve["cut"], curve["ams"], color=color, label=label)
        ends = curve.select("ams_low", "ams_high")
        axes.fill_between(curve["cut"], *ends, color=color, **style.BAND)
    style.name_band(axes)
    cut = record["cuts"]["ams"]
    axes.axvline(cut, ls="--", color="gray", label=f"chosen cut, {cut:.4f}")
    axes.set(xlim=(0, 1), ylim=(0, 1.6 * highest(table, record)))
    axes.set_xlabel("Cut on the score")
    axes.set_ylabel("AMS")
    style.finish(axes, record, place="upper left")
    return figure


def highest(table: pl.DataFrame, record: dict) -> float:
    """The AMS that the axis includes: the maximum of the curves.

    Where little or no background passes a cut, that maximum is huge; the axis ends at a
    multiple of the AMS at the chosen cut.
    """
    at_cut = record["oof"]["ams"] or 1.0
    return min(table["ams"].max() or at_cut, LARGEST_MULTIPLE * at_cut)
