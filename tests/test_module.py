"""Tests of the import into other workflows: prefix, names of rules, a replaced rule."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import environments
import pytest
import yaml
from tests.conftest import REPO, SMALL_RUN, WORKFLOW, write_again

pytestmark = pytest.mark.analyses

# A workflow of another project: its settings have a section for this one, it makes the
# ROC figure itself, and continues with the figures of merit.
FOREIGN = """
configfile: workflow.source_path("analysis.yaml")

module hepfold:
    snakefile: "SNAKEFILE"
    config: config["hepfold"]
    prefix: "classifier"

use rule * from hepfold as hepfold_*

use rule ingest from hepfold as hepfold_ingest with:
    threads: 1

rule roc:
    output: *rules.hepfold_plot_roc.output
    shell: "touch {output}"

ruleorder: roc > hepfold_plot_roc

rule further:
    input: "made.csv"
    output: "again.csv"
    shell: "cp {input} {output}"

rule all:
    default_target: True
    input: "auc.txt"

rule auc:
    input:
        expand(rules.hepfold_evaluate.output.metrics, dataset="higgsml", model="mlp"),
        expand(hepfold.rules.ingest.output.train, dataset="higgsml"),
    output: "auc.txt"
    shell: "grep -o '\\"auc\\": [0-9.]*' {input[0]} > {output}"
"""
ADDRESS = "https://github.com/hepfold/hepfold"
# As `snakedeploy deploy-workflow` writes it, with a released version.
DEPLOYED = """
configfile: "config/config.yaml"

module hepfold:
    snakefile:
        github("hepfold/hepfold", path="workflow/Snakefile", tag="v0")
    config:
        config

use rule * from hepfold
"""


def small_settings() -> dict:
    """Settings of a run that takes seconds."""
    run = {"run": {"datasets": ["higgsml"], "models": ["mlp"]}}
    small = yaml.safe_load(SMALL_RUN)
    small["models"]["mlp"]["kind"] = "mlp"
    return run | small


def write_foreign(folder: Path, snakefile: Path) -> None:
    """Write a workflow that imports this one, and its settings."""
    (folder / "Snakefile").write_text(FOREIGN.replace("SNAKEFILE", str(snakefile)))
    settings = {"title": "foreign", "hepfold": small_settings()}
    (folder / "analysis.yaml").write_text(yaml.safe_dump(settings))


def started(folder: Path, *args: str, **variables: str) -> subprocess.CompletedProcess:
    """Snakemake after its end in a folder, with further environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *args],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | variables,
    )


def run(folder: Path, *args: str, **variables: str) -> str:
    """Output of Snakemake in a folder, which must end without error."""
    completed = started(folder, *args, **variables)
    output = completed.stdout + completed.stderr
    assert completed.returncode == 0, output
    return output


def jobs_of(output: str) -> dict[str, int]:
    """Number of jobs of each rule in the statistics of a run."""
    table = output.split("Job stats:\n")[1].split("\n\n")[0]
    return {name: int(n) for name, n in map(str.split, table.splitlines()[2:])}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory) -> Path:
    """Folder of a workflow of another project, which makes the events to score."""
    folder = tmp_path_factory.mktemp("foreign")
    write_foreign(folder, REPO / "workflow/Snakefile")
    shutil.copy2(REPO / "config.yaml", folder / "config.yaml")
    write_again(folder)
    (folder / "again.csv").rename(folder / "made.csv")
    return folder


@pytest.mark.workflow
def test_a_rule_of_another_workflow_uses_the_figures_of_merit(foreign):
    """The import runs through: toy events, two trainings, evaluation."""
    output = run(foreign)
    assert jobs_of(output) == {
        "hepfold_make_toys": 1,
        "hepfold_ingest": 1,
        "hepfold_train_fold": 2,
        "hepfold_evaluate": 1,
        "auc": 1,
        "all": 1,
        "total": 7,
    }
    assert float((foreign / "auc.txt").read_text().split()[1]) > 0.5
    assert (foreign / "classifier/results/metrics/higgsml/mlp.json").exists()
    assert not (foreign / "results").exists()


@pytest.mark.workflow
def test_all_results_have_the_prefix_and_declared_files_have_none(foreign):
    """The published folder needs every rule, further events and the replaced figure."""
    targets = "classifier/results/publish/README.md", "hepfold_all"
    output = run(foreign, "--dry-run", "--forceall", *targets)
    jobs = jobs_of(output)
    assert jobs["hepfold_publish"] == 1 and "hepfold_plot_roc" not in jobs
    others = {name for name in jobs if not name.startswith("hepfold_")}
    assert others == {"further", "roc", "total"}
    assert "classifier/classifier" not in output
    assert ", again.csv\n" in output
    lines = [line for line in output.splitlines() if line.startswith("    output:")]
    lines.remove("    output: again.csv")
    for line in lines:
        paths = line.removeprefix("    output: ").split(", ")
        assert all(path.startswith("classifier/results/") for path in paths), line


@pytest.mark.workflow
def test_results_are_in_the_working_directory_that_is_given(foreign, tmp_path):
    where = "--snakefile", str(foreign / "Snakefile"), "--directory", str(tmp_path)
    output = run(foreign.parent, *where, "classifier/results/raw/higgsml/toys.csv.gz")
    assert jobs_of(output) == {"hepfold_make_toys": 1, "total": 1}
    assert (tmp_path / "classifier/results/raw/higgsml/toys.csv.gz").exists()
    assert not (foreign.parent / "classifier").exists()


@pytest.mark.workflow
def test_the_workflow_itself_runs_from_any_folder(tmp_path):
    """The top-level file and that of the catalog have the same jobs."""
    jobs = []
    for name in ("Snakefile", "workflow/Snakefile"):
        where = "--snakefile", str(REPO / name), "--directory", str(tmp_path)
        overlay = str(REPO / "workflow/studies/demo.yaml")
        config = "--configfile", str(REPO / "config.yaml"), overlay
        jobs.append(jobs_of(run(tmp_path, "--dry-run", *where, *config)))
    assert jobs[0] == jobs[1]
    assert jobs[0]["all"] == 1


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """A git repository with a release of this workflow."""
    folder = tmp_path_factory.mktemp("server") / "hepfold"
    folder.mkdir()
    for name in (*WORKFLOW, "config", "LICENSE"):
        copy = shutil.copytree if (REPO / name).is_dir() else shutil.copy2
        copy(REPO / name, folder / name)
    author = "-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"
    for command in ("init --quiet", "add .", "commit -qm All", "tag v0"):
        subprocess.run(["git", *author, *command.split()], cwd=folder, check=True)
    return folder


@pytest.fixture
def deployed(tmp_path) -> Path:
    """A folder as `snakedeploy deploy-workflow` leaves it, for a small run."""
    folder = tmp_path / "deployed"
    (folder / "workflow").mkdir(parents=True)
    (folder / "config").mkdir()
    (folder / "workflow/Snakefile").write_text(DEPLOYED)
    settings = small_settings()
    del settings["datasets"]["higgsml"]["apply"]
    (folder / "config/config.yaml").write_text(yaml.safe_dump(settings))
    return folder


@pytest.mark.workflow
def test_a_release_runs_from_its_repository(repository, deployed, tmp_path):
    """Rules, scripts and the library; git reads the address of GitHub from a folder."""
    with (deployed / "workflow/Snakefile").open("a") as file:
        file.write('print("release:", *hepfold.release_of_workflow(None))')
    output = run(
        deployed,
        "results/folds/higgsml/train.h5",
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0=f"url.file://{repository}.insteadOf",
        GIT_CONFIG_VALUE_0=ADDRESS,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )
    assert jobs_of(output) == {"make_toys": 1, "ingest": 1, "total": 2}
    assert (deployed / "results/folds/higgsml/train.h5").exists()
    head = ["git", "show", "--no-patch", "--format=release: %H %cs", "HEAD"]
    release = subprocess.run(head, cwd=repository, capture_output=True, text=True)
    assert release.stdout in output


def test_snakedeploy_copies_settings_and_profiles(repository, tmp_path):
    """From a folder; the path in its Snakefile is relative to that folder."""
    python = environments.made(tmp_path / "environment", "snakedeploy==0.17.1")
    folder = tmp_path / "deployed"
    deploy = [python.parent / "snakedeploy", "deploy-workflow", repository, folder]
    subprocess.run([*deploy, "--tag", "v0"], check=True)
    snakefile = folder / "workflow/Snakefile"
    text = snakefile.read_text()
    assert '"workflow/Snakefile"' in text
    absolute = f'"{repository / "workflow/Snakefile"}"'
    snakefile.write_text(text.replace('"workflow/Snakefile"', absolute))
    profile = folder / "profiles/default/config.yaml"
    assert yaml.safe_load(profile.read_text())["rerun-incomplete"]
    settings = small_settings()
    del settings["datasets"]["higgsml"]["apply"]
    (folder / "config/config.yaml").write_text(yaml.safe_dump(settings))
    jobs = jobs_of(run(folder, "--dry-run"))
    assert jobs["train_fold"] == 2 and jobs["publish"] == 1


@pytest.mark.workflow
def test_other_addresses_are_rejected(repository, deployed):
    """Snakemake would copy single files, without the library that they import."""
    snakefile = deployed / "workflow/Snakefile"
    address = f'gitfile("{repository}"'
    text = snakefile.read_text().replace('github("hepfold/hepfold"', address)
    snakefile.write_text(text)
    completed = started(deployed, "--dry-run")
    assert completed.returncode == 1
    assert "hepfold cannot be imported from git+file://" in completed.stdout
    assert "give the path of a clone" in completed.stdout
