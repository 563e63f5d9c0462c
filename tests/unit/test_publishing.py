"""Tests of hepfold.publishing: the folder is complete and tells its origin."""

import subprocess

import pytest
import records
import yaml

from hepfold import publishing

EDGES = [("train_fold", "evaluate")]


@pytest.fixture
def texts(repo) -> dict[str, str]:
    return publishing.texts(
        [records.FULL],
        records.ORIGIN,
        records.citation(repo),
        {"figures/*/*/roc.*": "A curve."},
        EDGES,
    )


def test_settings_can_be_run_again(texts):
    assert yaml.safe_load(texts["config.yaml"]) == records.ORIGIN["config"]


def test_captions_are_first_paragraphs_by_the_place_of_the_figure():
    captions = publishing.captions(
        {"a/roc.rst": "A\ncurve.\n\nMore.\n", "b/x.rst": "X"}
    )
    assert captions == {"roc": "A curve.", "x": "X"}
    paths = ["figures/d/m/roc.pdf", "figures/d/m/roc.png", "figures/d/new.pdf", "a.csv"]
    assert publishing.drawn(captions, paths) == {
        "figures/*/*/roc.*": "A curve.",
        "figures/*/new.*": "new",
    }


def test_packages_of_training_evaluation_and_publishing_are_told(tmp_path):
    settings = {"packages": {"polars": "2.1.0"}, "config": {}}
    origin = publishing.origin([records.record()], settings, tmp_path)
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


def test_commit_tells_whether_files_differ(tmp_path):
    def git(*args):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", tmp_path, *identity, *args], check=True)

    assert publishing.git_commit(tmp_path).startswith("unknown")
    git("init", "-q")
    (tmp_path / "file").write_text("1")
    git("add", ".")
    git("commit", "-qm", "one", "--date", "2020-02-03T12:00:00Z")
    commit = publishing.git_commit(tmp_path)
    assert len(commit) == 40
    assert len(publishing.git_date(tmp_path)) == len("2020-02-03")
    (tmp_path / "file").write_text("2")
    assert publishing.git_commit(tmp_path) == commit + "+"
