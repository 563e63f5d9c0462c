"""Drawing of ROC curves, as rejection and as efficiencies."""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl

from hepfold.figures import style


def draw_rejection(axes: plt.Axes, curve: pl.DataFrame, **look) -> None:
    """Draw background rejection against signal efficiency with its band."""
    passing = curve.filter(pl.col("background_efficiency") > 0)
    x = passing["signal_efficiency"]
    axes.plot(x, 1 / passing["background_efficiency"], **look)
    # If no background passes in some replicas, the band has no upper edge.
    ends = [
        1 / passing[f"background_efficiency_{end}"].clip(1e-12)
        for end in ("high", "low")
    ]
    axes.fill_between(x, *ends, color=look["color"], **style.BAND)


def draw_rates(axes: plt.Axes, curve: pl.DataFrame, **look) -> None:
    """Draw signal against background efficiency with its band."""
    y = curve["signal_efficiency"]
    axes.plot(curve["background_efficiency"], y, **look)
    ends = curve.select("background_efficiency_low", "background_efficiency_high")
    axes.fill_betweenx(y, *ends, color=look["color"], **style.BAND)


def finish_rejection(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Set axes that include well-measured rejections; add a random choice."""
    style.name_band(axes)
    efficiency = np.linspace(0.01, 1, 100)
    axes.plot(efficiency, 1 / efficiency, ":", color="gray", label="random choice")
    highest = 1 / well_known(table)["background_efficiency"].min()
    axes.set(xlim=(0, 1), yscale="log", ylim=(1, 10 * highest))
    axes.set_xlabel("Signal efficiency")
    axes.set_ylabel("Background rejection (1 / efficiency)")


def finish_rates(axes: plt.Axes) -> None:
    """Set the axes of both efficiencies; add the line of a random choice."""
    style.name_band(axes)
    axes.plot([0, 1], [0, 1], ":", color="gray", label="random choice")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xlabel("Background efficiency (false positive rate)")
    axes.set_ylabel("Signal efficiency (true positive rate)")


def well_known(table: pl.DataFrame) -> pl.DataFrame:
    """The points whose band is narrower than their background efficiency.

    If there are none, all points with a positive background efficiency.
    """
    name = "background_efficiency"
    width = pl.col(f"{name}_high") - pl.col(f"{name}_low")
    narrow = table.filter(width < pl.col(name))
    return narrow if len(narrow) else table.filter(pl.col(name) > 0)


def auc_text(record: dict, subset: str) -> str:
    """The weighted AUC of a subset with its uncertainty, for a legend."""
    return f"AUC = {style.merit_text(record[subset], 'auc_weighted', 4)}"
