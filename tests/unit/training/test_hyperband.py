"""Tests of training.hyperband: numbers of trials, and that the best survive."""

import itertools

import pytest

from hepfold.training import hyperband


def test_numbers_are_those_of_the_algorithm():
    """Li et al. 2018 take 81 epochs and factor 3 as their example."""
    brackets = hyperband.brackets(81, 3)
    assert {s: rungs[0] for s, rungs in brackets.items()} == {
        4: (81, 1),
        3: (34, 3),
        2: (15, 9),
        1: (8, 27),
        0: (5, 81),
    }
    assert brackets[4] == [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)]
    assert brackets[3] == [(34, 3), (11, 9), (3, 27), (1, 81)]


def test_epochs_are_whole_where_the_factor_does_not_divide():
    assert hyperband.brackets(10, 3) == {
        2: [(9, 1), (3, 3), (1, 10)],
        1: [(5, 3), (1, 10)],
        0: [(3, 10)],
    }


@pytest.mark.parametrize("factor", [2, 3, 4, 7])
def test_every_bracket_has_about_the_same_budget(factor):
    """(s_max + 1) R, except that the first number of trials is rounded up."""
    for power in range(5):
        most = factor**power
        for s, rungs in hyperband.brackets(most, factor).items():
            spent = sum(n_trials * n_epochs for n_trials, n_epochs in rungs)
            assert spent <= (power + 1) * most + (s + 1) * most / factor**s
            assert len(rungs) == s + 1


@pytest.mark.parametrize(
    ("most", "factor"), [(1, 3), (2, 3), (5, 9), (100, 3), (243, 3), (1000, 2)]
)
def test_rungs_narrow_down_to_all_epochs(most, factor):
    for rungs in hyperband.brackets(most, factor).values():
        assert rungs[-1].n_epochs == most and rungs[0].n_epochs >= 1
        for i, (first, second) in enumerate(itertools.pairwise(rungs)):
            assert second.n_trials == max(1, rungs[0].n_trials // factor ** (i + 1))
            assert second.n_epochs > first.n_epochs


@pytest.mark.parametrize("n", [1, 2, 12])
def test_there_are_no_more_trials_than_candidates(n):
    for rungs in hyperband.brackets(81, 3, n).values():
        assert rungs[0].n_trials <= n
        assert all(rung.n_trials >= 1 for rung in rungs)


def test_no_candidate_is_tried_twice_before_all_are():
    candidates = list(range(12))
    plan = hyperband.brackets(10, 3, len(candidates))
    firsts = [hyperband.first_candidates(plan, candidates, s) for s in (2, 1, 0)]
    assert all(len(set(first)) == len(first) for first in firsts)
    assert set(list(itertools.chain(*firsts))[:12]) == set(candidates)


def test_the_best_survive_in_any_order():
    merits = {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}
    for order in itertools.permutations(merits):
        kept = hyperband.survivors(list(order), [merits[name] for name in order], 2)
        assert kept == ["a", "b"]


def test_a_trial_that_diverged_survives_last_and_of_equals_the_first():
    kept = hyperband.survivors(["a", "b", "c", "d"], [None, -1.0, 0.5, 0.5], 4)
    assert kept == ["c", "d", "b", "a"]
