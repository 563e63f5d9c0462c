"""Tests of analysis.fold_scores: differences of folds are noticed, and taken out."""

import numpy as np
import polars as pl
import pytest
from fold_samples import adjusted, fold

from hepfold.analysis import fold_scores
from hepfold.core import metrics


def column(part: pl.DataFrame, name: str = "score") -> np.ndarray:
    return part[name].to_numpy()


def auc(part: pl.DataFrame) -> float:
    return metrics.auc(*(column(part, name) for name in ("score", "label", "weight")))


def test_raw_scores_stay_as_they_are():
    part = fold(0)
    assert fold_scores.comparable([part], "raw")(part) is part


def test_ranks_of_a_single_fold_change_nothing():
    (part,) = adjusted([fold(0)])
    np.testing.assert_allclose(column(part), column(fold(0)), atol=1e-12)


def test_ranks_keep_the_order_within_a_fold():
    parts = [fold(0), fold(1, power=3.0)]
    for before, after in zip(parts, adjusted(parts), strict=True):
        order = np.argsort(column(before))
        assert (np.diff(column(after)[order]) >= 0).all()
        train = pl.col("subset") == "train"
        assert auc(after.filter(train)) == pytest.approx(auc(before.filter(train)))


def test_a_rising_function_of_the_scores_of_a_fold_is_taken_out():
    """Both folds have the background of the same distribution afterwards."""
    one, other = adjusted([fold(0, 20_000), fold(1, 20_000, power=3.0)])
    is_background = (pl.col("label") == 0) & (pl.col("subset") == "train")
    parts = [part.filter(is_background) for part in (one, other)]
    for cut in (0.1, 0.3, 0.6):
        passing = [
            np.average(column(part) >= cut, weights=column(part, "weight"))
            for part in parts
        ]
        assert passing[0] == pytest.approx(passing[1], abs=2e-3)


def test_test_events_have_the_map_of_their_fold():
    """It is that of the training events: equal scores stay equal."""
    part = fold(0)
    twins = part.with_columns(subset=pl.lit("test"))
    train = part.with_columns(subset=pl.lit("train"))
    parts = [pl.concat([train, twins]), fold(1, power=2.0)]
    first = adjusted(parts)[0]
    half = len(part)
    np.testing.assert_array_equal(column(first)[:half], column(first)[half:])


def test_maps_do_to_further_scores_what_is_done_to_those_of_folds():
    parts = [fold(0), fold(1, power=3.0)]
    maps = fold_scores.maps(parts)
    for part, after, change in zip(parts, adjusted(parts), maps, strict=True):
        np.testing.assert_array_equal(change(column(part)), column(after))


def test_pooled_auc_of_different_folds_gets_back_that_of_equal_ones():
    parts = [fold(i, power=p) for i, p in enumerate((0.2, 1.0, 5.0))]
    alike = pl.concat(fold(i) for i in range(3))
    assert auc(pl.concat(parts)) < auc(alike) - 0.02
    assert auc(pl.concat(adjusted(parts))) == pytest.approx(auc(alike), abs=0.005)


def test_ties_and_ends_are_kept():
    score = [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    part = pl.DataFrame({"score": score, "label": [0, 1] * 3, "subset": "train"})
    (after,) = adjusted([part.with_columns(weight=pl.lit(1.0))])
    np.testing.assert_allclose(column(after), score)


def test_negative_weights_keep_the_map_rising():
    part = fold(0).with_columns(
        weight=pl.when(pl.int_range(pl.len()) % 7 == 0)
        .then(-pl.col("weight"))
        .otherwise("weight")
    )
    levels = fold_scores.levels(fold_scores.background(part))
    assert (np.diff(levels.score) > 0).all() and (np.diff(levels.fraction) > 0).all()
