"""Table of the AUC at each mass hypothesis, for a search for signal of many masses.

In a record of figures of merit, `auc_500` is the AUC of the events at 500 GeV (rounded
to 1 GeV), and `auc_500_unc` its uncertainty (`merits.with_mass_aucs`).
"""

import re

import polars as pl

from hepfold.analysis import score_tables

NAME = re.compile(r"auc_(\d+)")
# Columns of the table of AUCs.
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
    """The AUC at each mass hypothesis of all records, one row each.

    `trained` says whether the model was trained on events of the hypothesis.
    """
    rows = []
    for record in records:
        chosen = record["trained_with"]["model"]["hypotheses"]
        for subset in score_tables.JUDGED_AS.values():
            merits = record.get(subset, {})
            for name in filter(NAME.fullmatch, merits):
                mass = int(NAME.fullmatch(name)[1])
                trained = not chosen or mass in chosen
                names = record["dataset"], record["model"], subset
                rows.append(
                    (*names, mass, trained, merits[name], merits[f"{name}_unc"])
                )
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")
