"""The table of models compared in pairs."""

import polars as pl

from hepfold.analysis import model_pairs
from hepfold.core import files
from hepfold.publish import comparison, table_formats

TITLE = "Models in pairs"
TITLES = {"auc": "AUC", "auc_weighted": "weighted AUC", **comparison.TITLES}
# Smaller p-values are shown as this bound.
LEAST_P_VALUE = 1e-6
# Not shown next to the AMS, from which it differs only by the regularizer.
NOT_SHOWN = ("significance",)
NOTE = (
    "Each model is compared with the first one and with the one of the largest "
    "out-of-fold value. A difference has an uncertainty from the finite number of "
    "events (bootstrap, paired: both models share the events), from both trainings, "
    "and from the choice of both cuts. `better` and `worse` are differences beyond "
    "{n_sd:g} standard deviations. `p` is two-sided, for this pair alone; `p of "
    "trials` is the probability that at least one of as many independent models that "
    "are all equal differs as much, with the number of models in brackets. The p-value "
    "of DeLong checks the one of the AUC; it holds the events alone, without weights."
)
ALONE = "There is one model for each data set: nothing to compare.\n"


def read(path: str) -> pl.DataFrame:
    """The table of `model_pairs` in a CSV file; columns may be empty."""
    numbers = [name for name, kind in model_pairs.SCHEMA.items() if kind == pl.Float64]
    return files.read_csv(path, tuple(numbers))


def text(table: pl.DataFrame) -> str:
    """The rounded table and its explanation in Markdown."""
    if table.is_empty():
        return ALONE
    return f"{table_formats.markdown(rounded(table))}\n\n{note()}\n"


def page(table: pl.DataFrame) -> str:
    """The rounded table and its explanation in HTML."""
    if table.is_empty():
        return table_formats.html_page(TITLE, {TITLE: ALONE})
    parts = {"Differences": rounded(table), "How to read it": note()}
    return table_formats.html_page(TITLE, parts)


def note() -> str:
    """What the columns mean."""
    return NOTE.format(n_sd=model_pairs.N_SD)


def rounded(table: pl.DataFrame) -> pl.DataFrame:
    """The table as rounded text."""
    rows = [
        {
            "data set": row["dataset"],
            "events": "out-of-fold" if row["subset"] == "oof" else row["subset"],
            "figure of merit": TITLES[row["merit"]],
            "model": row["model"],
            "against": f"{row['reference']} ({row['reference_is']})",
            "difference": table_formats.with_uncertainty(
                row["difference"], row["unc_total"]
            ),
            "p": probability(row["p_value"]),
            "p of trials": f"{probability(row['p_value_of_trials'])} "
            f"({row['n_trials']})",
            "p of DeLong": probability(row["delong_p_value"]),
            "verdict": row["verdict"],
        }
        for row in table.rows(named=True)
        if row["merit"] not in NOT_SHOWN
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def probability(value: float | None) -> str:
    """A probability with two digits; the smallest are not known to be Gaussian."""
    if value is None:
        return table_formats.MISSING
    return f"{value:.2g}" if value >= LEAST_P_VALUE else f"< {LEAST_P_VALUE:g}"
