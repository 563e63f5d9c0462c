"""Tests of publish.bibliography: the works that a text cites, and no others."""

import records

from hepfold.publish import bibliography

REFERENCES = """% A comment.

@article{a2020,
  title = {A {nested} title},
  year = {2020}
}

@misc{b2021,
  title = {B}
}
"""


def test_keys_are_read_from_groups_of_citations_alone():
    texts = ["As in [@a2020; @b2021].", "Mail a@example.org, or [@c1]."]
    assert bibliography.cited_keys(texts) == {"a2020", "b2021", "c1"}


def test_only_cited_works_are_listed(repo):
    citation = records.citation(repo)
    text = bibliography.text(["a2020"], REFERENCES, citation, "0" * 40)
    assert text == REFERENCES.split("\n\n")[1] + "\n"


def test_workflow_and_data_sets_have_entries(repo):
    citation = records.citation(repo)
    cited = {bibliography.WORKFLOW, bibliography.key_of_data("higgs")}
    text = bibliography.text(cited, REFERENCES, citation, "abc")
    assert set(bibliography.entries(text)) == cited
    assert "note = {commit abc}" in text and "10.24432/C5V312" in text
    assert "author = {Daniel Whiteson}" in text
    assert "author = {{The hepfold developers}}" in text


def test_the_file_of_the_workflow_is_read_whole(repo):
    text = (repo / "workflow/references.bib").read_text()
    entries = bibliography.entries(text)
    assert len(entries) == text.count("\n@") and "chen2016" in entries
    for entry in entries.values():
        assert entry.count("{") == entry.count("}")
        assert "title = {" in entry and "author = {" in entry and "year = {" in entry
