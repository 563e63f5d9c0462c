"""Tests of reana.yaml: what it uploads, and the command that it runs."""

import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.conftest import REPO

SPECIFICATION = yaml.safe_load((REPO / "reana.yaml").read_text())
(STEP,) = SPECIFICATION["workflow"]["specification"]["steps"]
INPUTS = SPECIFICATION["inputs"]


def test_all_inputs_exist():
    assert all((REPO / name).is_file() for name in INPUTS["files"])
    assert all((REPO / name).is_dir() for name in INPUTS["directories"])
    assert (REPO / INPUTS["parameters"]["overlay"]).is_file()


def test_the_image_has_the_version_of_the_workflow():
    citation = yaml.safe_load((REPO / "CITATION.cff").read_text())
    assert STEP["environment"].endswith(f"hepfold:{citation['version']}")
    assert "WORKDIR /hepfold\n" in (REPO / "envs/Containerfile").read_text()


@pytest.mark.analyses
def test_the_command_runs_with_the_uploaded_files_alone(tmp_path):
    """In an empty folder, with this repository in place of that of the image."""
    for name in [*INPUTS["files"], INPUTS["parameters"]["overlay"]]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((REPO / name).read_bytes())
    (command,) = STEP["commands"]
    command = string.Template(command).substitute(INPUTS["parameters"])
    command = command.replace("/hepfold/", f"{REPO}/")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-c", f"{command} --dry-run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (folder,) = SPECIFICATION["outputs"]["directories"]
    assert f"{folder}/README.md" in run.stdout + run.stderr
