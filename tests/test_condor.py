"""What the plugin for HTCondor submits by its profile, recorded in place of a queue."""

import json
import subprocess
from pathlib import Path

import environments
import pytest
from tests.conftest import UNAPPLIED_RUN, Clone

pytestmark = pytest.mark.analyses
PLUGIN = "snakemake-executor-plugin-htcondor==0.3.0"
FOLDS = ["results/folds/higgsml/train.h5", "results/folds/higgsml/test.h5"]
METRICS = "results/metrics/higgsml/mlp.json"
# Snakemake with a scheduler daemon that records the first description, and fails.
SUBMIT = """
import json
import sys
import htcondor2

class Schedd:
    def submit(self, description, **options):
        with open("submitted.json", "w") as file:
            json.dump(dict(description), file)
        raise RuntimeError("recorded")

htcondor2.Schedd = Schedd
from snakemake import cli
cli.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """Python of an environment with the plugin."""
    folder = tmp_path_factory.mktemp("environment")
    return environments.made(folder, PLUGIN, inherits=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    """A copy of the workflow whose next jobs are trainings."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    (clone.folder / "tests.yaml").write_text(UNAPPLIED_RUN)
    run = clone.run("--", *FOLDS)
    assert run.returncode == 0, run.stderr
    return clone


def test_a_training_requests_memory_time_and_a_gpu(python, clone):
    profile = ["--profile", "workflow/profiles/htcondor", "--retries", "0"]
    config = ["--configfile", "config.yaml", "tests.yaml"]
    run = subprocess.run(
        [python, "-c", SUBMIT, *profile, *config, "--", METRICS],
        cwd=clone.folder,
        capture_output=True,
        text=True,
        env=clone.environment,
    )
    assert run.returncode == 1 and "recorded" in run.stdout + run.stderr
    submitted = json.loads((clone.folder / "submitted.json").read_text())
    size_mb = sum((clone.folder / path).stat().st_size for path in FOLDS) / 1e6
    memory_mb = float(submitted["request_memory"].removesuffix("MB"))
    assert memory_mb == pytest.approx(3000 + 5 * size_mb, abs=2)
    assert submitted["request_gpus"] == "1" and submitted["request_cpus"] == "6"
    assert submitted["MY.MaxRuntime"] == "86400"
    assert submitted["log"].startswith("results/logs/htcondor/")
    assert "--target-jobs train_fold:" in submitted["arguments"]
