"""Rows of a study: published figures of merit, those of the run, and costs."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.figures import drawing, style

# Inches: height of a row, and of all other parts.
ROW, REST = 0.42, 1.4
PANEL = 4.2
MOST_COLUMNS = 3
# Longer labels are cut to leave room for panels.
LABEL = 44
BAR = 0.6
# Looks of published figures, by whether they compare with those of this run.
PUBLISHED_LOOKS = {
    "true": {
        "fmt": "D",
        "mfc": "none",
        "color": "tab:red",
        "label": "published, same events",
    },
    "false": {
        "fmt": "x",
        "color": "0.5",
        "label": "published, other events: not comparable",
    },
}


def plot_study(
    table: pl.DataFrame, costs: pl.DataFrame, metrics: dict, title: str
) -> drawing.Drawings:
    """Figures of merit and costs; the tables of the study have their numbers."""
    return {
        "study": drawing.Drawing(merits_figure(table, metrics, title)),
        "study_costs": drawing.Drawing(costs_figure(costs, metrics, title)),
    }


def merits_figure(table: pl.DataFrame, record: dict, title: str) -> Figure:
    """One panel per figure of merit: this run as points, published ones as diamonds.

    Published figures that are not comparable with this run are gray crosses.
    """
    known = table.filter(pl.any_horizontal(pl.col("ours", "published").is_not_null()))
    shown = known["merit"].unique(maintain_order=True)
    labels = table["label"].unique(maintain_order=True).to_list()
    figure, panels = new_rows(labels, len(shown))
    for panel, merit in zip(panels, shown, strict=True):
        draw_merit(panel, table.filter(merit=merit), labels)
        panel.set_xlabel(merit.replace(".", " ").replace("_", " "), fontsize=15)
        panel.margins(x=0.15)
    legend = {}
    for panel in panels:
        handles, texts = panel.get_legend_handles_labels()
        legend |= dict(zip(texts, handles, strict=True))
    finish(figure, record, title)
    figure.legend(
        legend.values(), legend.keys(), loc="outside lower right", ncols=3, fontsize=12
    )
    return figure


def draw_merit(panel: plt.Axes, part: pl.DataFrame, labels: list[str]) -> None:
    """Draw one figure of merit of every row, published and with hepfold."""
    places = [labels.index(label) for label in part["label"]]
    ours = part["ours"].cast(float).to_numpy()
    unc = part["ours_unc"].fill_null(0).to_numpy()
    spread = part["seed_sd"].fill_null(0).to_numpy()
    look = {"color": style.MODEL_COLORS[0], "fmt": "o", "ms": 6}
    panel.errorbar(ours, places, xerr=unc, **look, capsize=0, label="hepfold")
    if spread.any():
        wide = {"fmt": "none", "color": look["color"], "elinewidth": 4, "alpha": 0.4}
        panel.errorbar(
            ours, places, xerr=spread, **wide, label="hepfold, spread of seeds"
        )
    draw_published(panel, part, places)


def draw_published(panel: plt.Axes, part: pl.DataFrame, places: list[int]) -> None:
    """Draw published figures with their uncertainties, if they have any.

    Gray crosses are figures for other events than those of this run.
    """
    # A column of a CSV file without values is text.
    part = part.with_columns(
        pl.col("published", "published_unc").cast(pl.Float64),
        pl.col("is_comparable").cast(pl.String),
        place=pl.Series(places),
    )
    for is_comparable, look in PUBLISHED_LOOKS.items():
        shown = part.filter(
            pl.col("published").is_not_null(), is_comparable=is_comparable
        )
        if len(shown):
            panel.errorbar(
                shown["published"],
                shown["place"],
                xerr=shown["published_unc"].fill_null(0),
                ms=7,
                capsize=0,
                **look,
            )


def costs_figure(table: pl.DataFrame, record: dict, title: str) -> Figure:
    """Seconds of training and of scoring of each row, as bars."""
    labels = table["row"].to_list()
    figure, panels = new_rows(labels, 2)
    for panel, name in zip(panels, ("training, s", "scoring, s"), strict=True):
        seconds = table[name].to_numpy()
        panel.barh(range(len(labels)), seconds, BAR, color=style.MODEL_COLORS[0])
        times = table[name.replace(", s", ", times the first")]
        for place, (value, ratio) in enumerate(zip(seconds, times, strict=True)):
            panel.annotate(
                f"{ratio:.1f} x",
                (value, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=11,
            )
        panel.set_xlim(0, 1.2 * seconds.max())
        panel.set_xlabel(name.capitalize(), fontsize=15)
    finish(figure, record, title)
    return figure


def new_rows(labels: list[str], n_panels: int) -> tuple[Figure, list[plt.Axes]]:
    """An empty figure with a grid of panels, each with one row per label."""
    n_rows = -(-n_panels // MOST_COLUMNS)
    n_columns = -(-n_panels // n_rows)
    size = (4 + PANEL * n_columns, REST + n_rows * (0.8 + ROW * len(labels)))
    figure = Figure(layout="constrained", figsize=size)
    grid = list(figure.subplots(n_rows, n_columns, sharey=True, squeeze=False).flat)
    panels = grid[:n_panels]
    for spare in grid[n_panels:]:
        spare.remove()
    short = [t if len(t) <= LABEL else f"{t[: LABEL - 3]}..." for t in labels]
    panels[0].set_yticks(range(len(labels)), short)
    panels[0].set_ylim(len(labels) - 0.5, -0.5)
    for panel in panels:
        panel.tick_params(axis="y", which="minor", left=False, right=False)
        panel.grid(axis="y", color="0.85", lw=0.7)
        panel.set_axisbelow(True)
        panel.tick_params(labelsize=12)
    return figure, panels


def finish(figure: Figure, record: dict, title: str) -> None:
    """Add the origin of the events and the title of the study above all panels."""
    text = rf"{style.letters['title']}  {style.origin(record)}"
    figure.suptitle(f"{text}\n{title}", x=0.01, ha="left", fontsize=15)
