"""Figures of curves against the cut, each from the table of numbers it shows."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from hepfold.figures import style

# Test subsets that are shown beside out-of-fold events where models are compared, the
# first that there is.
TESTS = ("private", "test")
DASHES = {"oof": "-", "private": "--", "test": "--"}
# Columns that are numbers, whatever values they have.
ROC_NUMBERS = (
    "signal_efficiency",
    "background_efficiency",
    "background_efficiency_low",
    "background_efficiency_high",
)
BAND = {"alpha": 0.2, "lw": 0}
# A legend of more models than these would hide their curves.
MANY, FONT_OF_MANY = 6, 8


def roc_figure(curves: pl.DataFrame, record: dict) -> Figure:
    """Background rejection against signal efficiency, one curve per subset."""
    figure, axes = style.new_figure()
    for curve, look in of_subsets(curves, record):
        draw_rejection(axes, curve, **look)
    finish_rejection(axes, curves)
    style.finish(axes, record)
    return figure


def rates_figure(curves: pl.DataFrame, record: dict) -> Figure:
    """Signal efficiency against background efficiency, one curve per subset."""
    figure, axes = style.new_figure()
    for curve, look in of_subsets(curves, record):
        draw_rates(axes, curve, **look)
    finish_rates(axes)
    style.finish(axes, record, place="lower right")
    return figure


def compared_roc_figure(curves: pl.DataFrame, records: list[dict]) -> Figure:
    """Background rejection of all models of a data set, and its ratio to the first."""
    figure, (main, ratio) = style.new_stack((3, 1))
    for curve, look in of_models(curves, records):
        draw_rejection(main, curve, **look)
    name_dashes(main, records)
    first = curves.filter(model=records[0]["model"], subset="oof")
    for curve, look in of_models(curves.filter(subset="oof"), records):
        draw_gain(ratio, curve, first, look["color"])
    finish_rejection(main, curves)
    main.set_xlabel("")
    ratio.set_ylim(ratio_limits(curves.filter(subset="oof"), first))
    ratio.set_ylabel(f"Ratio to {records[0]['model']}", fontsize=13)
    ratio.set_xlabel("Signal efficiency")
    finish_compared(main, records, "upper right")
    return figure


def compared_rates_figure(curves: pl.DataFrame, records: list[dict]) -> Figure:
    """Signal efficiency against background efficiency of all models of a data set."""
    figure, axes = style.new_figure()
    for curve, look in of_models(curves, records):
        draw_rates(axes, curve, **look)
    name_dashes(axes, records)
    finish_rates(axes)
    finish_compared(axes, records, "lower right")
    return figure


def of_subsets(
    curves: pl.DataFrame, record: dict
) -> Iterator[tuple[pl.DataFrame, dict]]:
    """The curve of each subset of a model, with its color and label."""
    for (subset,), curve in curves.group_by("subset", maintain_order=True):
        label = f"{style.SUBSET_NAMES[subset]}, {auc(record, subset)}"
        yield curve, {"color": style.SUBSET_COLORS[subset], "label": label}


def of_models(
    curves: pl.DataFrame, records: list[dict]
) -> Iterator[tuple[pl.DataFrame, dict]]:
    """The curves of each model, with their looks: out-of-fold and one test subset."""
    for record, color in zip(records, style.model_colors(len(records)), strict=True):
        for subset in judged_subsets(record):
            curve = curves.filter(model=record["model"], subset=subset)
            look = {"color": color, "ls": DASHES[subset]}
            if subset == "oof":
                look["label"] = f"{record['model']}, {auc(record, subset)}"
            if len(curve):
                yield curve, look


def auc(record: dict, subset: str) -> str:
    """The weighted AUC of a subset and its uncertainty, as a legend tells them."""
    merits = record[subset]
    return f"AUC = {merits['auc_weighted']:.4f} ± {merits['auc_weighted_unc']:.4f}"


def judged_subsets(record: dict) -> list[str]:
    """The subsets of a model that are shown where models are compared."""
    return ["oof", *[subset for subset in TESTS if subset in record][:1]]


def draw_rejection(axes: plt.Axes, curve: pl.DataFrame, **look) -> None:
    """Draw one curve of background rejection with its band."""
    passing = curve.filter(pl.col("background_efficiency") > 0)
    x = passing["signal_efficiency"]
    axes.plot(x, 1 / passing["background_efficiency"], **look)
    # Where no background passes in some replicas, the band has no upper end.
    ends = [
        1 / passing[f"background_efficiency_{end}"].clip(1e-12)
        for end in ("high", "low")
    ]
    axes.fill_between(x, *ends, color=look["color"], **BAND)


def draw_rates(axes: plt.Axes, curve: pl.DataFrame, **look) -> None:
    """Draw one curve of signal against background efficiency with its band."""
    y = curve["signal_efficiency"]
    axes.plot(curve["background_efficiency"], y, **look)
    ends = curve.select("background_efficiency_low", "background_efficiency_high")
    axes.fill_betweenx(y, *ends, color=look["color"], **BAND)


def draw_gain(
    axes: plt.Axes, curve: pl.DataFrame, reference: pl.DataFrame, color: str
) -> None:
    """Draw the rejection of one model over that of another, with the band of the one.

    The fluctuations of the events are common to both, so that the ratio is more certain
    than its band.
    """
    name = "background_efficiency"
    both = curve.with_columns(reference=reference[name]).filter(pl.col(name) > 0)
    x = both["signal_efficiency"]
    axes.plot(x, both["reference"] / both[name], color=color)
    ends = [
        both["reference"] / both[f"{name}_{e}"].clip(1e-12) for e in ("high", "low")
    ]
    axes.fill_between(x, *ends, color=color, **BAND)


def ratio_limits(curves: pl.DataFrame, reference: pl.DataFrame) -> tuple[float, float]:
    """An axis that holds the ratios of all rejections that are not too uncertain."""
    name, x = "background_efficiency", "signal_efficiency"
    both = certain(curves).join(certain(reference), on=x, suffix="_reference")
    ratio = both[f"{name}_reference"] / both[name]
    away = max(1.2 * (ratio - 1).abs().max(), 0.05) if len(ratio) else 0.5
    return max(1 - away, 0), 1 + away


def finish_rejection(axes: plt.Axes, curves: pl.DataFrame) -> None:
    """Set axes that hold all rejections but uncertain ones, and that of a choice."""
    name_band(axes)
    efficiency = np.linspace(0.01, 1, 100)
    axes.plot(efficiency, 1 / efficiency, ":", color="gray", label="random choice")
    highest = 1 / certain(curves)["background_efficiency"].min()
    axes.set(xlim=(0, 1), yscale="log", ylim=(1, 10 * highest))
    axes.set_xlabel("Signal efficiency")
    axes.set_ylabel("Background rejection (1 / efficiency)")


def finish_rates(axes: plt.Axes) -> None:
    """Set axes of efficiencies, with those of a random choice."""
    name_band(axes)
    axes.plot([0, 1], [0, 1], ":", color="gray", label="random choice")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xlabel("Background efficiency (false positive rate)")
    axes.set_ylabel("Signal efficiency (true positive rate)")


def finish_compared(axes: plt.Axes, records: list[dict], place: str) -> None:
    """Say on the axes which models were judged on which events; add a legend."""
    n_models = "1 model" if len(records) == 1 else f"{len(records)} models"
    style.label(axes, records[0], f"{n_models}, {style.judged(records[0])}")
    axes.legend(loc=place, fontsize=FONT_OF_MANY if len(records) > MANY else None)


def name_dashes(axes: plt.Axes, records: list[dict]) -> None:
    """Say in the legend which events a kind of line is of, if there are two."""
    subsets = judged_subsets(records[0])
    for subset in subsets if len(subsets) > 1 else ():
        label = style.SUBSET_NAMES[subset]
        axes.plot([], [], color="gray", ls=DASHES[subset], label=label)


def name_band(axes: plt.Axes) -> None:
    """Say in the legend what bands are."""
    axes.fill_between(
        [], [], [], color="gray", label="68 % of bootstrap replicas", **BAND
    )


def certain(curves: pl.DataFrame) -> pl.DataFrame:
    """The points of curves whose band is narrower than their background efficiency."""
    name = "background_efficiency"
    width = pl.col(f"{name}_high") - pl.col(f"{name}_low")
    seen = curves.filter(width < pl.col(name))
    return seen if len(seen) else curves.filter(pl.col(name) > 0)


def ams_figure(curves: pl.DataFrame, record: dict) -> Figure:
    """AMS against the cut, one curve per subset, with the cut that was chosen."""
    figure, axes = style.new_figure()
    for (subset,), curve in curves.group_by("subset", maintain_order=True):
        merits, color = record[subset], style.SUBSET_COLORS[subset]
        label = (
            f"{style.SUBSET_NAMES[subset]}, {merits['ams']:.3f} ± "
            f"{merits['ams_unc']:.3f} at the cut"
        )
        axes.plot(curve["cut"], curve["ams"], color=color, label=label)
        ends = curve.select("ams_low", "ams_high")
        axes.fill_between(curve["cut"], *ends, color=color, **BAND)
    name_band(axes)
    axes.axvline(
        record["cut"], ls="--", color="gray", label=f"chosen cut, {record['cut']:.4f}"
    )
    axes.set(xlim=(0, 1), ylim=(0, 1.6 * record["oof"]["max_ams"]))
    axes.set_xlabel("Cut on the score")
    axes.set_ylabel("AMS")
    style.finish(axes, record, place="upper left")
    return figure
