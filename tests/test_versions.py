"""The workflow under the version of Snakemake that REANA pins."""

import os
import subprocess
from pathlib import Path

import environments
import pytest
from tests.conftest import UNAPPLIED_RUN, Clone

pytestmark = pytest.mark.analyses
# The version that new releases of REANA pin.
SNAKEMAKE = "9.22.0"
METRICS = "results/metrics/higgsml/mlp.json"


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """Python of an environment with this version, and else the packages of this one."""
    folder = tmp_path_factory.mktemp("environment")
    return environments.made(folder, f"snakemake=={SNAKEMAKE}", inherits=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    """A copy of the workflow with the overlay of a tiny run."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    (clone.folder / "tests.yaml").write_text(UNAPPLIED_RUN)
    return clone


def run(python: Path, clone: Clone, *args: str) -> str:
    """Output of that Snakemake in the clone, which must end without error."""
    config = "--cores", "2", "--configfile", "config.yaml", "tests.yaml"
    run = subprocess.run(
        [python, "-m", "snakemake", *config, *args],
        cwd=clone.folder,
        capture_output=True,
        text=True,
        env=os.environ | clone.environment,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def test_it_is_that_version(python):
    command = [python, "-m", "snakemake", "--version"]
    version = subprocess.run(command, capture_output=True, text=True, check=True)
    assert version.stdout.strip() == SNAKEMAKE


def test_the_whole_run_is_planned(python, clone):
    output = run(python, clone, "--dry-run")
    for rule in ("make_toys", "ingest", "train_fold", "evaluate", "publish", "all"):
        assert f"rule {rule}:" in output


def test_a_tiny_run_gives_figures_of_merit(python, clone):
    run(python, clone, "--", METRICS)
    assert (clone.folder / METRICS).stat().st_size > 0
    # A second run finds nothing to do.
    assert "Nothing to be done" in run(python, clone, "--", METRICS)
