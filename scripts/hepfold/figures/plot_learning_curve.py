"""Learning curve of one model: AUC against the number of training events."""

import polars as pl
from matplotlib.figure import Figure

from hepfold.figures import drawing, learning_curve_axes, style
from hepfold.publish import learning_curve_section

COLOR = "tab:blue"


def plot_learning_curve(
    points: pl.DataFrame, law: pl.DataFrame, fit: dict, title: str
) -> drawing.Drawings:
    """Points of the learning curve, with the fitted law and its extrapolation."""
    table = learning_curve_axes.numbers(points, law)
    figure = curve_figure(points, table, fit | {"title": title})
    return {"learning_curve": drawing.Drawing(figure, table)}


def curve_figure(points: pl.DataFrame, table: pl.DataFrame, fit: dict) -> Figure:
    """AUC against the number of training events of one model."""
    figure, axes = style.new_figure()
    n_folds = fit["n_folds"]
    label = f"mean of {n_folds} folds" if n_folds > 1 else "one fold"
    learning_curve_axes.draw(axes, table, COLOR, label)
    learning_curve_axes.finish(axes, table, fit["is_weighted"])
    style.label(axes, fit, f"{fit['model']}, learning curve")
    lines = [*law_lines(fit), *untrained_lines(points)]
    axes.legend(loc="lower right", title="\n".join(lines), alignment="right")
    return figure


def law_lines(fit: dict) -> list[str]:
    """The law with its parameters, its chi-square, and the extrapolated AUC."""
    lines = []
    if "chi2" in fit:
        law = f"AUC = {fit['a']:.4f} - {fit['b']:.4f} (n / {fit['n_reference']:,.0f})"
        lines.append(f"{law}$^{{-{fit['c']:.2f}}}$")
        lines.append(f"$\\chi^2$ / ndf = {fit['chi2']:.1f} / {fit['n_degrees']}")
    return [*lines, learning_curve_section.extrapolation(fit)]


def untrained_lines(points: pl.DataFrame) -> list[str]:
    """A line for each fraction with too few events to train on."""
    missing = points.filter(pl.col("auc").is_null())
    return [
        f"not trained on {n_events:,.0f} events ({fraction:.0%})"
        for fraction, n_events in missing.select(
            "fraction", "n_training_events"
        ).iter_rows()
    ]
