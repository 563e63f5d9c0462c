"""The published folder: tables, figures and where they come from."""

import subprocess
from pathlib import Path

import polars as pl

# What a record of metrics says of the origin of its events.
SOURCE = ("source", "source_sha256")

README = """# Results

{statement}

{table}

`auc_weighted` and AMS use the physics weights, scaled in every subset to the full sums
of the data set; `auc` and the AUC of a test set without weights count events.
`max_ams` is the maximum over cuts on out-of-fold scores, and `ams` that of a test
subset at the cut chosen there. A dash stands where there are no such events.

| what | where |
|---|---|
| figures (PDF, PNG) and the numbers they show (CSV) | `figures/` |
| all figures of merit | `metrics.csv`, `metrics/` |
| models of all folds as one ONNX model, which needs no hepfold | `models/` |
| what the data are: counts, ranges, quantiles | `datacards/` |
| settings, versions, checksums of the data, commit | `provenance.json` |
"""


def metrics_table(records: list[dict]) -> pl.DataFrame:
    """One row per data set and model; a value that does not exist is null."""

    def value(record: dict, subset: str, name: str) -> float | None:
        return record.get(subset, {}).get(name)

    return pl.DataFrame(
        {
            "dataset": record["dataset"],
            "model": record["model"],
            "events": "simulation"
            if record["simulated"]
            else ", ".join(record["source"]),
            "judged": judged(record),
            "n_folds": record["n_folds"],
            "oof_auc_weighted": value(record, "oof", "auc_weighted"),
            "oof_auc": value(record, "oof", "auc"),
            "oof_max_ams": value(record, "oof", "max_ams"),
            "cut": record["cut"],
            "public_ams": value(record, "public", "ams"),
            "private_ams": value(record, "private", "ams"),
            "test_auc": value(record, "test", "auc"),
            "test_ams": value(record, "test", "ams"),
        }
        for record in records
    )


def judged(record: dict) -> str:
    """Which events the figures of merit of a record were found on."""
    tests = [name for name in ("public", "private", "test") if name in record]
    return ", ".join(["out-of-fold", *tests]) if tests else "out-of-fold only"


def markdown(table: pl.DataFrame) -> str:
    """A table in Markdown, numbers with four decimals."""
    with pl.Config(
        tbl_formatting="ASCII_MARKDOWN",
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_cols=-1,
        tbl_rows=-1,
        tbl_width_chars=10_000,
        fmt_str_lengths=200,
        float_precision=4,
    ):
        return str(table).replace("null", "-")


def readme(records: list[dict]) -> str:
    """Text of the README beside the results."""
    simulated = [record["dataset"] for record in records if record["simulated"]]
    statement = (
        f"The events of {', '.join(sorted(set(simulated)))} are toy simulation in the "
        "official format: the numbers say that the workflow works, nothing of nature."
        if simulated
        else "The events are those of the published data sets."
    )
    return README.format(statement=statement, table=markdown(metrics_table(records)))


def git_commit(folder: Path) -> str:
    """Commit of the workflow's folder, `+` behind it where files differ from it."""
    describe = ["describe", "--always", "--dirty=+", "--abbrev=40", "--exclude=*"]
    try:
        found = subprocess.run(
            ["git", "-C", str(folder), *describe], capture_output=True, text=True
        )
    except FileNotFoundError:
        return "unknown: git is not installed"
    return found.stdout.strip() or "unknown: not a git repository"


def all_packages(records: list[dict]) -> dict[str, str]:
    """Version of each package that any model was trained or judged with."""
    return {
        name: version
        for record in records
        for part in (record["trained_with"], record["settings"])
        for name, version in part["packages"].items()
    }
