"""AUC of all models of a data set at each mass hypothesis."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import literature, mass_aucs
from hepfold.figures import drawing, mass_auc_axes, style

# Models are compared in the first of these that the data set has.
SUBSETS = ("test", "private", "oof")


def compare_mass_aucs(metrics: list[dict]) -> drawing.Drawings:
    """AUC of all models against the mass hypothesis, with published AUCs."""
    table = mass_aucs.table(metrics)
    quoted = literature.published_figures(metrics[0], mass_aucs.NAME)
    figure = compared_figure(table, metrics, quoted)
    return {"mass_aucs": drawing.Drawing(figure, table)}


def compared_figure(
    table: pl.DataFrame, records: list[dict], quoted: list[literature.Figure]
) -> Figure:
    """AUC against the mass hypothesis, a curve with its band per model.

    Test events are used if there are any. A model that was trained at one mass is
    drawn as a point at this mass.
    """
    figure, (axes, below) = style.new_stack((3, 1.5))
    first = records[0]["model"]
    subset = next(name for name in SUBSETS if name in set(table["subset"]))
    shown = compared_rows(table.filter(subset=subset))
    draw_models(axes, shown)
    draw_models(below, differences(shown, first))
    if not shown["trained"].all():
        label = "mass not used in training"
        axes.plot([], [], **mass_auc_axes.RING, color="gray", label=label)
    if quoted:
        draw_quoted(axes, quoted, records[0])
    mass_auc_axes.finish(axes, shown)
    axes.set_xlabel("")
    below.set_xlabel("Mass hypothesis (GeV)")
    below.set_ylabel(f"Difference to\n{first}", fontsize=13)
    note = f"{shown['model'].n_unique()} models, {style.SUBSET_NAMES[subset]} events"
    style.label(axes, records[0], note)
    axes.legend(loc="lower right")
    return figure


def compared_rows(table: pl.DataFrame) -> pl.DataFrame:
    """The rows to draw: for a model trained at one mass, only the row of this mass.

    Adds the column `is_point`: whether the model was trained at one mass only.
    """
    of_one = pl.col("trained").sum().over("model") == 1
    of_several = pl.len().over("model") > 1
    marked = table.with_columns(is_point=of_one)
    return marked.filter(~(of_one & of_several) | pl.col("trained"))


def differences(table: pl.DataFrame, first: str) -> pl.DataFrame:
    """The table with AUCs replaced by differences to the AUC of the first model."""
    reference = table.filter(model=first).select("mass_hypothesis", reference="auc")
    both = table.join(reference, "mass_hypothesis", maintain_order="left")
    return both.with_columns(auc=pl.col("auc") - pl.col("reference"))


def draw_models(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Draw each model in its color; models trained at one mass as points."""
    colors = style.model_colors(table["model"].n_unique())
    lines = table.filter(~pl.col("is_point")).group_by("model", maintain_order=True)
    for color, ((model,), part) in zip(colors, lines, strict=False):
        mass_auc_axes.draw_aucs(axes, part, color=color, label=model)
    points = table.filter("is_point")
    if len(points):
        look = {"color": "black", "marker": "s", "ls": "", "zorder": 3}
        label = "trained at this mass only"
        mass_auc_axes.draw_aucs(axes, points, **look, label=label)


def draw_quoted(axes: plt.Axes, quoted: list[literature.Figure], record: dict) -> None:
    """Draw published AUCs, with a note if they are for other events."""
    figure = quoted[0]
    reason = literature.other_events(record, figure.subset)
    note = f"\nnot comparable: hepfold used\n{reason}" if reason else ""
    axes.plot(
        [int(mass_aucs.NAME.fullmatch(q.merit)[1]) for q in quoted],
        [q.value for q in quoted],
        color="tab:red",
        marker="D",
        mfc="none",
        ls="",
        ms=10,
        label=f"{figure.who}, published{note}",
    )
