"""Figures of what scores have to do with masses, each from the table it shows."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import (
    literature,
    mass_hypotheses,
    mass_sculpting,
    score_histograms,
)
from hepfold.core import columns
from hepfold.figures import style

BACKGROUND = columns.CLASS_NAMES[columns.BACKGROUND]
SIGNAL = columns.CLASS_NAMES[columns.SIGNAL]
# The axes hold the bins whose relative uncertainty is below this.
CERTAIN = 0.3
BAND = {"alpha": 0.25, "lw": 0}
# Where models are compared at masses, the first that there is.
SUBSETS = ("test", "private", "oof")
SELECTION_COLORS = ("tab:orange", "tab:green", "tab:purple")


def sculpting_figure(table: pl.DataFrame, record: dict, mass_name: str) -> Figure:
    """Shape of a mass in background before and after cuts, and their ratio."""
    figure, (main, ratio) = style.new_stack((3, 1.3))
    before = {
        name: table.filter(pl.col("class") == name, selection=mass_sculpting.NO_CUT)
        for name in (SIGNAL, BACKGROUND)
    }
    edges = score_histograms.edges_of(before[BACKGROUND])
    main.stairs(
        *(before[BACKGROUND]["density"], edges),
        fill=True,
        color=style.CLASS_COLORS[columns.BACKGROUND],
        alpha=0.3,
        label="background, no cut",
    )
    ratio.axhline(1, color="gray", lw=1)
    background = table.filter(
        pl.col("class") == BACKGROUND, pl.col("selection") != mass_sculpting.NO_CUT
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
    edges = score_histograms.edges_of(bins)
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
        look = {"color": style.SUBSET_COLORS[subset]}
        draw_aucs(axes, part, **look, label=style.SUBSET_NAMES[subset])
    finish_aucs(axes, table)
    style.finish(axes, record, place="best")
    return figure


def compared_auc_figure(
    table: pl.DataFrame, records: list[dict], quoted: list[literature.Figure]
) -> Figure:
    """AUC against the mass hypothesis of all models: a curve each, with its band.

    Of test events, where there are any. A model that was trained at one mass is a point
    there.
    """
    figure, (axes, below) = style.new_stack((3, 1.5))
    subset = next(name for name in SUBSETS if name in set(table["subset"]))
    table = table.filter(subset=subset)
    of_one = pl.col("trained").sum().over("model") == 1
    of_several = pl.len().over("model") > 1
    table = table.filter(~(of_one & of_several) | pl.col("trained"))
    first = table.filter(model=records[0]["model"])
    gain = table.join(first.select("mass_hypothesis", first="auc"), "mass_hypothesis")
    gain = gain.with_columns(auc=pl.col("auc") - pl.col("first"))
    for panel, drawn in ((axes, table), (below, gain)):
        lines = drawn.filter(~of_one).group_by("model", maintain_order=True)
        colors = style.model_colors(table["model"].n_unique())
        for color, ((model,), part) in zip(colors, lines, strict=False):
            draw_aucs(panel, part, color=color, label=model)
        if len(points := drawn.filter(of_one)):
            look = {"color": "black", "marker": "s", "ls": "", "zorder": 3}
            draw_aucs(panel, points, **look, label="trained at this mass alone")
    if not table["trained"].all():
        look = {"marker": "o", "ls": "", "mfc": "none", "ms": 13, "color": "gray"}
        axes.plot([], [], **look, label="at a mass that it was not trained on")
    if quoted:
        draw_quoted(axes, quoted, records[0])
    finish_aucs(axes, table)
    axes.set_xlabel("")
    below.set_xlabel("Mass hypothesis (GeV)")
    below.set_ylabel(f"Difference to\n{records[0]['model']}", fontsize=13)
    note = f"{table['model'].n_unique()} models, {style.SUBSET_NAMES[subset]} events"
    style.label(axes, records[0], note)
    axes.legend(loc="lower right")
    return figure


def draw_aucs(axes: plt.Axes, part: pl.DataFrame, **look) -> None:
    """Draw AUCs with their bands, and a ring where the model was not trained."""
    mass, auc, unc = part.sort("mass_hypothesis").select(
        "mass_hypothesis", "auc", "auc_unc"
    )
    look = {"marker": "o", "ms": 6, "lw": 1.5, **look}
    axes.plot(mass, auc, **look)
    if look.get("ls") == "":
        axes.errorbar(mass, auc, unc, color=look["color"], fmt="none", capsize=3)
    else:
        axes.fill_between(mass, auc - unc, auc + unc, color=look["color"], **BAND)
    hollow = part.filter(~pl.col("trained"))
    axes.plot(
        *(hollow["mass_hypothesis"], hollow["auc"]),
        **look | {"ls": "", "mfc": "none", "label": None, "ms": 13, "zorder": 4},
    )


def draw_quoted(axes: plt.Axes, quoted: list[literature.Figure], record: dict) -> None:
    """Draw published AUCs, with a note where they are not of the same events."""
    figure = quoted[0]
    reason = literature.other_events(record, figure.subset)
    note = f"\nnot comparable: ours is of\n{reason}" if reason else ""
    axes.plot(
        [int(mass_hypotheses.NAME.fullmatch(q.merit)[1]) for q in quoted],
        [q.value for q in quoted],
        **{"color": "tab:red", "marker": "D", "mfc": "none", "ls": "", "ms": 10},
        label=f"{figure.who}, published{note}",
    )


def finish_aucs(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Axes that hold all AUCs and their bands."""
    mass = table["mass_hypothesis"]
    margin = 0.1 * (mass.max() - mass.min()) or 0.1 * mass.max()
    axes.set_xlim(mass.min() - margin, mass.max() + margin)
    low, high = axes.get_ylim()
    axes.set_ylim(low, min(high, 1.02))
    axes.set_xlabel("Mass hypothesis (GeV)")
    axes.set_ylabel("AUC of events of this hypothesis")
