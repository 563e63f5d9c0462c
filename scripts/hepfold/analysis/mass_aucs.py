"""Table of the AUC at each mass hypothesis.

In a record of metrics, `auc_500` is the AUC of events with a mass hypothesis of
500 GeV, and `auc_500_unc` its uncertainty.
"""

import re

import polars as pl

from hepfold.analysis import score_tables

NAME = re.compile(r"auc_(\d+)")
# Columns of the table in order.
COLUMNS = {
    "dataset": pl.String,
    "model": pl.String,
    "subset": pl.String,
    "mass_hypothesis": pl.Int64,
    "trained": pl.Boolean,
    "auc": pl.Float64,
    "auc_unc": pl.Float64,
}


def table(records: list[dict]) -> pl.DataFrame:
    """AUC of each model and subset at each mass hypothesis.

    `trained` says whether the model was trained on events of the hypothesis.
    """
    rows = []
    for record in records:
        chosen = record["trained_with"]["model"].get("hypotheses")
        for subset in score_tables.SUBSET_KEYS.values():
            merits = record.get(subset, {})
            for name in filter(NAME.fullmatch, merits):
                mass = int(NAME.fullmatch(name)[1])
                trained = not chosen or mass in chosen
                row = (record["dataset"], record["model"], subset, mass, trained)
                rows.append((*row, merits[name], merits[f"{name}_unc"]))
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")
