"""Tests of analysis.training_spread: variances of known trainings are recovered."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import training_spread
from hepfold.analysis.training_spread import FoldScores

N, SD = 100, 0.02


def part(i_fold: int, score: np.ndarray, subset: str = "train") -> pl.DataFrame:
    """Events of a fold; those of tests have the same ids in all folds."""
    first = 1000 * i_fold if subset == "train" else 10**6
    return pl.DataFrame(
        {
            "fold": i_fold,
            "event_id": first + np.arange(len(score)),
            "subset": subset,
            "label": np.arange(len(score)) % 2,
            "weight": 1.0,
            "score": score,
        }
    )


def mean_score(table: pl.DataFrame) -> dict[str, float]:
    """A figure of merit that is linear in the scores."""
    return {"mean": table.filter(subset="train")["score"].mean()}


def mean_of_tests(table: pl.DataFrame) -> dict[str, float]:
    return {"mean": table.filter(subset="test")["score"].mean()}


def mean_of_folds(of_fold: list[dict[str, float]]) -> dict[str, float]:
    return {"mean": np.mean([values["mean"] for values in of_fold])}


def trained(n_folds: int, n_members: int, seed: int, subset="train") -> FoldScores:
    """Members whose scores are shifted at random, each by the same for all events."""
    shift = np.random.default_rng(seed).normal(0.5, SD, (n_folds, n_members))
    parts = [part(i, np.full(N, s.mean()), subset) for i, s in enumerate(shift)]
    groups = [np.tile(s, (N, 1)) for s in shift]
    return FoldScores(parts, lambda i: groups[i] if n_members > 1 else None)


def of_members(folds: FoldScores, events: dict[str, float] | None = None):
    of_fold = training_spread.of_folds(folds, mean_score)
    return training_spread.out_of_fold(
        folds, of_fold, events or {}, mean_score, mean_of_folds
    )


def test_jackknife_of_a_mean_is_its_variance():
    values = np.random.default_rng(1).normal(size=12)
    left_out = [{"a": (values.sum() - v) / 11} for v in values]
    variance = training_spread.jackknife(left_out)["a"]
    assert variance == pytest.approx(values.var(ddof=1) / 12)
    assert training_spread.jackknife([]) == {}


@pytest.mark.slow
def test_members_give_the_variance_of_the_mean_over_folds():
    """For 3 folds of 4 members each, the variance of a mean of 12, on average."""
    results = [of_members(trained(3, 4, seed)) for seed in range(300)]
    assert {source for _, source in results} == {"members"}
    variances = [variance["mean"] for variance, _ in results]
    assert np.mean(variances) == pytest.approx(SD**2 / 12, rel=0.1)


@pytest.mark.slow
def test_one_fold_suffices_if_it_has_members():
    variances = [of_members(trained(1, 4, seed))[0]["mean"] for seed in range(300)]
    assert np.mean(variances) == pytest.approx(SD**2 / 4, rel=0.15)


def test_folds_of_single_networks_give_their_spread_beyond_that_of_events():
    variance, source = of_members(trained(5, 1, 1), {"mean": 0.0})
    scores = [p["score"][0] for p in trained(5, 1, 1).parts]
    assert source == "folds"
    assert variance["mean"] == pytest.approx(np.var(scores, ddof=1) / 5)
    assert of_members(trained(5, 1, 1), {"mean": 1.0})[0] == {"mean": 0.0}


def test_a_single_network_tells_nothing_of_its_training():
    assert of_members(trained(1, 1, 1)) == ({}, None)
    folds = trained(1, 1, 1, "test")
    assert training_spread.of_tests(folds, "test", mean_of_tests) == ({}, None)


def test_folds_with_few_events_are_not_evaluated():
    few = FoldScores([part(i, np.full(10, 0.5)) for i in range(3)])
    assert training_spread.of_folds(few, mean_score) == []
    assert of_members(few) == ({}, None)


@pytest.mark.slow
def test_test_events_leave_out_folds():
    """The mean over 6 folds has the variance of one divided by 6."""
    variances = []
    for seed in range(300):
        folds = trained(6, 1, seed, "test")
        variance, source = training_spread.of_tests(folds, "test", mean_of_tests)
        assert source == "folds"
        variances.append(variance["mean"])
    assert np.mean(variances) == pytest.approx(SD**2 / 6, rel=0.1)


@pytest.mark.slow
def test_test_events_of_one_fold_leave_out_members():
    variances = []
    for seed in range(300):
        folds = trained(1, 5, seed, "test")
        variance, source = training_spread.of_tests(folds, "test", mean_of_tests)
        assert source == "members"
        variances.append(variance["mean"])
    assert np.mean(variances) == pytest.approx(SD**2 / 5, rel=0.15)


def test_the_order_of_test_events_does_not_matter():
    score = np.random.default_rng(2).random((2, N))
    parts = [part(i, s, "test") for i, s in enumerate(score)]
    shuffled = [parts[0], parts[1].sample(fraction=1, shuffle=True, seed=1)]
    tables = [list(FoldScores(p).test_without_folds("test")) for p in (parts, shuffled)]
    for one, other in zip(*tables, strict=True):
        np.testing.assert_allclose(one["score"], other["score"])
    np.testing.assert_allclose(tables[0][0]["score"], score[1])


def test_scores_without_members_are_made_comparable():
    halved = FoldScores(
        [part(0, np.full(N, 0.4))],
        lambda i: np.tile([0.2, 0.6], (N, 1)),
        lambda table: table.with_columns(pl.col("score") / 2),
    )
    scores = [table["score"][0] for table in halved.without_members(0)]
    assert scores == pytest.approx([0.3, 0.1])


def test_a_maximum_has_no_jackknife():
    assert training_spread.stacked([{"max_ams": 1.0, "auc": 2.0}]).keys() == {"auc"}


def test_folds_are_left_out_together_with_their_events():
    parts = trained(3, 1, 1).parts
    left_out = list(FoldScores(parts).without_folds())
    assert [set(table["fold"]) for table in left_out] == [{1, 2}, {0, 2}, {0, 1}]
