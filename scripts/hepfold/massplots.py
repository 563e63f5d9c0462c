"""Figures of what scores have to do with masses, each from the table it shows."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold import columns, histograms, masses, style

BACKGROUND = columns.CLASS_NAMES[columns.BACKGROUND]
SIGNAL = columns.CLASS_NAMES[columns.SIGNAL]
# The axes hold the bins whose relative uncertainty is below this.
CERTAIN = 0.3
MARKS = {"marker": "o", "ms": 5, "lw": 1, "elinewidth": 1.5, "capsize": 3}
SELECTION_COLORS = ("tab:orange", "tab:green", "tab:purple")


def sculpting_figure(table: pl.DataFrame, record: dict, mass_name: str) -> Figure:
    """Shape of a mass in background before and after cuts, and their ratio."""
    figure, (main, ratio) = style.new_stack((3, 1.3))
    before = {
        name: table.filter(pl.col("class") == name, selection=masses.NO_CUT)
        for name in (SIGNAL, BACKGROUND)
    }
    edges = histograms.edges_of(before[BACKGROUND])
    main.stairs(
        *(before[BACKGROUND]["density"], edges),
        fill=True,
        color=style.CLASS_COLORS[columns.BACKGROUND],
        alpha=0.3,
        label="background, no cut",
    )
    ratio.axhline(1, color="gray", lw=1)
    background = table.filter(
        pl.col("class") == BACKGROUND, pl.col("selection") != masses.NO_CUT
    )
    parts = background.group_by("selection", maintain_order=True)
    for color, (_, bins) in zip(SELECTION_COLORS, parts, strict=True):
        draw_selection(main, ratio, bins, color)
    main.stairs(
        *(before[SIGNAL]["density"], edges),
        color=style.CLASS_COLORS[columns.SIGNAL],
        ls=":",
        label="signal, no cut",
    )
    drawn = pl.concat([*before.values(), background])
    main.set(xlim=(edges[0], edges[-1]), ylim=(0, 2 * highest(drawn, "density")))
    ratio.set_ylim(0, max(1.2 * highest(background, "ratio"), 2))
    main.set_ylabel("Density of weighted events")
    ratio.set_ylabel("Cut / no cut", fontsize=14)
    ratio.set_xlabel(mass_name)
    style.label(main, record, f"{record['model']}, out-of-fold")
    title = "The outer bins hold what is beyond."
    if missing := before[BACKGROUND]["missing_fraction"][0]:
        title += f"\nLeft out: {100 * missing:.1f} % of background, without mass."
    main.legend(loc="upper right", title=title, alignment="left")
    return figure


def highest(table: pl.DataFrame, column: str) -> float:
    """The highest value of a column of those that are certain enough to be seen."""
    certain = table.filter(pl.col(f"{column}_unc") < CERTAIN * pl.col(column))
    return certain[column].max() or 1.0


def draw_selection(
    main: plt.Axes, ratio: plt.Axes, bins: pl.DataFrame, color: str
) -> None:
    """Draw the shape after a cut, and its ratio to that without one."""
    edges = histograms.edges_of(bins)
    for axes, column in ((main, "density"), (ratio, "ratio")):
        value, uncertainty = bins.select(column, f"{column}_unc").fill_null(0)
        axes.stairs(value, edges, color=color, lw=1.5, label=told(bins))
        style.draw_band(axes, edges, value, uncertainty, color)


def told(bins: pl.DataFrame) -> str:
    """What a legend says of a selection: its cut, and how far it changes the shape."""
    about = bins.row(0, named=True)
    name = f"{about['selection']} ({about['cut']:.3f}): "
    if about["divergence"] is None:
        return name + "nothing passes"
    by_chance = f"({about['chance']:.3f} by chance)"
    return name + f"JSD {about['divergence']:.3f} bits {by_chance}"


def auc_figure(table: pl.DataFrame, record: dict) -> Figure:
    """AUC against the mass hypothesis, one curve per subset."""
    figure, axes = style.new_figure()
    for (subset,), part in table.group_by("subset", maintain_order=True):
        auc, low, high = part.select("auc", "auc_low", "auc_high")
        axes.errorbar(
            *(part["mass_hypothesis"], auc, [auc - low, high - auc]),
            color=style.SUBSET_COLORS[subset],
            label=style.SUBSET_NAMES[subset],
            **MARKS,
        )
    mass = table["mass_hypothesis"]
    margin = 0.1 * (mass.max() - mass.min()) or 0.1 * mass.max()
    axes.set_xlim(mass.min() - margin, mass.max() + margin)
    low, high = table["auc_low"].min(), table["auc_high"].max()
    axes.set_ylim(low - 0.2 * (high - low), min(high + 0.2 * (high - low), 1.02))
    axes.set_xlabel("Mass hypothesis (GeV)")
    axes.set_ylabel("AUC of events of this hypothesis")
    style.finish(axes, record, place="best")
    return figure
