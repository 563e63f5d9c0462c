"""Tests of hepfold.publishing: the folder is complete and tells its origin."""

import subprocess

import polars as pl
import pytest

from hepfold import publishing, store


@pytest.fixture
def record() -> dict:
    return {
        "dataset": "higgsml",
        "model": "mlp",
        "n_folds": 5,
        "source": "events.csv.gz",
        "source_sha256": "00",
        "simulated": False,
        "oof": {"auc": 0.9, "auc_weighted": 0.92, "max_ams": 3.4},
        "cut": 0.9,
    }


def test_table_says_what_was_judged(record):
    test = {**record, "public": {"ams": 3.1}, "private": {"ams": 3.2}}
    table = publishing.metrics_table([record, test])
    assert table["judged"].to_list() == [
        "out-of-fold only",
        "out-of-fold, public, private",
    ]
    assert table["private_ams"].to_list() == [None, 3.2]


def test_simulation_is_said(record):
    assert "toy simulation" not in publishing.readme([record])
    text = publishing.readme([record | {"simulated": True}])
    assert "toy simulation" in text and "| simulation" in text


def test_folder_holds_all_parts(record, tmp_path):
    figure = tmp_path / "results/figures/higgsml/mlp/roc.pdf"
    figure.parent.mkdir(parents=True)
    figure.write_bytes(b"pdf")
    folder = tmp_path / "publish"
    publishing.write_folder(str(folder), [record], [str(figure)], {"commit": "x"})
    assert (folder / "figures/higgsml/mlp/roc.pdf").read_bytes() == b"pdf"
    assert store.read_json(folder / "metrics/higgsml/mlp.json") == record
    assert store.read_json(folder / "provenance.json")["commit"] == "x"
    assert pl.read_csv(folder / "metrics.csv")["oof_max_ams"].item() == 3.4
    assert "0.9200" in (folder / "README.md").read_text()


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
