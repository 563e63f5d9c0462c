"""Tests of analysis.class_separation: signed sums in closed form, and limits."""

import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.analysis import class_separation

DECLARED = process_samples.DECLARED
GROUPS = process_samples.GROUPS
scores = process_samples.class_scores


def confusion(table: pl.DataFrame) -> pl.DataFrame:
    return class_separation.confusion(table, process_samples.EXPECTED, DECLARED, GROUPS)


def test_each_row_of_the_matrix_sums_to_its_class():
    table = confusion(scores())
    assert len(table) == 2 * 9
    rows = table.group_by("subset", "class").agg(
        pl.sum("after", "efficiency"), pl.first("before")
    )
    np.testing.assert_allclose(rows["efficiency"], 1, rtol=1e-12)
    np.testing.assert_allclose(rows["after"], rows["before"], rtol=1e-12)


def test_expected_events_are_signed_sums():
    table, of_test = confusion(scores()), scores().filter(subset="test")
    row = table.filter(pl.col("class") == "top", chosen="other", subset="test")
    probability = of_test.select(pl.col("^probability_.*$")).to_numpy()
    of_class = of_test["process"].is_in(GROUPS["top"]).to_numpy()
    weight = of_test["weight"].to_numpy()[of_class & (probability.argmax(1) == 2)]
    assert (weight < 0).any()
    assert row["after"][0] == pytest.approx(weight.sum(), rel=1e-9)
    assert row["after_unc"][0] == pytest.approx(np.sqrt((weight**2).sum()), rel=1e-9)
    assert row["n_events"][0] == len(weight)


def test_certain_probabilities_confuse_no_class():
    table = confusion(scores(noise=0.0))
    is_same = pl.col("class") == pl.col("chosen")
    np.testing.assert_allclose(table.filter(is_same)["efficiency"], 1)
    assert table.filter(~is_same)["after"].to_list() == [0.0] * 12


def test_a_class_without_positive_weights_has_no_efficiency():
    negative = pl.when(pl.col("process").is_in(GROUPS["other"])).then(-0.001)
    table = scores().with_columns(weight=negative.otherwise(pl.col("weight")))
    rows = confusion(table).filter(pl.col("class") == "other")
    assert rows["efficiency"].null_count() == len(rows)
