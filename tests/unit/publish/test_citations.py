"""Tests of publish.citations: CITATION.cff has complete references."""

import public_sets
import records

from hepfold.publish import citations


def test_every_data_set_can_be_cited(repo):
    citation = records.citation(repo)
    for name in public_sets.DECLARED:
        entry = citations.reference(citation, name)
        text = citations.of_data(entry)
        assert entry["title"] in text and str(entry["year"]) in text
        assert text.endswith(f"https://doi.org/{entry['doi']}")
        assert citations.license_address(entry).startswith(
            "https://spdx.org/licenses/CC"
        )


def test_an_unknown_data_set_has_no_reference(repo):
    assert citations.reference(records.citation(repo), "tth") is None


def test_people_and_groups_are_named():
    entry = {
        "authors": [{"name": "A group"}, {"family-names": "B", "given-names": "A"}]
    }
    assert citations.authors(entry) == ["A group", "A B"]


def test_the_workflow_is_cited_with_its_commit(repo):
    text = citations.of_workflow(records.citation(repo), "0123+")
    assert "hepfold" in text and text.endswith("commit 0123+")
