"""Tests of analysis.class_separation: signed sums in closed form, and limits."""

import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.analysis import class_separation
from hepfold.core import metrics

DECLARED = process_samples.DECLARED
GROUPS = process_samples.GROUPS
scores = process_samples.class_scores


def confusion(table: pl.DataFrame) -> pl.DataFrame:
    return class_separation.confusion(table, process_samples.EXPECTED, DECLARED, GROUPS)


@pytest.fixture(scope="module")
def rocs() -> pl.DataFrame:
    return class_separation.roc_curves(
        scores(), process_samples.EXPECTED, DECLARED, GROUPS, 50, 1, 1
    )


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


def test_the_area_is_that_of_the_class_against_all_others(rocs):
    table = scores().filter(subset="test")
    label = table["process"].is_in(GROUPS["other"]).to_numpy().astype(int)
    score = table["probability_other"].to_numpy().astype("f8")
    expected = metrics.auc(score, label, table["weight"].to_numpy())
    curve = rocs.filter(pl.col("class") == "other", subset="test")
    assert curve["auc"].unique().to_list() == [pytest.approx(expected, rel=1e-6)]
    assert 0 < curve["auc_unc"][0] < 0.05
    area = np.trapezoid(
        np.append(0, curve["signal_efficiency"]),
        np.append(0, curve["background_efficiency"]),
    )
    assert area == pytest.approx(expected, abs=0.01)


def test_each_class_has_a_curve_in_each_subset(rocs):
    keys = rocs.group_by("subset", "class").len()
    assert len(keys) == 2 * len(GROUPS) and keys["len"].n_unique() == 1
    assert rocs["signal_efficiency"].max() == 1.0


def test_a_class_without_positive_weights_is_left_out():
    negative = pl.when(pl.col("process").is_in(GROUPS["other"])).then(-0.001)
    table = scores().with_columns(weight=negative.otherwise(pl.col("weight")))
    rocs = class_separation.roc_curves(
        table, process_samples.EXPECTED, DECLARED, GROUPS, 5, 1, 1
    )
    assert set(rocs["class"]) == {"ttH", "top"}
    rows = confusion(table).filter(pl.col("class") == "other")
    assert rows["efficiency"].null_count() == len(rows)
