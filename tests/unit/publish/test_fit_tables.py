"""Tests of publish.fit_tables: the breakdown, effects, and what is blinded."""

import polars as pl
import pytest

from hepfold.publish import fit_tables

RECORD = {
    "dataset": "tth",
    "model": "mlp",
    "data": "Asimov",
    "has_recorded": True,
    "mu": 1.0,
    "mu_unc": 0.21,
    "observed": None,
    "breakdown": [
        {"uncertainties": "data statistics", "significance": 5.1234}
        | {"upper_limit": 0.4321, "mu_unc": 0.2}
    ],
}


def test_the_breakdown_is_rounded():
    text = fit_tables.breakdown(RECORD)
    assert "| data statistics " in text
    assert " 5.123 " in text and " 0.432 " in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Recorded events of tth are blinded"),
        ({"has_recorded": False}, "Without recorded events (tth)"),
        ({"data": "recorded"}, "Recorded events of tth are not blinded"),
    ],
)
def test_the_section_says_what_the_fits_are_of(changes, expected):
    text = fit_tables.section([RECORD | changes, RECORD | changes | {"model": "b"}])
    assert expected in " ".join(text.split())
    assert "`mlp` on tth" in text and "`b` on tth" in text
    assert "mu = 1.00 ± 0.21" in text


def test_observed_results_are_shown():
    observed = {"discovery_significance": 4.2, "upper_limit": 1.7}
    text = fit_tables.section([RECORD | {"observed": observed, "data": "recorded"}])
    assert "observed significance 4.20, observed limit mu < 1.70" in text


def test_without_fits_there_is_no_section():
    assert fit_tables.section([]) == ""


def test_effects_have_a_row_each():
    row = {
        "systematic": "jes",
        "channel": "SR",
        "process": "ttW",
        "up": 1.031,
        "down": 0.97,
        "shape_size": 0.002,
        "normalization_rule": "two-sided",
        "shape_rule": "mirrored",
        "normalization": "kept",
        "shape": "pruned",
    }
    text = fit_tables.effects(pl.DataFrame([row]))
    assert "+3.10%" in text and "-3.00%" in text
    assert "two-sided, kept" in text and "mirrored, pruned" in text
    assert fit_tables.effects(pl.DataFrame()).startswith("No systematic variations")
