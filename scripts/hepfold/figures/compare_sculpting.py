"""Background rejection of all models against how much cuts sculpt the spectrum."""

import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import mass_sculpting
from hepfold.core import columns
from hepfold.figures import drawing, log_axes, style

# The cuts that are compared have this signal efficiency.
EFFICIENCY = mass_sculpting.SIGNAL_EFFICIENCIES[-1]


def compare_sculpting(
    sculpting: list[pl.DataFrame],
    metrics: list[dict],
    spectrum: dict,
    strengths: dict[str, float],
) -> drawing.Drawings:
    """The trade-off between rejection and sculpting at equal signal efficiency.

    Takes tables of `mass_sculpting.shapes`, and the strength of the penalty on the
    distance correlation of each model.
    """
    table = pl.concat([trade_off(shapes, strengths) for shapes in sculpting])
    figure = trade_off_figure(table, metrics[0], spectrum["title"])
    return {"sculpting": drawing.Drawing(figure, table)}


def trade_off(shapes: pl.DataFrame, strengths: dict[str, float]) -> pl.DataFrame:
    """One row: rejection and divergence of the background at the compared cut."""
    (row,) = (
        shapes.filter(
            pl.col("selection") == mass_sculpting.name_of(EFFICIENCY),
            pl.col("class") == columns.CLASS_NAMES[columns.BACKGROUND],
        )
        .select("dataset", "model", "cut", "efficiency", "divergence", "chance")
        .unique()
        .iter_rows(named=True)
    )
    efficiency = row.pop("efficiency")
    return pl.DataFrame(
        {
            **row,
            "signal_efficiency": EFFICIENCY,
            "rejection": 1 / efficiency if efficiency > 0 else None,
            "decorrelation": strengths[row["model"]],
        },
        schema_overrides={"rejection": pl.Float64, "divergence": pl.Float64},
    )


def trade_off_figure(table: pl.DataFrame, record: dict, spectrum: str) -> Figure:
    """One point per model; the ring is what the number of passing events gives."""
    figure, axes = style.new_figure()
    rows = table.drop_nulls(["rejection", "divergence"]).iter_rows(named=True)
    for row, color in zip(rows, style.model_colors(len(table)), strict=False):
        strength = row["decorrelation"]
        penalty = f", penalty {strength:g}" if strength else ""
        look = {"color": color, "ls": "", "ms": 9}
        axes.plot(
            row["divergence"],
            row["rejection"],
            marker="o",
            label=f"{row['model']}{penalty}",
            **look,
        )
        if row["chance"]:
            axes.plot(row["chance"], row["rejection"], marker="o", mfc="none", **look)
    axes.plot([], [], "o", mfc="none", color="gray", ms=9, label="expected by chance")
    axes.set_xscale("log")
    log_axes.label_ones_and_threes(axes.xaxis)
    axes.margins(x=0.15)
    highest = table["rejection"].drop_nulls().max() or 1.0
    # Below zero, so that the labels of both axes stay apart.
    axes.set_ylim(-0.05 * highest, (1.3 + 0.08 * len(table)) * highest)
    axes.set_xlabel(f"Jensen-Shannon divergence (bits): {spectrum}")
    axes.set_ylabel(f"Background rejection\nat signal efficiency {EFFICIENCY:g}")
    style.label(axes, record, f"{len(table)} models, out-of-fold")
    axes.legend(loc="upper left")
    return figure
