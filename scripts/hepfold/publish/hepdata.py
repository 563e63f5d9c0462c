"""Curves and distributions as a HEPData submission.

The submission has one table per data set, model, figure and subset, with the numbers
behind the figure, and a list of tables (hepdata-submission.readthedocs.io).
"""

import polars as pl
import yaml
from hepdata_lib import Uncertainty, Variable

from hepfold.core import columns

DIGITS = 7
# Columns with the independent variable of each figure.
INDEPENDENT = {
    "roc": ("signal_efficiency",),
    "ams": ("cut",),
    "scores": ("low", "high"),
}
OBSERVABLES = {"roc": "EFF", "ams": "SIG", "scores": "DN/DSCORE"}
TITLES = {
    "roc": "Background efficiency against signal efficiency",
    "ams": "Approximate median significance (AMS) against the cut on the score",
    "scores": "Distribution of the score",
}
PHRASES = ("Machine Learning", "Classification")
# Columns that identify a table.
NAMES = ("dataset", "model", "subset")
# Columns that distinguish the events of variables in a table; a process can be null.
CLASSES = ("events", "label", columns.PROCESS)
COMMENT = (
    "{statement} Uncertainties are statistical. Created by hepfold, commit {commit}."
)


def texts(
    curves: list[tuple[str, pl.DataFrame]],
    declared: dict[str, dict],
    statement: str,
    commit: str,
) -> dict[str, str]:
    """The files of a submission: the list of its tables, and each table.

    `curves` are pairs of the name of a figure and its table, `declared` declarations of
    data sets by name; `statement` describes the events.
    """
    files, listed = {}, []
    for figure, curve in curves:
        for names, part in curve.group_by(NAMES, maintain_order=True):
            name = "_".join((figure, *names))
            files[f"{name}.yaml"] = [table(figure, part)]
            found_by = keywords(figure, declared[names[0]])
            listed.append(listing(figure, name, *names) | {"keywords": found_by})
    comment = COMMENT.format(statement=statement, commit=commit)
    files = {"submission.yaml": [{"comment": comment}, *listed], **files}
    return {name: text(documents) for name, documents in files.items()}


def text(documents: list[dict]) -> str:
    """Documents in YAML."""
    # libyaml writes the same text about ten times as fast.
    return yaml.dump_all(
        documents, Dumper=yaml.CSafeDumper, sort_keys=False, explicit_start=True
    )


def listing(figure: str, name: str, dataset: str, model: str, subset: str) -> dict:
    """The entry of one table in the list."""
    events = "out-of-fold" if subset == "oof" else subset
    return {
        "name": name,
        "location": f"figures/{dataset}/{model}/{figure}.pdf",
        "description": f"{TITLES[figure]}: {dataset}, {model}, {events} events.",
        "data_file": f"{name}.yaml",
    }


def keywords(figure: str, declared: dict) -> list[dict]:
    """Keywords by which a table is found: reactions, energy, observable and phrases."""
    energy = declared["energy_gev"]
    values = {
        "reactions": declared["reactions"],
        "observables": [OBSERVABLES[figure]],
        "cmenergies": [] if energy is None else [energy],
        "phrases": [*PHRASES, *declared["keywords"]],
    }
    return [
        {"name": name, "values": [*listed]} for name, listed in values.items() if listed
    ]


def table(figure: str, rows: pl.DataFrame) -> dict:
    """One table: independent and dependent variables, with uncertainties."""
    by_class = [name for name in CLASSES if name in rows.columns]
    parts = rows.group_by(by_class, maintain_order=True) if by_class else [((), rows)]
    dependent = []
    for values, part in parts:
        of_events = dict(zip(by_class, values, strict=True))
        first = independent(figure, part)
        names = (*NAMES, *CLASSES, *INDEPENDENT[figure])
        dependent += [
            variable(part, name, of_events)
            for name in part.columns
            if name not in names and not name.endswith(("_unc", "_low", "_high"))
        ]
    return {"independent_variables": [first], "dependent_variables": dependent}


def independent(figure: str, rows: pl.DataFrame) -> dict:
    """The independent variable: values, or edges of bins."""
    names = INDEPENDENT[figure]
    is_binned = len(names) > 1
    head = Variable("score" if is_binned else names[0], is_binned=is_binned)
    head.digits = DIGITS
    head.values = rows.select(names).rows() if is_binned else rows[names[0]].to_list()
    return head.make_dict()


def variable(rows: pl.DataFrame, name: str, of_events: dict) -> dict:
    """The values of one column, with its uncertainty if the table has one.

    `of_events` are the values of CLASSES, which say what the events are.
    """
    dependent = Variable(
        name,
        is_independent=False,
        is_binned=False,
        zero_uncertainties_warning=False,
    )
    dependent.digits = DIGITS
    # A dash marks a bin without a value.
    dependent.values = ["-" if value is None else value for value in rows[name]]
    for kind, value in of_events.items():
        if value is not None:
            qualifier = "PROCESS" if kind == columns.PROCESS else "EVENTS"
            dependent.add_qualifier(qualifier, columns.CLASS_NAMES.get(value, value))
    for uncertainty in uncertainties(rows, name):
        dependent.add_uncertainty(uncertainty)
    return dependent.make_dict()


def uncertainties(rows: pl.DataFrame, name: str) -> list[Uncertainty]:
    """The statistical uncertainty of a column: symmetric, or the edges of a band."""
    if f"{name}_unc" in rows.columns:
        symmetric = Uncertainty("stat")
        symmetric.values = rows[f"{name}_unc"].cast(pl.Float64).fill_null(0.0).to_list()
        return [symmetric]
    if f"{name}_low" in rows.columns:
        band = Uncertainty("stat", is_symmetric=False)
        value = rows[name]
        ends = (
            (rows[f"{name}_{end}"] - value).fill_null(0.0) for end in ("low", "high")
        )
        band.values = list(zip(*(end.to_list() for end in ends), strict=True))
        return [band]
    return []
