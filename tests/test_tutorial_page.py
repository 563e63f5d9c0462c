"""The tutorial on ntuples, as a reader does it: every file and command of the page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import uproot
import yaml
from tests.conftest import REPO, Clone

pytestmark = pytest.mark.analyses
PAGE = REPO / "docs/tutorials/ntuples.md"
# Few events and small models: the page is about files and commands.
SMALL = {
    "datasets": {"tth_toy": {"n_toy": 2500}},
    "models": {
        "mlp": {"n_members": 1, "n_epochs": 2, "network": {"depth": 1, "width": 8}},
        "xgboost": {"n_members": 1, "n_rounds": 20},
    },
    "evaluation": {"n_replicas": 20},
    "insight": {"n_events": 100},
    "training": {"device": "cpu"},
}
# Data sets of the first overlay only; the others would be incomplete with `tth_toy`.
MODELS_ONLY = {key: value for key, value in SMALL.items() if key != "datasets"}


def printed(clone: Clone, *command: str) -> subprocess.CompletedProcess:
    """A command in the clone, with the programs of this environment on the path."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**clone.environment, "PATH": programs}
    return subprocess.run(
        command, cwd=clone.folder, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Clone:
    """A clone after all steps of the page, with small models."""
    clone = Clone(tmp_path_factory.mktemp("reader"))
    path = clone.folder / "workflow/analyses/tth_toy.yaml"
    path.write_text(path.read_text().replace("n_toy: 10000", "n_toy: 2500"))
    (clone.folder / "small.yaml").write_text(yaml.safe_dump(MODELS_ONLY))
    script = str(REPO / "workflow/documentation/run_page.py")
    run = printed(clone, sys.executable, script, str(PAGE), "small.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    return clone


def test_files_that_the_page_names_are_there(reader):
    """Tables of the page: paths in their first column, in results/ or data/."""
    cells = re.findall(r"^\| (`.*?`) \|", PAGE.read_text(), re.MULTILINE)
    names = [name for cell in cells for name in re.findall(r"`([\w/.]+\.\w+)`", cell)]
    assert len(names) > 15
    folder, last = reader.folder, ""
    for name in names:
        beside = f"{Path(last).parent}/{name}" if "/" not in name else name
        places = (folder / "results" / beside, folder / "data" / name)
        assert any(place.exists() for place in places), name
        last = beside


def test_the_misspelled_branch_of_the_page_is_reported_as_shown(reader):
    (shown,) = re.findall(
        r"^```text\n(.*?)\n```", PAGE.read_text(), re.MULTILINE | re.S
    )
    analysis = (reader.folder / "my_analysis.yaml").read_text()
    wrong = analysis.replace("met_met / 1000", "met_mett / 1000")
    (reader.folder / "wrong.yaml").write_text(wrong)
    files = ("--configfile", "config.yaml", "wrong.yaml", "quick.yaml")
    run = printed(reader, "snakemake", "--dry-run", *files)
    assert run.returncode != 0
    assert shown in run.stdout + run.stderr


def test_recorded_events_and_the_friend_tree_are_scored(reader):
    folder = reader.folder / "results/scores/tth/mlp"
    data = pl.read_parquet(folder / "apply_data.parquet")
    assert len(data) > 20 and data["score"].is_between(0, 1).all()
    scores = uproot.open(folder / "apply_ttbar_jes_up.root")["scores"]
    n_entries = [
        uproot.open(reader.folder / f"data/{name}.root")["analysis/JET_JES_1up"]
        for name in ("ttbar_a", "ttbar_b1")
    ]
    assert scores.num_entries == sum(tree.num_entries for tree in n_entries)
