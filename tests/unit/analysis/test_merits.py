"""Tests of analysis.merits.

What is judged, at which cut, and with which uncertainty.
"""

import math

import numpy as np
import polars as pl
import pytest
from tests.conftest import EVALUATION

from hepfold.analysis import merits, score_tables
from hepfold.core import metrics
from hepfold.data import datasets

DEFINITION = datasets.HIGGSML
NAMES = {
    *("auc", "log_loss", "accuracy", "rejection_30", "rejection_70"),
    *("auc_weighted", "log_loss_weighted", "accuracy_weighted"),
    *("rejection_30_weighted", "rejection_70_weighted"),
    *("ams", "significance", "significance_syst"),
}


def judged(scores, cut="smoothed", **changes):
    settings = EVALUATION | {"cut": cut} | changes
    return merits.figures_of_merit(scores, DEFINITION, 10.0, settings, seed=1)


def test_every_subset_has_every_figure_with_its_uncertainty(scores):
    mixed = pl.col("event_id") * 53 % 300 / 300
    found = judged(scores.with_columns(score=(pl.col("score") + mixed) / 2))
    assert set(found) == {"cut", "oof", "public", "private"}
    for subset in ("oof", "public", "private"):
        names = NAMES | ({"max_ams"} if subset == "oof" else set())
        uncertainties = {f"{name}_unc" for name in names}
        assert set(found[subset]) == {"n_events"} | names | uncertainties
        # In some replicas of so few events no background passes with them.
        for name in names - {"rejection_30", "rejection_30_weighted"}:
            assert 0 < found[subset][f"{name}_unc"] < math.inf, name


def test_a_maximum_over_test_cuts_is_not_reported(scores):
    found = judged(scores)
    assert "max_ams" not in found["public"] and "max_ams" not in found["private"]
    assert found["oof"]["ams"] <= found["oof"]["max_ams"]


def test_the_plain_cut_gives_the_maximum(scores):
    found = judged(scores, cut="plain")["oof"]
    assert found["ams"] == pytest.approx(found["max_ams"])


@pytest.mark.parametrize("cut", ["plain", "smoothed"])
def test_cut_is_chosen_without_test_events(scores, cut):
    """Whatever the test scores are, the cut stays; they are judged at that cut."""
    found = judged(scores, cut)
    is_test = pl.col("subset") != "train"
    swapped = scores.with_columns(
        score=pl.when(is_test).then(1 - pl.col("score")).otherwise("score")
    )
    other = judged(swapped, cut)
    assert other["cut"] == found["cut"]
    assert other["oof"] == found["oof"]
    assert other["private"]["ams"] < found["private"]["ams"]
    private = score_tables.judged_subsets(scores, DEFINITION)["private"]
    assert found["private"]["ams"] == metrics.ams_at_cut(
        private.score, private.label, private.weight, found["cut"], 10.0
    )


def test_train_events_alone_are_judged_out_of_fold_alone(scores):
    assert set(judged(scores.filter(subset="train"))) == {"oof", "cut"}


def test_scaling_all_weights_changes_nothing(scores):
    found = judged(scores.with_columns(pl.col("weight") * 8))
    expected = judged(scores)
    assert found.pop("cut") == expected.pop("cut")
    for subset, values in expected.items():
        assert found[subset] == pytest.approx(values)


def test_the_order_of_events_changes_no_value(scores):
    found, expected = judged(scores.sample(fraction=1, shuffle=True, seed=1)), None
    expected = judged(scores)
    assert found.pop("cut") == expected.pop("cut")
    for subset, values in expected.items():
        for name in {*NAMES, "n_events"}:
            assert found[subset][name] == pytest.approx(values[name]), name


def test_an_event_of_weight_two_equals_two_events(scores):
    heavy = pl.col("event_id") % 7 == 0
    doubled = scores.with_columns(
        weight=pl.when(heavy).then(2 * pl.col("weight")).otherwise("weight")
    )
    expected = judged(pl.concat([scores, scores.filter(heavy)]), cut="plain")
    found = judged(doubled, cut="plain")
    assert found.pop("cut") == expected.pop("cut")
    for subset, values in expected.items():
        for name in [name for name in NAMES if name.endswith("_weighted")]:
            assert found[subset][name] == pytest.approx(values[name]), name
        assert found[subset]["significance"] == pytest.approx(values["significance"])


def test_weighted_accuracy_takes_both_classes_as_equal(scores):
    """All events called signal: all of one class right, all of the other wrong."""
    found = judged(scores.with_columns(score=0.5 + pl.col("score") / 2))
    assert found["oof"]["accuracy_weighted"] == pytest.approx(0.5)
    assert found["oof"]["accuracy"] == pytest.approx(0.5)
    rare = scores.filter((pl.col("label") == 0) | (pl.col("event_id") % 4 == 1))
    found = judged(rare.with_columns(score=0.5 + pl.col("score") / 2))
    assert found["oof"]["accuracy_weighted"] == pytest.approx(0.5)
    assert found["oof"]["accuracy"] < 0.4


def test_what_is_infinite_is_null(scores):
    """No background passes where a third of the signal does."""
    apart = scores.with_columns(score=pl.col("score") / 2 + pl.col("label") / 2)
    found = judged(apart)["oof"]
    assert found["auc"] == 1.0
    assert found["rejection_30"] is None and found["rejection_30_unc"] is None


def test_same_seed_same_values_and_another_other_uncertainties(scores):
    assert judged(scores) == judged(scores)
    found, other = (
        merits.figures_of_merit(scores, DEFINITION, 10.0, EVALUATION, seed)
        for seed in (1, 2)
    )
    assert found["oof"]["auc"] == other["oof"]["auc"]
    assert found["oof"]["auc_unc"] != other["oof"]["auc_unc"]
    ratio = np.log(found["oof"]["auc_unc"] / other["oof"]["auc_unc"])
    assert abs(ratio) < 1


def test_working_points_name_their_rejections(scores):
    found = judged(scores, working_points=[0.995, 0.7])["oof"]
    rejections = {name for name in found if name.startswith("rejection_")}
    names = {"rejection_99.5", "rejection_70"}
    weighted = {f"{name}_weighted" for name in names}
    assert rejections == {
        name + end for name in names | weighted for end in ("", "_unc")
    }
