"""Helpers for tests of figures: a record, curves against the cut, texts on axes."""

import numpy as np
import polars as pl

from hepfold.figures import style

NORMALIZATION = {"signal": 692.0, "background": 411_000.0}
RECORD = {
    "dataset": "higgsml",
    "title": "Higgs ML",
    "model": "mlp",
    "toy": True,
    "normalization": NORMALIZATION,
    "calibration": {"kind": "platt"},
}
TOY = "Toy events"


def texts(axes) -> str:
    """All text on axes: the title on the right, texts, and the legend."""
    legend = axes.get_legend()
    parts = [*axes.texts, legend.get_title(), *legend.get_texts()]
    return " | ".join([axes.get_title("right"), *(text.get_text() for text in parts)])


def metrics(subsets=("oof", "public", "private"), model="mlp", toy=True) -> dict:
    """A record with the same figures of merit in each subset."""
    merits = {"auc_weighted": 0.9, "auc_weighted_unc": 0.0123, "ams": 3.0}
    merits |= {"ams_unc": 0.2, "max_ams": 3.1}
    names = RECORD | {"model": model, "toy": toy}
    settings = {"settings": {"b_reg": 10.0}}
    return {
        **names,
        **settings,
        "cut": 0.8,
        "cuts": {"ams": 0.8},
        **{subset: merits for subset in subsets},
    }


def curves(record: dict, **columns: np.ndarray) -> pl.DataFrame:
    """The same curve for each subset of a record."""
    return pl.concat(
        pl.DataFrame(columns).select(
            pl.lit("higgsml").alias("dataset"),
            pl.lit(record["model"]).alias("model"),
            pl.lit(subset).alias("subset"),
            pl.all(),
        )
        for subset in style.SUBSET_NAMES
        if subset in record
    )


def rocs(record: dict, power: float = 2.0) -> pl.DataFrame:
    """ROC curves: background efficiency is a power of signal efficiency, or zero."""
    signal = np.linspace(0.05, 1, 20)
    background = np.where(signal > 0.1, signal**power, 0.0)
    return curves(
        record,
        signal_efficiency=signal,
        background_efficiency=background,
        background_efficiency_low=np.where(signal > 0.2, 0.9 * background, 0.0),
        background_efficiency_high=1.1 * background,
    )
