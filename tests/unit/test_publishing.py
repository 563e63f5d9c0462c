"""Tests of hepfold.publishing: the folder is complete and tells its origin."""

import subprocess

import pytest

from hepfold import publishing


@pytest.fixture
def record() -> dict:
    return {
        "dataset": "higgsml",
        "model": "mlp",
        "n_folds": 5,
        "source": ["events.csv.gz"],
        "source_sha256": ["00"],
        "simulated": False,
        "oof": {"auc": 0.9, "auc_weighted": 0.92, "max_ams": 3.4},
        "cut": 0.9,
    }


def test_table_says_what_was_judged(record):
    uci = {**record, "test": {"auc": 0.8, "ams": 2.0}}
    test = {**record, "public": {"ams": 3.1}, "private": {"ams": 3.2}}
    table = publishing.metrics_table([record, test, uci])
    assert table["judged"].to_list() == [
        "out-of-fold only",
        "out-of-fold, public, private",
        "out-of-fold, test",
    ]
    assert table["private_ams"].to_list() == [None, 3.2, None]


def test_simulation_is_said(record):
    assert "toy simulation" not in publishing.readme([record])
    text = publishing.readme([record | {"simulated": True}])
    assert "toy simulation" in text and "| simulation" in text


def test_packages_of_training_and_evaluation_are_told(record):
    record["trained_with"] = {"packages": {"torch": "2.13.0"}}
    record["settings"] = {"packages": {"numpy": "2.4.6"}}
    expected = {"torch": "2.13.0", "numpy": "2.4.6"}
    assert publishing.all_packages([record]) == expected


def test_commit_tells_whether_files_differ(tmp_path):
    def git(*args):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", tmp_path, *identity, *args], check=True)

    assert publishing.git_commit(tmp_path).startswith("unknown")
    git("init", "-q")
    (tmp_path / "file").write_text("1")
    git("add", ".")
    git("commit", "-qm", "one")
    commit = publishing.git_commit(tmp_path)
    assert len(commit) == 40
    (tmp_path / "file").write_text("2")
    assert publishing.git_commit(tmp_path) == commit + "+"
