"""ROC curves of all models of a data set in one figure."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import polars as pl
from matplotlib.figure import Figure

from hepfold.figures import drawing, roc_axes, style

# The first of these that a model has is drawn in addition to out-of-fold events.
TESTS = ("private", "test")
DASHES = {"oof": "-", "private": "--", "test": "--"}
# With more models than this, the legend needs a smaller font to leave curves visible.
MANY, FONT_OF_MANY = 6, 8


def compare_rocs(curves: list[pl.DataFrame], metrics: list[dict]) -> drawing.Drawings:
    """ROC curves of all models, as rejection and as efficiencies."""
    table = pl.concat(curves)
    return {
        "rocs": drawing.Drawing(rejection_figure(table, metrics), table),
        "rocs_rates": drawing.Drawing(rates_figure(table, metrics)),
    }


def rejection_figure(table: pl.DataFrame, records: list[dict]) -> Figure:
    """Background rejection of all models, and its ratio to that of the first."""
    figure, (main, ratio) = style.new_stack((3, 1))
    for curve, look in of_models(table, records):
        roc_axes.draw_rejection(main, curve, **look)
    name_dashes(main, records)
    out_of_fold = table.filter(subset="oof")
    first = out_of_fold.filter(model=records[0]["model"])
    for curve, look in of_models(out_of_fold, records):
        draw_ratio(ratio, curve, first, look["color"])
    roc_axes.finish_rejection(main, table)
    main.set_xlabel("")
    ratio.set_ylim(ratio_limits(out_of_fold, first))
    ratio.set_ylabel(f"Ratio to {records[0]['model']}", fontsize=13)
    ratio.set_xlabel("Signal efficiency")
    finish(main, records, "upper right")
    return figure


def rates_figure(table: pl.DataFrame, records: list[dict]) -> Figure:
    """Signal efficiency against background efficiency of all models."""
    figure, axes = style.new_figure()
    for curve, look in of_models(table, records):
        roc_axes.draw_rates(axes, curve, **look)
    name_dashes(axes, records)
    roc_axes.finish_rates(axes)
    finish(axes, records, "lower right")
    return figure


def of_models(
    table: pl.DataFrame, records: list[dict]
) -> Iterator[tuple[pl.DataFrame, dict]]:
    """The curves of each model with their style: out-of-fold and one test subset."""
    for record, color in zip(records, style.model_colors(len(records)), strict=True):
        for subset in compared_subsets(record):
            curve = table.filter(model=record["model"], subset=subset)
            look = {"color": color, "ls": DASHES[subset]}
            if subset == "oof":
                auc = roc_axes.auc_text(record, subset)
                look["label"] = f"{record['model']}, {auc}"
            if len(curve):
                yield curve, look


def compared_subsets(record: dict) -> list[str]:
    """The subsets in which models are compared."""
    return ["oof", *[subset for subset in TESTS if subset in record][:1]]


def draw_ratio(
    axes: plt.Axes, curve: pl.DataFrame, reference: pl.DataFrame, color: str
) -> None:
    """Draw the ratio of rejections to the reference, with the band of the model.

    Both models share their events, so that the band overestimates the uncertainty of
    the ratio.
    """
    name = "background_efficiency"
    both = curve.with_columns(reference=reference[name]).filter(pl.col(name) > 0)
    x = both["signal_efficiency"]
    axes.plot(x, both["reference"] / both[name], color=color)
    ends = [
        both["reference"] / both[f"{name}_{e}"].clip(1e-12) for e in ("high", "low")
    ]
    axes.fill_between(x, *ends, color=color, **style.BAND)


def ratio_limits(table: pl.DataFrame, reference: pl.DataFrame) -> tuple[float, float]:
    """Axis limits that include all well-measured ratios."""
    name, x = "background_efficiency", "signal_efficiency"
    both = roc_axes.well_known(table).join(
        roc_axes.well_known(reference), on=x, suffix="_reference"
    )
    ratio = both[f"{name}_reference"] / both[name]
    away = max(1.2 * (ratio - 1).abs().max(), 0.05) if len(ratio) else 0.5
    return max(1 - away, 0), 1 + away


def name_dashes(axes: plt.Axes, records: list[dict]) -> None:
    """Add the line styles of subsets to the legend if there are two of them."""
    subsets = compared_subsets(records[0])
    for subset in subsets if len(subsets) > 1 else ():
        label = style.SUBSET_NAMES[subset]
        axes.plot([], [], color="gray", ls=DASHES[subset], label=label)


def finish(axes: plt.Axes, records: list[dict], place: str) -> None:
    """Add the number of models, their events and a legend."""
    n_models = "1 model" if len(records) == 1 else f"{len(records)} models"
    style.label(axes, records[0], f"{n_models}, {style.evaluated_on(records[0])}")
    axes.legend(loc=place, fontsize=FONT_OF_MANY if len(records) > MANY else None)
