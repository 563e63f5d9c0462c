"""Learning curves of all models of a data set."""

import polars as pl
from matplotlib.figure import Figure

from hepfold.figures import drawing, learning_curve_axes, style
from hepfold.publish import learning_curve_section


def compare_learning_curves(
    points: list[pl.DataFrame], laws: list[pl.DataFrame], fits: list[dict], title: str
) -> drawing.Drawings:
    """AUC of all models against the number of training events."""
    tables = [
        learning_curve_axes.numbers(*both) for both in zip(points, laws, strict=True)
    ]
    records = [fit | {"title": title} for fit in fits]
    figure = compared_figure(tables, records)
    return {"learning_curves": drawing.Drawing(figure, pl.concat(tables))}


def compared_figure(tables: list[pl.DataFrame], fits: list[dict]) -> Figure:
    """Learning curves of all models, each with its fit and its extrapolation."""
    figure, axes = style.new_figure()
    colors = style.model_colors(len(fits))
    for color, table, fit in zip(colors, tables, fits, strict=True):
        label = f"{fit['model']}, {learning_curve_section.extrapolation(fit)}"
        learning_curve_axes.draw(axes, table, color, label)
    learning_curve_axes.finish(axes, pl.concat(tables), fits[0]["is_weighted"])
    style.label(axes, fits[0], f"learning curves, {len(fits)} models")
    axes.legend(loc="lower right", fontsize=11)
    return figure
