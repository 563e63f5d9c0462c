"""Texts of the published folder, and the provenance of its results."""

import datetime
import json
import platform
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

import polars as pl
import yaml

from hepfold.core import logs, provenance
from hepfold.publish import (
    bibliography,
    methods_text,
    model_card,
    results_readme,
    rule_graph,
    table_formats,
)

# Entries of a record of metrics that describe the origin of its events.
SOURCE = ("source", "source_sha256", "toy")


# Prefixes of files with measured times and memory, which differ from run to run.
MEASURED = (
    "tables/costs.",
    "tables/steps.",
    "tables/study_costs.",
    "figures/study_costs.",
)
CRATE = "ro-crate-metadata.json"


def origin(records: list[dict], settings: dict, folder: Path) -> dict:
    """Provenance of the results; `folder` is inside the repository of the workflow.

    A workflow from a git server is in none; its commit and date are in the settings.
    """
    commit, date = settings["release"] or (git_commit(folder), git_date(folder))
    packages = all_packages(records) | settings["packages"]
    packages["snakemake"] = provenance.package_version("snakemake")
    return {
        "python": platform.python_version(),
        "commit": commit,
        "date": date,
        "packages": dict(sorted(packages.items())),
        "data": {r["dataset"]: {k: r[k] for k in SOURCE} for r in records},
        "config": settings["config"],
    }


def texts(
    records: list[dict],
    origin: dict,
    citation: dict,
    figures: dict[str, str],
    edges: rule_graph.Edges,
    paths: Iterable[str],
    pairs: pl.DataFrame,
    processes: Sequence[pl.DataFrame] = (),
    fits: Sequence[dict] = (),
    learning_curves: Sequence[dict] = (),
) -> dict[str, str]:
    """Texts of the folder by path; `figures` are captions by path pattern.

    `paths` are the files that are copied into the folder, `pairs` is the table of
    `model_pairs`, `processes` are tables of rejections by process, `fits` records of
    fits and `learning_curves` of learning curves, of models that have them.
    """
    return {
        "README.md": results_readme.text(
            records,
            origin,
            citation,
            figures,
            edges,
            paths,
            pairs,
            processes,
            fits,
            learning_curves,
        ),
        "provenance.json": json.dumps(origin, indent=2) + "\n",
        "config.yaml": yaml.safe_dump(origin["config"], sort_keys=False),
        "rulegraph.dot": rule_graph.dot(edges),
    }


def documents(
    records: list[dict],
    origin: dict,
    citation: dict,
    references: str,
    cards: list[dict],
    paths: Iterable[str],
) -> dict[str, str]:
    """Methods text, model card and the works that they cite, by path.

    `references` is the BibTeX file of the workflow, `cards` are data cards and `paths`
    the files that are copied into the folder.
    """
    statement = results_readme.statement(records, citation)
    texts = {
        "methods.md": methods_text.text(records, origin, citation),
        "model_card.md": model_card.text(records, cards, origin, statement, set(paths)),
    }
    cited = bibliography.cited_keys(texts.values())
    works = bibliography.text(cited, references, citation, origin["commit"])
    return texts | {"references.bib": works}


def logs_of(edges: rule_graph.Edges, names: Iterable[str]) -> dict[str, str]:
    """The step of each log, by the name of the log, for the steps of a run."""
    steps = {name: PurePath(name).parts[0].removesuffix(".log") for name in names}
    ran = {step for step, _ in edges}
    return {name: step for name, step in sorted(steps.items()) if step in ran}


def steps(step_logs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Tables of time and memory of each step, from pairs of step and text of a log.

    They also have the resources that the jobs requested: time and largest memory.
    Logs of failed jobs and of results from a cache hold no times.
    """
    columns = ("seconds", "cpu_seconds", "peak_mb", "requested_min", "requested_mb")
    rows = [(step, *logs.took(text)) for step, text in step_logs if logs.took(text)]
    schema = {"step": pl.String, **dict.fromkeys(columns, pl.Float64)}
    largest = ("peak_mb", "longest_s", *columns[3:])
    table = (
        pl.DataFrame(rows, schema, orient="row")
        .with_columns(longest_s=pl.col("seconds"))
        .group_by("step")
        .agg(pl.len().alias("jobs"), pl.col(columns[:2]).sum(), pl.col(largest).max())
        .sort("seconds", "step", descending=[True, False])
        .with_columns(pl.col(*columns[:2], "longest_s").round(2))
    )
    heads = (
        "step",
        "jobs",
        "all jobs, s",
        "all jobs, CPU s",
        "largest memory, MB",
        "longest job, s",
        "requested, min",
        "requested, MB",
    )
    to_read = table_formats.markdown(
        table.rename(dict(zip(table.columns, heads, strict=True)))
    )
    return {"tables/steps.csv": table.write_csv(), "tables/steps.md": to_read + "\n"}


def captions(texts: dict[str, str]) -> dict[str, str]:
    """The first paragraph of each caption, in one line, by the name of its figure."""
    return {
        PurePath(path).stem: " ".join(text.partition("\n\n")[0].split())
        for path, text in texts.items()
    }


def drawn(captions: dict[str, str], paths: Iterable[str]) -> dict[str, str]:
    """Captions of the figures among the paths, by path pattern."""
    by_pattern = {}
    for place in (PurePath(path) for path in paths if path.endswith(".pdf")):
        folder, *middle, _ = place.parts
        pattern = "/".join((folder, *("*" for _ in middle), f"{place.stem}.*"))
        by_pattern[pattern] = captions.get(place.stem, place.stem)
    return by_pattern


def git_commit(folder: Path) -> str:
    """Commit of the workflow, followed by `+` if files differ from it."""
    describe = ["describe", "--always", "--dirty=+", "--abbrev=40", "--exclude=*"]
    return git(folder, describe) or "unknown: not a git repository"


def git_date(folder: Path) -> str:
    """Date of the commit, which is reproducible; without a commit, that of today."""
    commit_date = git(folder, ["show", "--no-patch", "--format=%cs", "HEAD"])
    return commit_date or datetime.date.today().isoformat()


def git(folder: Path, arguments: list[str]) -> str:
    """Output of git in a folder; empty if it fails or is not installed."""
    try:
        completed = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True
        )
    except FileNotFoundError:
        return ""
    return completed.stdout.strip()


def all_packages(records: list[dict]) -> dict[str, str]:
    """Version of each package used to train or evaluate a model."""
    return {
        name: version
        for record in records
        for part in (record["trained_with"], record["settings"])
        for name, version in part["packages"].items()
    }
