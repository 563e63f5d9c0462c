"""Tests of the published folder and the report of a small run, made twice."""

import json
import re

import polars as pl
import pytest
from rocrate.rocrate import ROCrate

from hepfold.core import checksums, files
from hepfold.publish import results_folder

pytestmark = pytest.mark.workflow


def test_crate_describes_every_published_file(finished):
    folder = finished.folder / "results/publish"
    crate = ROCrate(folder)
    described = {entity.id for entity in crate.data_entities}
    published = files.names_below(str(folder)) - {results_folder.CRATE}
    assert described == published
    for entity in crate.data_entities:
        assert entity["description"] and entity["encodingFormat"]
        if "sha256" in entity:
            assert entity["sha256"] == checksums.sha256(str(folder / entity.id))
    without_checksum = {e.id for e in crate.data_entities if "sha256" not in e}
    assert without_checksum == {"Snakefile"} | {
        name for name in published if name.startswith(results_folder.MEASURED)
    }


def test_rule_graph_is_that_of_the_run(finished):
    """Compared with Snakemake's own graph; the raw events are toy events."""
    dot = (finished.folder / "results/publish/rulegraph.dot").read_text()
    edges = set(re.findall(r'"(\w+)" -> "(\w+)"', dot))
    run = finished.run("--rulegraph", "dot")
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', run.stdout))
    pairs = re.findall(r"(\d+) -> (\d+)", run.stdout)
    drawn = {(names[a], names[b]) for a, b in pairs if names[b] != "all"}
    assert drawn == {edge for edge in edges if "all" not in edge} != set()


def test_time_and_memory_of_every_fold_are_published(finished):
    costs = pl.read_csv(finished.folder / "results/publish/tables/costs.csv")
    assert costs["fold"].to_list() == [0, 1, 0, 1, 0, 1]
    assert (costs["seconds"] > 0).all() and (costs["peak_mb"] > 50).all()


def test_time_and_memory_of_every_step_are_published(finished):
    folder = finished.folder / "results"
    steps = pl.read_csv(folder / "publish/tables/steps.csv")
    jobs = dict(steps.select("step", "jobs").rows())
    dot = (folder / "publish/rulegraph.dot").read_text()
    # Events are scored before or after.
    assert {*jobs, "apply_model"} == set(re.findall(r'"(\w+)" -> ', dot))
    assert (jobs["train_fold"], jobs["blend_fold"], jobs["evaluate"]) == (4, 2, 3)
    assert (steps["seconds"] > 0).all() and (steps["peak_mb"] > 50).all()


def test_every_item_of_the_report_has_a_label_and_a_caption(finished):
    run = finished.run("--report", "report.html")
    assert run.returncode == 0, run.stdout + run.stderr
    text = (finished.folder / "report.html").read_text()
    match = re.search(r"var results = (\{.*?\});?\n", text, re.DOTALL)
    items = json.loads(match[1])
    figures = {item["labels"]["figure"] for item in items.values()}
    assert figures >= {"data card", "ROC curve", "comparison of models", "history"}
    for item in items.values():
        assert set(item["labels"]) == {"figure", "dataset", "model"}
        assert "<p>" in item["caption"]
    assert "toy events" in text and "AMS" in text


@pytest.mark.analyses
def test_a_run_elsewhere_gives_the_same_bytes(finished, clone):
    """All files except those of time and memory."""
    run = clone.run("--", "publish")
    assert run.returncode == 0, run.stdout + run.stderr
    one, two = (c.folder / "results/publish" for c in (finished, clone))
    names = files.names_below(str(one))
    assert names == files.names_below(str(two))
    differing = {n for n in names if (one / n).read_bytes() != (two / n).read_bytes()}
    assert {n for n in differing if not n.startswith(results_folder.MEASURED)} == set()
