"""Tests of publish.ro_crate: crates that the rocrate package reads."""

import json

import pytest
import records
from rocrate.rocrate import ROCrate

from hepfold.publish import ro_crate

PATHS = [
    "README.md",
    "Snakefile",
    "config.yaml",
    "tables/comparison.tex",
    "figures/higgsml/mlp/roc.png",
    "figures/higgsml/mlp/roc.csv",
    "models/of another part.bin",
]


def read_again(repo, tmp_path, origin: dict = records.ORIGIN) -> ROCrate:
    files = {path: {"contentSize": "1"} for path in PATHS}
    captions, citation = {"roc": "A curve."}, records.citation(repo)
    crate = ro_crate.metadata(files, captions, citation, origin)
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(crate))
    return ROCrate(tmp_path)


def test_every_file_is_described(repo, tmp_path):
    crate = read_again(repo, tmp_path)
    files = {entity.id: entity for entity in crate.data_entities}
    assert set(files) == {path.replace(" ", "%20") for path in PATHS}
    for entity in files.values():
        assert entity["name"] and entity["description"] and entity["encodingFormat"]
    figure, numbers = (files[f"figures/higgsml/mlp/roc.{k}"] for k in ("png", "csv"))
    assert figure["description"] == "Figure, higgsml, mlp: A curve."
    assert numbers["description"].startswith("Numbers behind the figure")
    assert figure["encodingFormat"] == "image/png"


def test_the_run_has_workflow_data_and_results(repo, tmp_path):
    crate = read_again(repo, tmp_path)
    assert "ComputationalWorkflow" in crate.mainEntity.type
    assert crate.mainEntity["version"] == records.ORIGIN["commit"]
    run = crate.dereference("#run")
    assert run["instrument"] is crate.mainEntity
    data, config = run["object"]
    assert config.id == "config.yaml"
    assert data["identifier"] == "https://doi.org/10.7483/OPENDATA.ATLAS.ZBP2.M5T8"
    assert data["license"]["name"] == "CC0-1.0"
    assert len(run["result"]) == len(PATHS) - 2


def test_authors_license_and_date_are_those_of_the_commit(repo, tmp_path):
    crate = read_again(repo, tmp_path)
    assert crate.creator["name"] == "The hepfold developers"
    assert crate.license["name"] == "MIT"
    assert crate.root_dataset["datePublished"] == records.ORIGIN["date"]
    profiles = [profile.id for profile in crate.root_dataset["conformsTo"]]
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles


def test_toy_events_have_no_doi_and_no_license(repo, tmp_path):
    toy = records.ORIGIN | {"data": {"higgsml": {"toy": True}}}
    data = read_again(repo, tmp_path, toy).dereference("#data_higgsml")
    assert "Toy events" in data["description"]
    assert "identifier" not in data and "license" not in data


def test_a_data_set_without_a_reference_has_what_it_declares(repo, tmp_path):
    crate = read_again(repo, tmp_path, of_private("CC-BY-4.0"))
    data = crate.dereference("#data_tth")
    assert (data["name"], data["license"]) == ("ttH", "CC-BY-4.0")
    assert "creditText" not in data and "identifier" not in data


def of_private(license_name: str | None) -> dict:
    declared = {"title": "ttH", "citation": None, "license": license_name}
    config = records.ORIGIN["config"] | {"datasets": {"tth": declared}}
    return records.ORIGIN | {"config": config, "data": {"tth": {"toy": False}}}


@pytest.mark.parametrize("declared", ["CC-BY-4.0", None])
def test_results_of_private_events_are_not_credited_to_the_workflow(
    repo, tmp_path, declared
):
    crate = read_again(repo, tmp_path, of_private(declared))
    assert crate.license == (declared or ro_crate.NO_LICENSE)
    assert "creator" not in crate.root_dataset
    assert crate.mainEntity["license"]["name"] == "MIT"
    assert crate.mainEntity["creator"]["name"] == "The hepfold developers"


def test_the_same_results_give_the_same_crate(repo):
    files = {path: {} for path in PATHS}
    one, two = (
        ro_crate.metadata(files, {}, records.citation(repo), records.ORIGIN)
        for _ in range(2)
    )
    assert json.dumps(one) == json.dumps(two)
