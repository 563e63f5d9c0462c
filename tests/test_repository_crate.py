"""Tests of the crate of the repository, which the rocrate package reads."""

import json
import sys

import pytest
import records
from rocrate.rocrate import ROCrate

VERSIONS = {"snakemake": "9.0", "pytest": "8.0"}


@pytest.fixture
def crate(repo, tmp_path) -> ROCrate:
    """The crate as it is read from its file."""
    sys.path.insert(0, str(repo / "workflow/schemas"))
    import repository_crate

    sys.path.pop(0)
    metadata = repository_crate.metadata(records.citation(repo), VERSIONS)
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(metadata))
    return ROCrate(tmp_path)


def test_every_part_exists_and_is_described(repo, crate):
    """Otherwise, the crate of a release would list files that it lacks."""
    for entity in crate.data_entities:
        path = repo / entity.id
        assert path.is_dir() if entity.id.endswith("/") else path.is_file(), path
        assert entity["name"] and entity["description"]


def test_the_test_suite_is_that_of_the_main_workflow(crate):
    workflow = crate.mainEntity
    assert workflow.id == "workflow/Snakefile"
    assert "ComputationalWorkflow" in workflow.type
    assert workflow["programmingLanguage"]["version"] == "9.0"
    suite = crate.root_dataset["mentions"]
    assert suite["mainEntity"] is workflow
    definition = suite["definition"]
    assert set(definition.type) == {"File", "TestDefinition"}
    assert definition["engineVersion"] == "8.0"
    assert definition["conformsTo"]["name"] == "pytest"


def test_license_version_and_date_are_those_of_the_citation(repo, crate):
    citation = records.citation(repo)
    assert crate.license["name"] == citation["license"] == "MIT"
    assert crate.mainEntity["version"] == citation["version"]
    assert crate.root_dataset["datePublished"] == str(citation["date-released"])


def test_the_profiles_are_declared(crate):
    declared = crate.metadata["conformsTo"]
    assert declared == [
        "https://w3id.org/ro/crate/1.1",
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
        "https://w3id.org/ro/wftest/0.1",
    ]
