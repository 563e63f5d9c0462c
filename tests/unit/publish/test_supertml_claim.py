"""Tests of publish.supertml_claim: luminosity counted twice, rows of the table."""

import math

import polars as pl
import public_sets
import pytest

from hepfold.analysis import score_tables
from hepfold.core import columns, metrics, parsing
from hepfold.publish import supertml_claim

CUT = 0.5
RECORD = {
    "model": "mlp",
    "cuts": {"ams": CUT},
    "toy": True,
    "normalization": parsing.as_dict(public_sets.HIGGSML),
    "settings": {"b_reg": 10.0},
    "public": {"ams": 1.1, "ams_unc": 0.1},
    "private": {"ams": 1.2, "ams_unc": 0.1},
}


@pytest.mark.parametrize("b_reg", [0.0, 10.0])
def test_unscaled_events_count_twice(scores, b_reg):
    """The ratio is the square root of two for b_reg = 0, and larger otherwise."""
    record = RECORD | {"settings": {"b_reg": b_reg}}
    row = supertml_claim.hepfold_row(scores, record)
    if b_reg == 0:
        assert row["ratio"] == pytest.approx(math.sqrt(2), rel=1e-12)
    else:
        assert math.sqrt(2) < row["ratio"] < 1.42


def test_subsets_of_equal_events_have_the_ams_of_one(scores):
    private = scores.filter(pl.col("subset") == columns.PRIVATE)
    public = private.with_columns(subset=pl.lit(columns.PUBLIC))
    row = supertml_claim.hepfold_row(pl.concat([public, private]), RECORD)
    one = score_tables.scored_events(private, columns.PRIVATE, public_sets.HIGGSML)
    expected = metrics.ams_at_cut(one.score, one.label, one.weight, CUT, 10.0)
    assert row["both"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", supertml_claim.SUBSETS)
def test_both_test_subsets_are_needed(name):
    assert supertml_claim.has_test_events(RECORD)
    record = {key: value for key, value in RECORD.items() if key != name}
    assert not supertml_claim.has_test_events(record)


def test_a_run_without_rows_is_explained():
    texts = supertml_claim.texts(supertml_claim.table([]))
    assert "no public and private events" in texts[".md"] and "4.00" in texts[".md"]


def test_published_figures_follow_in_every_format(scores):
    rows = [supertml_claim.hepfold_row(scores, RECORD)]
    table = supertml_claim.table(rows)
    assert table["who"][0] == "mlp" and len(table) == 1 + len(supertml_claim.PUBLISHED)
    texts = supertml_claim.texts(table)
    assert set(texts) == {".csv", ".md", ".html"}
    for text in texts.values():
        assert "3.979" in text and "1903.06246" in text and "toy events" in text
        assert "no public" not in text
