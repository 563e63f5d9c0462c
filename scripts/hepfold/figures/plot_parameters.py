"""Impacts and pulls of the nuisance parameters of a fit."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.figures import bar_lists, drawing, style

# Parameters with the largest impacts that are shown; tables have all.
N_SHOWN = 25
GROUP_COLORS = {
    "simulation": "tab:green",
    "normalization": "tab:blue",
    "shape": "tab:orange",
}
GROUP_NAMES = {
    "simulation": "simulation statistics",
    "normalization": "normalization",
    "shape": "shape (systematics)",
}
NUMBERS = ("value", "unc", "pull", "pull_unc", "impact")
SCHEMA = {
    "parameter": pl.String,
    "group": pl.String,
    **dict.fromkeys(NUMBERS, pl.Float64),
}
# Standard deviations of the bands behind pulls, and their colors.
BANDS = {2: "#ffe680", 1: "#a8d8a0"}


def plot_parameters(fit: dict) -> drawing.Drawings:
    """Impacts on mu, and pulls, of the parameters with the largest impacts."""
    table = pl.DataFrame(fit["parameters"], SCHEMA)
    shown = table.head(N_SHOWN)
    return {
        "impacts": drawing.Drawing(
            impacts_figure(shown, fit), table.select("parameter", "group", "impact")
        ),
        "pulls": drawing.Drawing(pulls_figure(shown, fit), table.drop("impact")),
    }


def impacts_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Change of mu by one standard deviation of each parameter up and down."""
    figure, (axes,) = bar_lists.new_lists([max(len(table), 4)])
    place = np.arange(len(table))
    colors = [GROUP_COLORS[group] for group in table["group"]]
    impact = table["impact"].to_numpy()
    axes.barh(place, impact, 0.7, color=colors)
    axes.barh(place, -impact, 0.7, fill=False, edgecolor=colors, hatch="////")
    bar_lists.list_names(axes, table["parameter"].to_list())
    axes.axvline(0, color="black", lw=0.8)
    axes.set_xlabel(r"Impact $\Delta\mu$ of one standard deviation after the fit")
    handles = [
        plt.Rectangle((0, 0), 1, 1, color=GROUP_COLORS[group], label=name)
        for group, name in GROUP_NAMES.items()
        if group in table["group"]
    ]
    edge = {"fill": False, "ec": "dimgray"}
    handles += [
        plt.Rectangle((0, 0), 1, 1, color="dimgray", label="parameter up"),
        plt.Rectangle((0, 0), 1, 1, hatch="////", label="parameter down", **edge),
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1), fontsize=12)
    text = rf"$\mu$ = {record['mu']:.2f} $\pm$ {record['mu_unc']:.2f}"
    style.label_figure(figure, record, f"{note(record)}, {text}")
    return figure


def pulls_figure(table: pl.DataFrame, record: dict) -> Figure:
    """Fitted value of each parameter, in units of its uncertainty before the fit."""
    figure, (axes,) = bar_lists.new_lists([max(len(table), 4)])
    for n_sigma, color in BANDS.items():
        label = rf"$\pm {n_sigma}\sigma$ before the fit"
        axes.axvspan(-n_sigma, n_sigma, color=color, lw=0, label=label)
    axes.axvline(0, color="black", lw=0.8, ls=":")
    axes.errorbar(
        table["pull"],
        np.arange(len(table)),
        xerr=table["pull_unc"],
        color="black",
        marker="o",
        ms=5,
        ls="none",
        label="after the fit",
    )
    bar_lists.list_names(axes, table["parameter"].to_list())
    widest = (table["pull"].abs() + table["pull_unc"]).max() or 0.0
    limit = max(2.5, 1.1 * widest)
    axes.set_xlim(-limit, limit)
    axes.set_xlabel("Pull: distance from expectation in units of its uncertainty")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=12)
    style.label_figure(figure, record, note(record))
    return figure


def note(record: dict) -> str:
    """The model, and the data of the fit."""
    return f"{record['model']}, fit to {record['data']} data"
