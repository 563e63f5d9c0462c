"""The Snakemake commands of the documentation get through a dry run."""

import re

import numpy as np
import polars as pl
import public_sets
import pytest
import uproot
from tests.conftest import TRUTH

import make_toys
from hepfold.core import files

pytestmark = pytest.mark.analyses


def write_downloads(repo, folder) -> None:
    """Write small files in place of those that the pages say to put there."""
    names = {"higgsml": "atlas-higgs-challenge-2014-v2", "higgs": "HIGGS"}
    for dataset, name in names.items():
        has_header = dataset == "higgsml"
        path = str(folder / f"{name}.csv.gz")
        make_toys.make_toys(dataset, 10, 1, has_header, path)
    events = pl.read_csv(folder / f"{names['higgsml']}.csv.gz")
    events.drop("KaggleSet", "KaggleWeight").write_csv(folder / "training.csv")
    events.drop(TRUTH).write_csv(folder / "test.csv")
    study = files.read_yaml(str(repo / "workflow/studies/sample_higgs_root.yaml"))
    renamed = study["datasets"]["higgs"]["rename"]
    features = public_sets.DATASETS["higgs"].features
    branches = {renamed.get(name, name): np.ones(2, "f4") for name in features}
    with uproot.recreate(folder / "Higgs_data.root") as file:
        file["sig_tree"] = file["bkg_tree"] = branches


def written_commands(repo) -> set[str]:
    """Arguments of the Snakemake commands on all pages that a clone can run."""
    pages = [*(repo / "docs").rglob("*.md"), repo / "README.md"]
    text = "\n".join(page.read_text() for page in pages)
    text = re.sub(r" \\\n +", " ", text)
    commands = re.findall(r"^snakemake (--cores .*?)(?:  +#.*)?$", text, re.MULTILINE)
    # The tutorial writes files of its own, which test_tutorial_page.py runs.
    of_tutorials = ("my_analysis.yaml", "more_members.yaml", "--cache")
    return {
        command.replace(" --dry-run", "")
        for command in commands
        if not any(part in command for part in of_tutorials)
    }


def test_commands_of_the_pages_are_possible(repo, clone):
    """Every Snakemake command of the documentation gets through a dry run."""
    commands = written_commands(repo)
    assert len(commands) >= 20
    data = clone.folder / "data"
    data.mkdir(exist_ok=True)
    write_downloads(repo, data)
    run = clone.dry_runs(sorted(commands))
    assert run.returncode == 0, run.stdout + run.stderr
