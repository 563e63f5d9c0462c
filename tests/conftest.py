"""Small raw data in the official formats, and the workflow as a user runs it."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import yaml
from xdist.scheduler import LoadFileScheduling

import make_toys
from hepfold.analysis import training_spread
from hepfold.core import columns, settings
from hepfold.toys import raw_files, registry

REPO = Path(__file__).parent.parent
# Files of the workflow that a clone holds.
WORKFLOW = (
    "Snakefile",
    "CITATION.cff",
    "config.yaml",
    "workflow",
    "scripts",
    "envs",
    "profiles",
)


# Threads on samples this small wait for each other more than they compute: without this
# line the unit tests take twice the processor time. Jobs of Snakemake set their own.
os.environ.setdefault("OMP_NUM_THREADS", "1")


class ByFile(LoadFileScheduling):
    """Run the tests of a file, and all of the finished run, in one process each."""

    def _split_scope(self, nodeid: str) -> str:
        """Name of the group of a test: tests of one group share a process."""
        path = nodeid.partition("::")[0]
        return "finished run" if looks_at_the_run(path) else path


@cache
def looks_at_the_run(path: str) -> bool:
    """Whether tests of a file take the finished run."""
    text = (REPO / path).read_text()
    return bool(re.search(r"^def \w+\(.*\bfinished\b", text, re.MULTILINE))


def pytest_xdist_make_scheduler(config, log) -> ByFile:
    """The scheduler that distributes tests among the processes of `pytest -n`."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def repo() -> Path:
    """Folder of the repository."""
    return REPO


@pytest.fixture(scope="session")
def raw_lines(tmp_path_factory) -> list[str]:
    """Lines of a raw Higgs ML file of 400 toy events, header first."""
    path = tmp_path_factory.mktemp("raw") / "events.csv.gz"
    blocks = registry.BLOCKS["higgsml"](400, seed=1)
    raw_files.write_csv_gz(path, blocks, registry.CATEGORIES["higgsml"], True)
    return gzip.decompress(path.read_bytes()).decode().splitlines()


@pytest.fixture
def write_raw(tmp_path):
    """A function that writes lines as a gzipped CSV file and gives its path."""

    def write(lines: list[str], name: str = "events.csv.gz") -> str:
        path = tmp_path / name
        path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))
        return str(path)

    return write


@pytest.fixture
def write(tmp_path):
    """A function that writes text to a file, and returns its path."""

    def write(text: str, name: str = "events.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return str(path)

    return write


@pytest.fixture
def scores() -> pl.DataFrame:
    """Scores of 300 events in three subsets, signal above background by half a unit."""
    n, label = 300, [i % 2 for i in range(300)]
    return pl.DataFrame(
        {
            "dataset": "higgsml",
            "model": "mlp",
            "fold": [i % 3 for i in range(n)],
            "event_id": range(n),
            "subset": ["train", "public", "private"] * (n // 3),
            "process": [columns.CLASS_NAMES[s] for s in label],
            "label": label,
            "weight": [1.0 + i % 5 for i in range(n)],
            "score": [0.3 * s + 0.7 * ((i * 37) % n) / n for i, s in enumerate(label)],
        }
    ).with_columns(calibrated=pl.col("score") ** 2)


def of_folds(scores: pl.DataFrame) -> training_spread.FoldScores:
    """Merged scores as those of folds, each with all test events."""
    is_train = pl.col("subset") == "train"
    of_train, test = scores.filter(is_train), scores.filter(~is_train)
    folds = of_train.partition_by("fold") if "fold" in scores.columns else [of_train]
    kind = scores.schema.get("fold", pl.Int64)
    return training_spread.FoldScores(
        [
            pl.concat([part, test]).with_columns(pl.lit(i, kind).alias("fold"))
            for i, part in enumerate(folds)
        ]
    )


EVALUATION = settings.Evaluation(n_replicas=20, working_points=(0.3, 0.7))


# One start of Python for several dry runs, whose arguments are the lines of the input.
# All code is parsed before, once for all of them.
DRY_RUNS = """
import os, sys
from pathlib import Path
from snakemake import cli
scripts = Path.cwd() / "scripts"
sys.path.insert(0, str(scripts))
from hepfold.core import provenance
figures = [p.stem for p in scripts.glob("hepfold/figures/[!_]*.py")]
figures = [f"hepfold.figures.{name}" for name in figures]
for path in scripts.glob("*.py"):
    provenance.code_digest(path, *figures)
    provenance.package_versions(path, *figures)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        cli.main(["--dry-run", *line.split()])
    if os.waitpid(child, 0)[1]:
        sys.exit(f"Failed: {line}")
"""


class Clone:
    """A copy of the workflow in a separate folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        for name in WORKFLOW:
            source = REPO / name
            if source.is_dir() and not source.is_symlink():
                shutil.copytree(source, folder / name)
            else:
                shutil.copy2(source, folder / name, follow_symlinks=False)

    def run(self, *args: str, overlay: str = "tests.yaml"):
        """Run Snakemake there with `config.yaml` and an overlay next to it."""
        config = ["--configfile", "config.yaml", overlay]
        return self.snakemake("--cores", "2", *config, *args)

    def snakemake(self, *args: str):
        """Run Snakemake there."""
        return self.python("-m", "snakemake", *args)

    def dry_runs(self, commands: list[str]):
        """Dry runs there, one for each line of arguments, until one fails."""
        return self.python("-c", DRY_RUNS, text="\n".join(commands))

    def python(self, *args: str, text: str = ""):
        """Run Python there with a text as its input."""
        return subprocess.run(
            [sys.executable, *args],
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            env=self.environment,
        )

    def popen(self, *args: str, stdout=subprocess.PIPE) -> subprocess.Popen:
        """Start Snakemake there, in a separate process group."""
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *args],
            cwd=self.folder,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            start_new_session=True,
        )

    def would_run(self, overlay: str = "tests.yaml") -> set[str]:
        """Names of the rules that a dry run lists."""
        run = self.run("--dry-run", overlay=overlay)
        assert run.returncode == 0, run.stderr
        lines = (run.stdout + run.stderr).splitlines()
        return {line.split()[1][:-1] for line in lines if line.startswith("rule ")}

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text in a file of the clone, which must hold it."""
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new))


SMALL_RUN = """
datasets:
  higgsml: {files: toy, n_toy: 5000, apply: {again: {files: again.csv}}}
folds: {n_folds: 2}
training: {device: cpu}
range_test: {n_updates: 40}
evaluation: {n_replicas: 20}
models:
  mlp:
    n_members: 2
    n_epochs: 5
    batch_size: 32
    learning_rate: 0.02
    network: {depth: 1, width: 8}
    symmetry: {n_views: 2}
"""

# The same run without events to score, which need a file next to the configuration.
UNAPPLIED_RUN = SMALL_RUN.replace(", apply: {again: {files: again.csv}}", "")

# A second model and a blend, both only compared, and a fold that is only trained on.
STUDY_RUN = (
    SMALL_RUN.replace("n_folds: 2", "n_folds: 3, n_trained: 2")
    + """
  single: {like: mlp, n_members: 1, n_epochs: 2}
  blend: {kind: blend, of: [mlp, single]}
run: {compared: [single, blend]}
study:
  title: One and two
  question: Are two networks better than one?
  method: Both are trained.
  variations: Take three.
  merits: [private.ams, oof.auc]
  rows:
    - label: one
      dataset: higgsml
      model: single
      published: {private.ams: 9.0}
      source: here
    - {label: two, dataset: higgsml, model: mlp}
"""
)

# Columns that events without truth lack.
TRUTH = ("Label", "Weight", "KaggleSet", "KaggleWeight")


def write_again(folder: Path) -> None:
    """Write the toy events that the workflow generates there, without labels."""
    seed = yaml.safe_load((folder / "config.yaml").read_text())["seed"]
    raw = folder / "again.csv.gz"
    make_toys.make_toys("higgsml", 5000, seed, True, str(raw))
    pl.read_csv(raw).drop(TRUTH).write_csv(folder / "again.csv")
    raw.unlink()


def small_clone(folder: Path) -> Clone:
    """A copy of the workflow with the overlay of a run that takes seconds."""
    clone = Clone(folder)
    (folder / "tests.yaml").write_text(STUDY_RUN)
    write_again(folder)
    return clone


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    """A copy of the workflow without any results."""
    return small_clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Clone:
    """A copy of the workflow after a complete run; tests must not change it."""
    clone = small_clone(tmp_path_factory.mktemp("finished"))
    run = clone.run()
    assert run.returncode == 0, run.stdout + run.stderr
    clone.printed = run.stdout
    return clone
