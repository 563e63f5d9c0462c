"""Tests of data.folds: folds depend only on event id and seed."""

import itertools

import numpy as np
import pytest

from hepfold.core import logs
from hepfold.data import event_arrays, folds


def test_fold_depends_on_id_and_seed_alone():
    ids = np.arange(1000)
    whole = folds.assign(ids, seed=3, n_folds=5)
    order = np.random.default_rng(0).permutation(1000)
    np.testing.assert_array_equal(folds.assign(ids[order], 3, 5), whole[order])
    parts = [folds.assign(part, 3, 5) for part in np.array_split(ids, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert (folds.assign(ids, seed=4, n_folds=5) != whole).any()


def test_folds_are_the_same_on_every_machine():
    """Fixed values: a change would move events between the folds of old results."""
    fold = folds.assign(np.array([100000, 100001, 100002, 2**40]), 20140512, 10)
    assert fold.tolist() == [6, 5, 6, 2]


@pytest.mark.parametrize("n_folds", [2, 5, 10])
@pytest.mark.parametrize("step", [1, 2, 1000])
def test_folds_are_equal_to_within_statistics(n_folds, step):
    """Size and class mix of a fold are within five standard deviations."""
    n = 100_000
    fold = folds.assign(step * np.arange(n), seed=1, n_folds=n_folds)
    label = np.random.default_rng(5).random(n) < 0.34
    for of_class in (label, ~label):
        count = np.bincount(fold[of_class], minlength=n_folds)
        expected = of_class.sum() / n_folds
        sigma = np.sqrt(expected * (1 - 1 / n_folds))
        assert abs(count - expected).max() < 5 * sigma


def test_more_folds_than_events_are_rejected():
    with pytest.raises(
        logs.InputError, match="n_folds is 4, but there are only 3 train"
    ):
        folds.check_classes(np.array([[1, 0], [0, 1], [1, 0], [0, 0]]))


def test_a_fold_without_signal_is_rejected():
    with pytest.raises(logs.InputError, match="fold 1 of 2 has no signal event"):
        folds.check_classes(np.array([[5, 3], [6, 0]]))


def test_seeds_of_folds_differ():
    seeds = {folds.fold_seed(seed, fold) for seed in range(50) for fold in range(50)}
    assert len(seeds) == 2500


@pytest.mark.parametrize("n_test", [0, 1, 4, 5, 9])
def test_the_last_events_become_test_events_in_any_division(n_test):
    n = np.arange(10)
    whole = event_arrays.Events(n[:, None], n, n, n, np.zeros(10, "u1"))
    for ends in ([0, 10], [0, 3, 3, 4, 10], [*range(11)]):
        parts = [whole.rows(*pair) for pair in itertools.pairwise(ends)]
        marked = event_arrays.concatenated(list(folds.last_as_test(parts, n_test)))
        assert marked.event_id.tolist() == n.tolist()
        assert np.flatnonzero(~folds.is_train(marked)).tolist() == [*n[10 - n_test :]]
    with pytest.raises(logs.InputError, match="is 10, but there are only 10 "):
        list(folds.last_as_test([whole], 10))


def weight_sums(weight, n_folds: int = 2) -> folds.WeightSums:
    """Sums of eight training events, then four test and two unused events."""
    subset = np.repeat([0, 4, 3], [8, 4, 2]).astype("u1")
    n = len(subset)
    part = event_arrays.Events(
        inputs=np.zeros((n, 1), "f4"),
        label=(np.arange(n) % 2).astype("i1"),
        weight=np.asarray(weight, "f4"),
        event_id=np.arange(n),
        subset=subset,
    )
    sums = folds.WeightSums(n_folds)
    for rows in (np.arange(5), np.arange(5, n)):
        sums.add(part.take(rows), part.event_id[rows] // 2 % n_folds)
    return sums


def test_positive_sums_of_signed_weights_are_accepted():
    weight = np.tile([3, 3, 3, 3, -1, -1, -2, -2], 2)[:14]
    weight[8:12] = [3, 3, -2, -2]
    weight[12:] = -1
    weight_sums(weight).check()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({2: -2, 6: 1}, "fold 1 of 2: the background weights of 2 events sum to -1;"),
        ({1: -1}, "fold 0 of 2: the signal weights of 2 events sum to 0;"),
        ({9: -4}, "subset test: the signal weights of 2 events sum to -3;"),
    ],
)
def test_a_class_without_a_positive_sum_is_rejected_before_training(changed, message):
    weight = np.ones(14)
    for place, value in changed.items():
        weight[place] = value
    with pytest.raises(logs.InputError, match=message) as error:
        weight_sums(weight).check()
    assert "\n" not in str(error.value)
