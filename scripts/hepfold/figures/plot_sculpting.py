"""Mass shape of the background before and after cuts on the score of one model."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import mass_sculpting, score_histograms, score_tables
from hepfold.core import columns
from hepfold.figures import drawing, feature_axes, style

BACKGROUND = columns.CLASS_NAMES[columns.BACKGROUND]
SIGNAL = columns.CLASS_NAMES[columns.SIGNAL]
# The axes include bins with relative uncertainties below this value.
LARGEST_UNC = 0.3
SELECTION_COLORS = ("tab:orange", "tab:green", "tab:purple")


def plot_sculpting(
    scores: pl.DataFrame, metrics: dict, train: str, spectrum: dict, seed: int
) -> drawing.Drawings:
    """Shapes of the mass of the data set, with out-of-fold scores."""
    of_training = mass_sculpting.of_training_events(scores)
    name, mass = spectrum["feature"], pl.col(score_tables.MASS)
    if name in scores.columns:
        with_mass = of_training.rename({name: score_tables.MASS})
    else:
        with_mass = score_tables.with_mass(of_training, [train], name)
    with_mass = with_mass.with_columns(mass * spectrum["scale"])
    expected = score_tables.expected(metrics["normalization"])
    table = mass_sculpting.shapes(with_mass, expected, metrics["cut"], seed)
    figure = sculpting_figure(table, metrics, spectrum["title"])
    return {"sculpting": drawing.Drawing(figure, table)}


def sculpting_figure(table: pl.DataFrame, record: dict, mass_name: str) -> Figure:
    """Mass shape of the background before and after cuts, and the ratio of both."""
    figure, (main, ratio) = style.new_stack((3, 1.3))
    no_cut = pl.col("selection") == mass_sculpting.NO_CUT
    before, after = table.filter(no_cut), table.filter(~no_cut)
    background, signal = (
        before.filter(pl.col("class") == name) for name in (BACKGROUND, SIGNAL)
    )
    passing = after.filter(pl.col("class") == BACKGROUND)
    draw_background(main, background)
    ratio.axhline(1, color="gray", lw=1)
    selections = passing.group_by("selection", maintain_order=True)
    for color, (_, bins) in zip(SELECTION_COLORS, selections, strict=True):
        draw_selection(main, ratio, bins, color)
    draw_signal(main, signal)
    edges = score_histograms.edges_of(background)
    drawn = pl.concat([background, signal, passing])
    low = style.floor(drawn["density"])
    main.set(xlim=(edges[0], edges[-1]), ylim=(low, 2 * highest(drawn, "density")))
    ratio.set_ylim(0, max(1.2 * highest(passing, "ratio"), 2))
    density = "Density of weighted events"
    main.set_ylabel(feature_axes.with_power(main.yaxis, density))
    ratio.set_ylabel("Cut / no cut", fontsize=14)
    ratio.set_xlabel(feature_axes.with_power(ratio.xaxis, mass_name))
    style.label(main, record, f"{record['model']}, out-of-fold")
    title = legend_title(background["missing_fraction"][0])
    main.legend(loc="upper right", title=title, alignment="left")
    return figure


def legend_title(missing_fraction: float) -> str:
    """Legend title: the treatment of events without a mass or outside the axis."""
    title = "Outer bins include overflow."
    if missing_fraction:
        percent = f"{100 * missing_fraction:.1f} %"
        title += f"\nNot shown: {percent} of background without mass."
    return title


def highest(table: pl.DataFrame, column: str) -> float:
    """The highest value of a column among those with a small uncertainty, if any."""
    known = table.filter(pl.col(f"{column}_unc") < LARGEST_UNC * pl.col(column))
    return known[column].max() or table[column].max() or 1.0


def draw_background(axes: plt.Axes, bins: pl.DataFrame) -> None:
    """Draw the shape of background without a cut as an area."""
    axes.stairs(
        bins["density"],
        score_histograms.edges_of(bins),
        fill=True,
        color=style.CLASS_COLORS[columns.BACKGROUND],
        alpha=0.3,
        label="background, no cut",
    )


def draw_signal(axes: plt.Axes, bins: pl.DataFrame) -> None:
    """Draw the shape of signal without a cut as a dotted line."""
    axes.stairs(
        bins["density"],
        score_histograms.edges_of(bins),
        color=style.CLASS_COLORS[columns.SIGNAL],
        ls=":",
        label="signal, no cut",
    )


def draw_selection(
    main: plt.Axes, ratio: plt.Axes, bins: pl.DataFrame, color: str
) -> None:
    """Draw the shape after a cut, and its ratio to that without one."""
    edges = score_histograms.edges_of(bins)
    for axes, column in ((main, "density"), (ratio, "ratio")):
        value, uncertainty = bins.select(column, f"{column}_unc").fill_null(0)
        axes.stairs(value, edges, color=color, lw=1.5, label=selection_label(bins))
        style.draw_band(axes, edges, value, uncertainty, color)


def selection_label(bins: pl.DataFrame) -> str:
    """Legend text of a selection: its cut and the divergence that it causes."""
    row = bins.row(0, named=True)
    name = f"{row['selection']} ({row['cut']:.3f}): "
    if row["efficiency"] == 0:
        return name + "no events pass"
    if row["divergence"] is None or row["chance"] is None:
        return name + "no positive shape"
    by_chance = f"({row['chance']:.3f} by chance)"
    return name + f"JSD {row['divergence']:.3f} bits {by_chance}"
