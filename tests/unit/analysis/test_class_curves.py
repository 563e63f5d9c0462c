"""Tests of analysis.class_curves: areas in closed form, and classes left out."""

import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.analysis import class_curves
from hepfold.core import metrics

DECLARED = process_samples.DECLARED
GROUPS = process_samples.GROUPS
scores = process_samples.class_scores


@pytest.fixture(scope="module")
def rocs() -> pl.DataFrame:
    return class_curves.roc_curves(
        scores(), process_samples.EXPECTED, DECLARED, GROUPS, 50, 1, 1
    )


@pytest.mark.slow
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
    rocs = class_curves.roc_curves(
        table, process_samples.EXPECTED, DECLARED, GROUPS, 5, 1, 1
    )
    assert set(rocs["class"]) == {"ttH", "top"}
