"""Tests of publish.phrases: parts of sentences."""

import pytest

from hepfold.publish import phrases


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), ("abc", "a, b and c")],
)
def test_lists_have_commas_and_a_conjunction(words, text):
    assert phrases.listing(words) == text


def test_counts_agree_with_their_noun():
    assert phrases.count(1, "fold") == "1 fold"
    assert phrases.count(10_000, "event") == "10,000 events"


def test_names_and_citations_are_markdown():
    assert phrases.names(["a", "b"]) == "`a` and `b`"
    assert phrases.cite("a2020", "b2021") == "[@a2020; @b2021]"


def test_a_paragraph_has_no_empty_sentences_and_short_lines():
    text = phrases.paragraph(["One.", "", "word " * 60])
    assert "One. word" in text
    assert max(map(len, text.splitlines())) <= phrases.WIDTH
