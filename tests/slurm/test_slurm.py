"""The workflow through a real SLURM, on this machine, and what breaks there.

Each test continues from the one before, in one clone: each job takes seconds to start.
"""

import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests import test_module
from tests.conftest import REPO, SMALL_RUN, Clone, write_again

HERE = Path(__file__).parent
LACKING = [
    what
    for what, is_there in {
        "the Debian packages munge, slurmctld, slurmd and slurm-client": all(
            map(shutil.which, ("munged", "slurmctld", "slurmd", "sbatch"))
        ),
        "snakemake-executor-plugin-slurm": find_spec("snakemake_executor_plugin_slurm"),
        "root": os.geteuid() == 0,
    }.items()
    if not is_there
]
REASON = f"no SLURM here: needs {' and '.join(LACKING)}"
pytestmark = [pytest.mark.slurm, pytest.mark.skipif(bool(LACKING), reason=REASON)]
# GPUs are requested; training finds none and runs on the CPU.
OVERLAY = SMALL_RUN.replace("device: cpu", "device: auto")
FOLDS = [f"results/scores/higgsml/mlp/fold_{fold}.parquet" for fold in range(2)]
METRICS = "results/metrics/higgsml/mlp.json"


class Submitter(Clone):
    """A clone whose jobs go through the queue."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        (folder / "tests.yaml").write_text(OVERLAY)
        write_again(folder)

    def start(self, *args: str) -> subprocess.Popen:
        """Start Snakemake there, its output in a file."""
        profile = ["--profile", "workflow/profiles/slurm", "--latency-wait", "5"]
        often = ["--slurm-init-seconds-before-status-checks", "2"]
        # Jobs with a GPU have more threads than this machine.
        often += ["--max-threads", "2"]
        config = ["--configfile", "config.yaml", "tests.yaml"]
        self.output = self.folder / "output"
        with self.output.open("w") as file:
            return self.popen(*profile, *often, *config, *args, stdout=file)

    def finish(self, process: subprocess.Popen) -> str:
        """The output of a run that ends well."""
        assert process.wait(900) == 0, self.output.read_text()
        return self.output.read_text()


@pytest.fixture(scope="module")
def cluster():
    """A cluster with two nodes of each partition."""
    subprocess.run([HERE / "up.sh"], check=True)
    yield
    subprocess.run([HERE / "down.sh"], check=True)


@pytest.fixture(scope="module")
def submitter(cluster, tmp_path_factory):
    return Submitter(tmp_path_factory.mktemp("submitter"))


def running(process: subprocess.Popen | None = None) -> tuple[str, str, str]:
    """Id, node and partition of the job that runs, as soon as one does."""
    for _ in range(600):
        jobs = query("squeue", "--states=R", "--format=%A %N %P")
        if jobs:
            return tuple(jobs[0].split())
        assert process is None or process.poll() is None, "the run has ended"
        time.sleep(0.1)
    raise TimeoutError("no job runs")


def query(*command: str) -> list[str]:
    """Lines that a command of SLURM prints."""
    run = subprocess.run([*command, "--noheader"], capture_output=True, text=True)
    return run.stdout.splitlines()


def steps_run(output: str) -> list[str]:
    """Name of the rule of each step that was submitted or run."""
    lines = (line.split() for line in output.splitlines())
    return [words[1][:-1] for words in lines if words and words[0].endswith("rule")]


def rules_run(output: str) -> set[str]:
    """Names of the rules whose jobs were submitted or run."""
    return set(steps_run(output))


def test_a_job_out_of_memory_succeeds_with_more(submitter):
    little = "make_toys:mem_mb=60 * 30 ** (attempt - 1)"
    target = ["--set-resources", little, "--", "results/raw/higgsml/toys.csv.gz"]
    output = submitter.finish(submitter.start(*target))
    assert "Trying to restart job" in output
    assert rules_run(output) == {"make_toys"}


def test_a_canceled_job_is_noticed_and_submitted_again(submitter):
    process = submitter.start("--", "results/folds/higgsml/train.h5")
    subprocess.run(["scancel", running(process)[0]], check=True)
    output = submitter.finish(process)
    assert "Trying to restart job" in output
    assert rules_run(output) == {"ingest"}


def test_a_drained_node_ends_its_job_and_gets_no_other(submitter):
    process = submitter.start("--jobs", "1", "--", *FOLDS)
    job, node, partition = running(process)
    assert partition == "gpu"
    update = ["scontrol", "update", f"NodeName={node}"]
    subprocess.run([*update, "State=DRAIN", "Reason=test"], check=True)
    try:
        while running(process)[0] == job:
            time.sleep(0.2)
        assert running(process)[1] != node
        output = submitter.finish(process)
    finally:
        subprocess.run([*update, "State=RESUME"], check=True)
    assert rules_run(output) == {"train_fold"}
    assert "Trying to restart job" not in output


def test_a_killed_submitter_goes_on_where_it_was(submitter):
    process = submitter.start("--", METRICS)
    job = running(process)[0]
    process.kill()
    process.wait()
    assert submitter.start("--", METRICS).wait() != 0
    assert "--unlock" in submitter.output.read_text()
    # Jobs of the dead process still run: a second run must not write at the same time.
    (name,) = query("squeue", "--jobs", job, "--format=%j")
    assert name.startswith("hepfold")
    subprocess.run(["scancel", "--name", name], check=True)
    while query("squeue", "--states=R,CG", "--format=%A"):
        time.sleep(0.2)
    submitter.finish(submitter.start("--unlock"))
    output = submitter.finish(submitter.start("--", METRICS))
    assert rules_run(output) == {"evaluate"}


def test_two_clones_at_once_do_the_whole_run(submitter, tmp_path):
    other = Submitter(tmp_path)
    processes = [submitter.start(), other.start()]
    log, log_of_other = submitter.finish(processes[0]), other.finish(processes[1])
    assert not {"make_toys", "ingest", "train_fold"} & rules_run(log)
    assert {"make_toys", "ingest", "train_fold", "publish"} <= rules_run(log_of_other)
    for clone in (submitter, other):
        assert (clone.folder / "results/publish/README.md").stat().st_size > 0
        assert clone.would_run() == set()
    # A group of steps is one job: clearly fewer submissions than steps.
    n_submitted = log_of_other.count("has been submitted with SLURM jobid")
    assert 3 * n_submitted < 2 * len(steps_run(log_of_other))
    assert not query("squeue", "--states=R,PD", "--format=%A")


def test_clones_share_results_through_the_queue(cluster, tmp_path):
    """A clone on the cluster takes all that another left there, one without it some."""
    cache = tmp_path / "cache"
    names = ("first", "second", "local")
    for folder in (cache, *(tmp_path / name for name in names)):
        folder.mkdir()
    first, second, local = (Submitter(tmp_path / name) for name in names)
    for clone in (first, second, local):
        clone.environment["SNAKEMAKE_OUTPUT_CACHE"] = str(cache)
    cached = ("--cache", "make_toys", "ingest", "--", "results/folds/higgsml/train.h5")
    first.finish(first.start(*cached))
    entries = set(cache.iterdir())
    second.finish(second.start(*cached))
    assert set(cache.iterdir()) == entries
    run = local.run("--cache", "--", "results/folds/higgsml/train.h5")
    assert run.returncode == 0, run.stderr
    # Folds alone are made again: the toy events, one file, are not.
    assert len(set(cache.iterdir()) - entries) == len(entries) - 1
    for clone in (first, second, local):
        for path in ("raw/higgsml/toys.csv.gz", "folds/higgsml/train.h5"):
            assert (clone.folder / "results" / path).resolve().parent == cache


def test_an_import_runs_through_the_queue(cluster, tmp_path):
    """Rules of another workflow and imported ones, in another working directory."""
    snakefile, directory = tmp_path / "foreign/Snakefile", tmp_path / "work"
    snakefile.parent.mkdir()
    directory.mkdir()
    test_module.write_foreign(snakefile.parent, REPO / "workflow/Snakefile")
    partitions = REPO / "workflow/profiles/slurm/partitions.yaml"
    queue = ["--executor", "slurm", "--jobs", "10", "--slurm-no-account"]
    queue += ["--slurm-status-command", "squeue", "--latency-wait", "5"]
    queue += ["--slurm-init-seconds-before-status-checks", "2"]
    queue += ["--slurm-partition-config", str(partitions)]
    where = ["--snakefile", str(snakefile), "--directory", str(directory)]
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", *where, *queue],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    output = run.stdout + run.stderr
    assert run.returncode == 0, output
    # Toy events, folds, two trainings, figures of merit, and a job of the importer.
    assert output.count("has been submitted with SLURM jobid") == 6
    assert float((directory / "auc.txt").read_text().split()[1]) > 0.5
    metrics = directory / "classifier/results/metrics/higgsml/mlp.json"
    assert metrics.stat().st_size > 0 and not (tmp_path / "classifier").exists()
