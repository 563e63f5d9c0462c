"""The parts of the uncertainty of each quoted figure of merit."""

import polars as pl

from hepfold.analysis import cut_choice, score_tables
from hepfold.core import columns, merit_records
from hepfold.publish import table_formats

MERITS = ("auc", "auc_weighted", *cut_choice.FIGURES)
OOF = "oof"
TITLE = "Uncertainties"
NUMBERS = (
    "value",
    "unc_events",
    "unc_training",
    "unc_cut",
    "unc_total",
    "unc_low",
    "unc_high",
    "cut",
    "n_eff",
    "fold_mean",
    "fold_mean_unc",
)
TEXTS = ("dataset", "model", columns.SUBSET, "merit", "training_from")


def texts(records: list[dict]) -> dict[str, str]:
    """The table in each format, by file name."""
    whole = table(records)
    short = rounded(whole)
    return {
        "uncertainties.csv": whole.write_csv(),
        "uncertainties.md": table_formats.markdown(short) + "\n",
        "uncertainties.html": table_formats.html_page(TITLE, {TITLE: short}),
    }


def table(records: list[dict]) -> pl.DataFrame:
    """One row per data set, model, subset and figure of merit, with the parts."""
    rows = [
        {
            "dataset": record["dataset"],
            "model": record["model"],
            columns.SUBSET: subset,
            "merit": name,
            "training_from": merits.get("training_from"),
            **row(record, merits, subset, name),
        }
        for record in records
        for subset, merits in subsets(record).items()
        for name in MERITS
    ]
    kinds = dict.fromkeys(TEXTS, pl.String) | dict.fromkeys(NUMBERS, pl.Float64)
    return pl.DataFrame(rows, schema=kinds)


def subsets(record: dict) -> dict[str, dict]:
    """Figures of merit of each subset that a record has."""
    names = score_tables.SUBSET_KEYS.values()
    return {name: record[name] for name in names if name in record}


def row(record: dict, merits: dict, subset: str, name: str) -> dict:
    """Value, parts of the uncertainty, and the mean over folds (out-of-fold only)."""
    of_folds = record["folds"]["merits"] if subset == OOF else {}
    mean = of_folds.get(name, {})
    return {
        "value": merits.get(name),
        "unc_events": merits.get(f"{name}_unc"),
        "unc_training": merits.get(f"{name}_unc_training"),
        "unc_cut": merits.get(f"{name}_unc_cut"),
        "unc_total": merit_records.quoted_unc(merits, name),
        "unc_low": merits.get(f"{name}_unc_low"),
        "unc_high": merits.get(f"{name}_unc_high"),
        "cut": record["cuts"].get(name),
        "n_eff": merits.get(f"{name}_n_eff"),
        "fold_mean": mean.get("mean"),
        "fold_mean_unc": mean.get("mean_unc"),
    }


def rounded(whole: pl.DataFrame) -> pl.DataFrame:
    """The table as rounded text."""
    rows = []
    for line in whole.rows(named=True):
        unc = line["unc_total"]
        rows.append(
            {
                "data set": line["dataset"],
                "model": line["model"],
                "events": line[columns.SUBSET],
                "figure of merit": line["merit"],
                "value": table_formats.merit(
                    {
                        "x": line["value"],
                        "x_unc_total": unc,
                        "x_unc_low": line["unc_low"],
                        "x_unc_high": line["unc_high"],
                    },
                    "x",
                ),
                "events part": short(line["unc_events"]),
                "training part": short(line["unc_training"]),
                "training from": line["training_from"] or table_formats.MISSING,
                "cut part": short(line["unc_cut"]),
                "cut": short(line["cut"]),
                "N_eff": effective(line["n_eff"]),
                "mean over folds": table_formats.with_uncertainty(
                    line["fold_mean"], line["fold_mean_unc"]
                ),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def effective(n_eff: float | None) -> str:
    """An effective number of events, rounded."""
    return table_formats.MISSING if n_eff is None else f"{n_eff:,.0f}"


def short(value: float | None) -> str:
    """A number with three digits."""
    return table_formats.MISSING if value is None else f"{value:.3g}"
