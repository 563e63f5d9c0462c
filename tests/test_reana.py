"""Tests of reana.yaml: what it uploads, and the command that it runs."""

import json
import os
import string
import subprocess
import sys
import tarfile
from pathlib import Path

import environments
import jsonschema
import pytest
import yaml
from tests.conftest import REPO

SPECIFICATION = yaml.safe_load((REPO / "reana.yaml").read_text())
(STEP,) = SPECIFICATION["workflow"]["specification"]["steps"]
SCHEMA = "/validation/schemas/reana_analysis_schema.json"
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
def test_it_satisfies_the_schema_of_reana(tmp_path):
    """That of `reana-client validate`, without unknown properties."""
    package = environments.downloaded(tmp_path, "reana-commons==0.9.11")
    with tarfile.open(package) as archive:
        (name,) = (n for n in archive.getnames() if n.endswith(SCHEMA))
        schema = json.load(archive.extractfile(name))
    kind = jsonschema.validators.validator_for(schema)
    assert list(kind(schema).iter_errors(SPECIFICATION)) == []
    wrong = SPECIFICATION | {"workflow": {"type": "serial"}}
    assert list(kind(schema).iter_errors(wrong))


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
