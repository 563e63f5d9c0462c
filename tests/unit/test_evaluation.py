"""Tests of hepfold.evaluation: what is judged, on which events, with which cut."""

import numpy as np
import polars as pl
import pytest

from hepfold import datasets, evaluation, logs, metrics

DEFINITION = datasets.HIGGSML


def test_every_subset_has_the_full_sums(scores):
    for events in evaluation.judged_subsets(scores, DEFINITION).values():
        s = events.weight[events.label == 1].sum()
        b = events.weight[events.label == 0].sum()
        assert s == pytest.approx(DEFINITION.signal_sum)
        assert b == pytest.approx(DEFINITION.background_sum)


def test_cut_is_chosen_without_test_events(scores):
    """Whatever the test scores are, the cut stays; they are judged at that cut."""
    merits = evaluation.figures_of_merit(scores, DEFINITION, b_reg=10.0)
    is_test = pl.col("subset") != "train"
    swapped = scores.with_columns(
        score=pl.when(is_test).then(1 - pl.col("score")).otherwise("score")
    )
    other = evaluation.figures_of_merit(swapped, DEFINITION, b_reg=10.0)
    assert other["cut"] == merits["cut"]
    assert other["oof"] == merits["oof"]
    assert other["private"]["ams"] < merits["private"]["ams"]
    private = evaluation.judged_subsets(scores, DEFINITION)["private"]
    assert merits["private"]["ams"] == metrics.ams_at_cut(
        private.score, private.label, private.weight, merits["cut"], 10.0
    )


def test_a_maximum_over_test_cuts_is_not_reported(scores):
    merits = evaluation.figures_of_merit(scores, DEFINITION, b_reg=10.0)
    assert "max_ams" not in merits["public"] and "max_ams" not in merits["private"]
    assert "ams" not in merits["oof"]


def test_train_events_alone_are_judged_out_of_fold_alone(scores):
    oof = scores.filter(pl.col("subset") == "train")
    merits = evaluation.figures_of_merit(oof, DEFINITION, b_reg=10.0)
    assert set(merits) == {"oof", "cut"}


def test_scaling_all_weights_changes_nothing(scores):
    scaled = scores.with_columns(pl.col("weight") * 7)
    found = evaluation.figures_of_merit(scaled, DEFINITION, b_reg=10.0)
    expected = evaluation.figures_of_merit(scores, DEFINITION, b_reg=10.0)
    assert found["oof"]["max_ams"] == pytest.approx(expected["oof"]["max_ams"])


def test_merged_scores_are_out_of_fold_and_mean(scores):
    first = scores.with_columns(fold=0)
    oof_of_second = first.filter(pl.col("subset") == "train").with_columns(
        fold=1, event_id=pl.col("event_id") + 1000
    )
    test_of_second = first.filter(pl.col("subset") != "train").with_columns(
        fold=1, score=pl.col("score") + 0.2
    )
    merged = evaluation.merge_scores([first, oof_of_second, test_of_second])
    is_test = merged["subset"] != "train"
    assert merged["event_id"].n_unique() == len(merged)
    assert merged["fold"].is_null().to_list() == is_test.to_list()
    expected = first.filter(pl.col("subset") != "train")["score"] + 0.1
    np.testing.assert_allclose(merged.filter(is_test)["score"], expected)


def test_a_class_that_a_subset_lacks_is_refused(scores):
    lacking = scores.filter((pl.col("subset") != "public") | (pl.col("label") == 0))
    with pytest.raises(logs.InputError, match="signal weights"):
        evaluation.figures_of_merit(lacking, DEFINITION, b_reg=10.0)
