"""Tests of publish.results_folder: the folder is complete and has its provenance."""

import subprocess

import polars as pl
import public_sets
import pytest
import records
import yaml

from hepfold.analysis import model_pairs
from hepfold.core import logs
from hepfold.publish import bibliography, results_folder

EDGES = [("train_fold", "evaluate")]


@pytest.fixture
def texts(repo) -> dict[str, str]:
    return results_folder.texts(
        [records.FULL],
        records.ORIGIN,
        records.citation(repo),
        {"figures/*/*/roc.*": "A curve."},
        EDGES,
        paths=["figures/higgsml/mlp/roc.pdf"],
        pairs=pl.DataFrame(schema=model_pairs.SCHEMA),
    )


def test_settings_can_be_run_again(texts):
    assert yaml.safe_load(texts["config.yaml"]) == records.ORIGIN["config"]


def test_documents_cite_only_works_of_their_bibliography(repo):
    names = public_sets.DATASETS["higgsml"].features
    row = {"minimum": 0.0, "maximum": 1.0, "n_events": 10, "n_missing": 0}
    features = [{"feature": name, **row} for name in names]
    card = {"dataset": "higgsml", "categories": {}, "features": features}
    references = (repo / "workflow/references.bib").read_text()
    documents = results_folder.documents(
        [records.FULL],
        records.ORIGIN,
        records.citation(repo),
        references,
        [card],
        ["models/higgsml/mlp/ensemble.onnx"],
    )
    works = bibliography.entries(documents.pop("references.bib"))
    assert set(works) == bibliography.cited_keys(documents.values())
    assert set(works) > {"hepfold", "araz2023", "data_higgsml"}


def test_captions_are_first_paragraphs_by_path_pattern():
    captions = results_folder.captions(
        {"a/roc.rst": "A\ncurve.\n\nMore.\n", "b/x.rst": "X"}
    )
    assert captions == {"roc": "A curve.", "x": "X"}
    paths = ["figures/d/m/roc.pdf", "figures/d/m/roc.png", "figures/d/new.pdf", "a.csv"]
    assert results_folder.drawn(captions, paths) == {
        "figures/*/*/roc.*": "A curve.",
        "figures/*/new.*": "new",
    }


def test_packages_of_training_evaluation_and_publishing_are_recorded(tmp_path):
    settings = {"packages": {"polars": "2.1.0"}, "config": {}, "release": None}
    origin = results_folder.origin([records.record()], settings, tmp_path)
    assert (
        origin["packages"].items()
        >= {
            "torch": "2.13.0",
            "numpy": "2.4.6",
            "polars": "2.1.0",
        }.items()
    )
    assert "snakemake" in origin["packages"]
    assert origin["data"]["higgsml"]["source_sha256"] == ["00"]


def test_a_workflow_from_a_git_server_has_the_commit_of_its_release(tmp_path):
    """It is in no repository of this machine."""
    settings = {"packages": {}, "config": {}, "release": ["0123", "2020-02-03"]}
    origin = results_folder.origin([records.record()], settings, tmp_path)
    assert (origin["commit"], origin["date"]) == ("0123", "2020-02-03")


def test_the_commit_is_marked_if_files_differ(tmp_path):
    def git(*args):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", tmp_path, *identity, *args], check=True)

    assert results_folder.git_commit(tmp_path).startswith("unknown")
    git("init", "-q")
    (tmp_path / "file").write_text("1")
    git("add", ".")
    git("commit", "-qm", "one", "--date", "2020-02-03T12:00:00Z")
    commit = results_folder.git_commit(tmp_path)
    assert len(commit) == 40
    assert len(results_folder.git_date(tmp_path)) == len("2020-02-03")
    (tmp_path / "file").write_text("2")
    assert results_folder.git_commit(tmp_path) == commit + "+"


def test_the_jobs_of_a_step_are_summed():
    names = ["train_fold/d/m/fold_1.log", "train_fold/d/m/fold_0.log", "evaluate.log"]
    step_of_log = results_folder.logs_of(
        EDGES, [*names, "slurm/train_fold/1.log", "other.log"]
    )
    assert step_of_log == dict.fromkeys(sorted(names)[1:], "train_fold")
    lines = [
        f"00:00 {logs.TOOK.format(s, 2 * s, 100 / s, 3, 200 * s)}\n" for s in (1, 2)
    ]
    texts = results_folder.steps(
        [("train_fold", line) for line in lines] + [("ingest", "a log\n")]
    )
    assert texts["tables/steps.csv"] == (
        "step,jobs,seconds,cpu_seconds,peak_mb,longest_s,requested_min,requested_mb\n"
        "train_fold,2,3.0,6.0,100.0,2.0,3.0,400.0\n"
    )
    assert "train_fold" in texts["tables/steps.md"]


def test_without_jobs_the_table_is_empty():
    assert results_folder.steps([("ingest", "")])["tables/steps.csv"].count("\n") == 1
