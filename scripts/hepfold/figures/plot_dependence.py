"""How well the other features predict each feature of a data set."""

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.core import columns
from hepfold.data import fold_file
from hepfold.figures import bar_lists, drawing, style


def plot_dependence(
    table: pl.DataFrame, train: str, wildcards: dict, title: str
) -> drawing.Drawings:
    """Quality of the predictions, and the strongest predictors of each feature."""
    record = {**wildcards, "title": title, "toy": fold_file.is_toy(train)}
    return {"dependence": drawing.Drawing(dependence_figure(table, record))}


def dependence_figure(table: pl.DataFrame, record: dict) -> Figure:
    """R^2 of the prediction of each feature in decreasing order, with predictors."""
    by_feature = table.group_by("feature", maintain_order=True)
    mean = by_feature.agg(pl.col("r_squared").mean())
    order = mean.sort("r_squared", descending=True, nulls_last=True)
    names = order["feature"].to_list()
    figure, (axes,) = bar_lists.new_lists([len(names)])
    figure.set_figwidth(14)
    for label, color in style.CLASS_COLORS.items():
        draw_class(axes, table.filter(label=label), names, color, label)
    bar_lists.list_names(axes, names)
    right = axes.twinx()
    bar_lists.list_names(right, [", ".join(predictors(table, name)) for name in names])
    right.set_title("  strongest predictors", loc="left", x=1.0, fontsize=14)
    axes.set_xlim(0, 1)
    axes.set_xlabel("$R^2$ of the prediction from all other features")
    axes.legend(loc="lower right", fontsize=14, frameon=False)
    style.label_figure(figure, record, "training events")
    return figure


def draw_class(
    axes: plt.Axes, rows: pl.DataFrame, names: list[str], color: str, label: int
) -> None:
    """Draw R^2 of each named feature in one class, as one half of a bar."""
    shift = -0.2 if label == columns.SIGNAL else 0.2
    at = {name: place + shift for place, name in enumerate(names)}
    predicted = rows.drop_nulls("r_squared")
    place, length = [at[name] for name in predicted["feature"]], predicted["r_squared"]
    name = columns.CLASS_NAMES[label]
    axes.barh(place, length, 0.4, color=color, alpha=0.5, label=name)
    unc = predicted["r_squared_unc"]
    axes.errorbar(length, place, xerr=unc, color="black", ls="none", lw=1.2)


def predictors(table: pl.DataFrame, feature: str) -> list[str]:
    """The strongest predictors of a feature, by their sum over both classes."""
    rows = table.filter(feature=feature)
    places = [name for name in table.columns if name.startswith("predictor_")]
    pairs = [
        rows.select(predictor=name, gain=name.replace("predictor", "gain")).cast(
            {"predictor": pl.String, "gain": pl.Float64}
        )
        for name in places
    ]
    gains = pl.concat(pairs).drop_nulls().group_by("predictor", maintain_order=True)
    order = gains.sum().sort("gain", descending=True, maintain_order=True)
    return order["predictor"].head(len(places)).to_list()
