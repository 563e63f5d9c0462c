"""The section of the published README about learning curves."""

from collections.abc import Sequence

import polars as pl

from hepfold.publish import table_formats

SECTION = """
## Learning curves

Out-of-fold AUC of models trained on fractions of the training events, for the same
number of epochs, and fitted by a - b n^-c (`learning_curves/`). The extrapolation holds
only if this law does; its 68 % interval is that of the fit alone.

{table}
"""


def section(fits: Sequence[dict]) -> str:
    """The section for records of `learning_curve_fits`; empty without any."""
    if not fits:
        return ""
    table = pl.DataFrame([row(fit) for fit in fits], infer_schema_length=None)
    return SECTION.format(table=table_formats.markdown(table))


def row(fit: dict) -> dict[str, str]:
    """A row of the table: parameters of the law, and its extrapolation."""
    limit = table_formats.MISSING
    if not fit["reason"]:
        limit = table_formats.with_interval(
            fit["a"], fit["a"] - fit["a_low"], fit["a_high"] - fit["a"]
        )
    return {
        "data set": fit["dataset"],
        "model": fit["model"],
        "AUC": "weighted" if fit["is_weighted"] else "unweighted",
        "a": limit,
        "c": f"{fit['c']:.2f}" if "c" in fit else table_formats.MISSING,
        "at more training events": extrapolation(fit),
    }


def extrapolation(fit: dict) -> str:
    """The extrapolated AUC with its interval, or why there is none."""
    if fit["reason"]:
        return f"not extrapolated: {fit['reason']}"
    end = fit["extrapolated"]
    value = table_formats.with_interval(
        end["auc"], end["auc"] - end["auc_low"], end["auc_high"] - end["auc"]
    )
    return f"extrapolated: {value} at {end['n_training_events']:,.0f}"
