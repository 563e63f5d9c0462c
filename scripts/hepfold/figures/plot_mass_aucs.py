"""AUC of one model at each mass hypothesis."""

import polars as pl
from matplotlib.figure import Figure

from hepfold.analysis import mass_aucs
from hepfold.figures import drawing, mass_auc_axes, style


def plot_mass_aucs(metrics: dict) -> drawing.Drawings:
    """AUC against the mass hypothesis in every subset."""
    table = mass_aucs.table([metrics])
    return {"mass_aucs": drawing.Drawing(auc_figure(table, metrics), table)}


def auc_figure(table: pl.DataFrame, record: dict) -> Figure:
    """AUC against the mass hypothesis, one curve per subset."""
    figure, axes = style.new_figure()
    for (subset,), part in table.group_by("subset", maintain_order=True):
        look = {"color": style.SUBSET_COLORS[subset]}
        mass_auc_axes.draw_aucs(axes, part, **look, label=style.SUBSET_NAMES[subset])
    mass_auc_axes.finish(axes, table)
    style.finish(axes, record, place="best")
    return figure
