"""Drawing of learning curves: AUC against the number of training events."""

import matplotlib.pyplot as plt
import polars as pl

from hepfold.figures import log_axes, style

MEASURED, FITTED, EXTRAPOLATED = "measured", "fit", "extrapolation"
POINTS = {"ls": "", "marker": "o", "ms": 6, "capsize": 3, "lw": 1.2}
FAINT_BAND = {"alpha": 0.1, "lw": 0}
REGION = {"color": "0.93", "lw": 0, "zorder": 0}


def numbers(points: pl.DataFrame, law: pl.DataFrame) -> pl.DataFrame:
    """What is drawn of a model: measured points, fit and extrapolation, by `part`."""
    names = ["dataset", "model"]
    unc = pl.col("auc_unc").fill_null(pl.col("auc_unc_events"))
    measured = points.drop_nulls("auc").select(
        *names,
        pl.lit(MEASURED).alias("part"),
        pl.col("n_training_events").cast(pl.Float64),
        "auc",
        auc_low=pl.col("auc") - unc,
        auc_high=pl.col("auc") + unc,
    )
    if law.is_empty():
        return measured
    of_law = pl.when("is_extrapolated").then(pl.lit(EXTRAPOLATED))
    drawn = law.select(
        *names,
        of_law.otherwise(pl.lit(FITTED)).alias("part"),
        pl.col("n_training_events", "auc", "auc_low", "auc_high").cast(pl.Float64),
    )
    return pl.concat([measured, drawn])


def draw(axes: plt.Axes, table: pl.DataFrame, color: str, label: str) -> None:
    """Draw the points of a model, its fit and its extrapolation, each with its band."""
    measured = table.filter(part=MEASURED)
    auc = measured["auc"]
    ends = [auc - measured["auc_low"], measured["auc_high"] - auc]
    n_events = measured["n_training_events"]
    axes.errorbar(n_events, auc, ends, color=color, label=label, **POINTS)
    looks = {FITTED: ("-", style.BAND), EXTRAPOLATED: ("--", FAINT_BAND)}
    for part, (line, band) in looks.items():
        law = table.filter(part=part)
        n_events = law["n_training_events"]
        axes.plot(n_events, law["auc"], color=color, ls=line, lw=1.5)
        axes.fill_between(
            n_events, law["auc_low"], law["auc_high"], color=color, **band
        )


def finish(axes: plt.Axes, table: pl.DataFrame, is_weighted: bool) -> None:
    """Set logarithmic axes, and mark the region of the extrapolation."""
    axes.set_xscale("log")
    n_events = table["n_training_events"]
    axes.set_xlim(n_events.min() / 1.6, n_events.max() * 1.6)
    log_axes.label_ones_and_threes(axes.xaxis)
    extrapolated = table.filter(part=EXTRAPOLATED)["n_training_events"]
    if len(extrapolated):
        axes.axvspan(extrapolated.min(), axes.get_xlim()[1], **REGION)
        place = {"xycoords": axes.get_xaxis_transform(), "ha": "left", "va": "top"}
        axes.annotate("extrapolation", (1.05 * extrapolated.min(), 0.97), **place)
    axes.set_xlabel("Training events")
    axes.set_ylabel(f"Out-of-fold {'weighted ' if is_weighted else ''}AUC")
