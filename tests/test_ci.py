"""Tests of what runs elsewhere: lanes, GitHub Actions, templates and the container."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.conftest import REPO

GITHUB = REPO / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yaml"))
# Files by the name of their schema, of those that check-jsonschema has.
SCHEMAS = {
    "vendor.citation-file-format": ["CITATION.cff"],
    "vendor.github-workflows": [str(path.relative_to(REPO)) for path in WORKFLOWS],
    "vendor.github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "vendor.github-issue-forms": [
        ".github/ISSUE_TEMPLATE/bug.yaml",
        ".github/ISSUE_TEMPLATE/idea.yaml",
    ],
}


def linted(program: str, *args: str) -> subprocess.CompletedProcess:
    """A linter of this environment after its end in the repository."""
    command = [Path(sys.executable).parent / program, *args]
    return subprocess.run(command, cwd=REPO, capture_output=True, text=True)


def lanes() -> list[str]:
    """Lanes that .ci/run runs without a name, in order."""
    text = (REPO / ".ci/run").read_text()
    return re.search(r"lanes=\((.*)\)", text)[1].split()


def targets() -> set[str]:
    """Targets of the Makefile."""
    return set(re.findall(r"^([\w-]+):", (REPO / "Makefile").read_text(), re.MULTILINE))


def jobs(path) -> dict[str, dict]:
    """Jobs of a workflow of GitHub Actions."""
    return yaml.safe_load(path.read_text())["jobs"]


def test_every_target_with_tests_is_a_lane():
    assert {name for name in targets() if name.startswith("test")} <= set(lanes())
    assert {"quick", *lanes()} <= targets()


def test_every_lane_runs_on_push_or_every_night():
    """The text of the commands, with each value of a matrix."""
    run = set()
    for path in WORKFLOWS:
        for job in jobs(path).values():
            matrix = job.get("strategy", {}).get("matrix", {}).get("lane", [])
            for command in (step.get("run", "") for step in job["steps"]):
                name = command.partition(".ci/run ")[2]
                run |= set(matrix) if "matrix.lane" in name else {name}
    assert run - {""} == {"quick", *lanes()}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_limits_and_no_rights_to_write(path):
    whole = yaml.safe_load(path.read_text())
    assert whole["permissions"] == {"contents": "read"}
    for job in whole["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            assert re.fullmatch(
                r"actions/[\w-]+@v\d+", step.get("uses", "actions/x@v1")
            )


@pytest.mark.parametrize("name", ["bug", "idea"])
def test_issue_forms_name_each_question_once(name):
    form = yaml.safe_load((GITHUB / f"ISSUE_TEMPLATE/{name}.yaml").read_text())
    questions = [entry["id"] for entry in form["body"]]
    assert len(set(questions)) == len(questions)
    assert any(entry.get("validations", {}).get("required") for entry in form["body"])


@pytest.mark.parametrize("names", [[], ["quick"], ["test", "test-slurm"]])
def test_lanes_run_in_the_order_given_and_without_names_all(names, tmp_path):
    """`make` is replaced by a program that prints its target."""
    program = tmp_path / "make"
    program.write_text('#!/bin/sh\necho "$1"\n')
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    command = [REPO / ".ci/run", *names]
    run = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PATH": path}
    )
    assert run.stdout.split() == (names or lanes())


def test_an_unknown_lane_stops_before_the_first(tmp_path):
    run = subprocess.run(
        [REPO / ".ci/run", "quick", "fast"], capture_output=True, text=True
    )
    assert run.returncode == 2 and "No lane 'fast'" in run.stderr
    assert run.stdout == ""


@pytest.mark.slow
@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_follow_their_schema(schema):
    run = linted("check-jsonschema", "--builtin-schema", schema, *SCHEMAS[schema])
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_the_recipe_of_the_container_is_clean():
    run = linted("hadolint", "envs/Containerfile")
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_base_of_the_container_can_be_named_by_digest():
    text = (REPO / "envs/Containerfile").read_text()
    assert re.search(r"^ARG BASE=docker.io/library/python:[\w.-]+$", text, re.M)
    assert "\nFROM ${BASE}\n" in text
