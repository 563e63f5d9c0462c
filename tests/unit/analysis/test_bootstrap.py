"""Tests of analysis.bootstrap.

The sample has the figures of merit in closed form, a replica those of its repeated
events, and the spread of the replicas is right.
"""

from statistics import NormalDist

import numpy as np
import pytest

from hepfold.analysis import bootstrap, bootstrap_kernels, cut_choice, score_tables
from hepfold.core import metrics
from hepfold.data import weights

POINTS, CUT, B_REG = [0.7, 0.3], 0.6, 10.0


def events_of(score, label, weight=None) -> score_tables.ScoredEvents:
    score, label = np.asarray(score, "f8"), np.asarray(label)
    weight = np.ones(len(score)) if weight is None else np.asarray(weight)
    return score_tables.ScoredEvents(score, label, weight)


def sample(n: int = 600, seed: int = 0, distance: float = 1.0):
    """Events of two Gaussians with a few equal scores."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.4).astype("i1")
    score = 1 / (1 + np.exp(-rng.normal(distance * label, 1)))
    weight = rng.lognormal(0, 0.5, n) * np.where(label == 1, 0.5, 20.0)
    return events_of(score.round(3), label, weight)


def merits(events, n_replicas=5, seed=1, cut=CUT, points=POINTS, threads=1):
    cuts = dict.fromkeys(cut_choice.FIGURES, cut)
    definition = bootstrap.Definition(points, cuts, B_REG, 0.1)
    return bootstrap.merits(events, definition, n_replicas, seed, threads).by_name


def values(events, **options) -> dict[str, float]:
    """Figures of merit of the sample itself."""
    by_name = merits(events, n_replicas=0, **options)
    return {name: value for name, (value,) in by_name.items()}


def repeated(events, replica: int, seed: int = 1) -> score_tables.ScoredEvents:
    """The events of a replica, one by one, their weights scaled to those of all."""
    counts = np.empty(len(events.score), "u1")
    positions = np.arange(len(counts))
    bootstrap_kernels.draw(np.uint64(seed), np.uint64(replica), positions, counts)
    score, label = np.repeat(events.score, counts), np.repeat(events.label, counts)
    full = metrics.class_sums(events.label, events.weight)
    weight = weights.scale_to_full(np.repeat(events.weight, counts), label, *full)
    return events_of(score, label, weight)


def test_values_are_those_of_the_metrics():
    events = sample()
    score, label, weight = events.score, events.label, events.weight
    ones, balanced = np.ones(len(score)), weights.balance(weight, label)
    _, s, b = metrics.passing_sums(score, label, weight)
    passes = score >= CUT
    s_cut, b_cut = metrics.class_sums(label[passes], weight[passes])
    b_unc = 0.1 * b_cut
    expected = {
        "auc": metrics.auc(score, label, ones),
        "auc_weighted": metrics.auc(score, label, weight),
        "log_loss": metrics.log_loss(score, label, ones),
        "log_loss_weighted": metrics.log_loss(score, label, balanced),
        "accuracy": metrics.accuracy(score, label, ones),
        "accuracy_weighted": metrics.accuracy(score, label, balanced),
        "max_ams": metrics.ams(s, b, B_REG).max(),
        "ams": metrics.ams_at_cut(score, label, weight, CUT, B_REG),
        "significance": float(metrics.significance(s_cut, b_cut)),
        "significance_syst": float(metrics.significance_syst(s_cut, b_cut, b_unc)),
    }
    by_name = values(events, points=[])
    assert by_name == pytest.approx(expected, rel=1e-12)


def test_maximum_without_b_reg_is_infinite_where_no_background_passes():
    events = events_of([0.9, 0.5, 0.1], [1, 0, 1])
    sums = bootstrap.resampled(events, 0, seed=1, threads=1, b_reg=0.0)
    assert sums.max_ams[0] == np.inf


@pytest.mark.parametrize("efficiency", [0.3, 0.5, 0.9])
def test_rejection_of_two_gaussians(efficiency):
    unit, distance = NormalDist(), 1.5
    grid = np.array([unit.inv_cdf((i + 0.5) / 20_000) for i in range(20_000)])
    events = events_of(np.append(grid + distance, grid), np.repeat([1, 0], 20_000))
    by_name = values(events, points=[efficiency])
    passing = unit.cdf(unit.inv_cdf(efficiency) - distance)
    for end in ("", "_weighted"):
        name = metrics.rejection_name(efficiency) + end
        assert by_name[name] == pytest.approx(1 / passing, rel=0.01)


def test_a_roc_curve_is_straight_between_cuts():
    """Two events of signal, then two that tie with the background: weights 1 and 3."""
    events = events_of([3, 3, 2, 2, 2, 2], [1, 1, 1, 1, 0, 0], [1, 1, 3, 3, 2, 8])
    points = np.array([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
    sums = bootstrap.resampled(events, 0, seed=1, threads=1, points=points)
    weighted, counted = sums.background_efficiency[0]
    np.testing.assert_allclose(weighted, [0, 0, 0, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(counted, [0, 0, 0, 0, 0.5, 1])


def test_a_rejection_of_all_background_is_infinite():
    """Also where negative weights leave less than no background."""
    events = events_of([4, 3, 2, 1], [1, 0, 1, 0], [1, -1, 1, 5])
    by_name = values(events, points=[0.5, 0.75])
    assert by_name["rejection_50"] == by_name["rejection_50_weighted"] == np.inf
    assert by_name["rejection_75"] == 2.0 and by_name["rejection_75_weighted"] == np.inf


@pytest.mark.parametrize("replica", range(5))
def test_a_replica_has_the_merits_of_its_repeated_events(replica):
    events = sample()
    replicas = {name: values[1 + replica] for name, values in merits(events).items()}
    expected = values(repeated(events, replica))
    assert replicas == pytest.approx(expected, rel=1e-9)


def test_sums_at_cuts_are_those_of_repeated_events():
    events, cuts = sample(), np.array([1.5, 0.9, 0.55, 0.2])
    sums = bootstrap.resampled(events, 4, seed=1, threads=1, cuts=cuts)
    s, b = bootstrap.scaled_sums(sums, events)
    assert s.shape == b.shape == (5, 4)
    for row, sample_of_row in enumerate(
        [events, *(repeated(events, i) for i in range(4))]
    ):
        for i, cut in enumerate(cuts):
            passes = sample_of_row.score >= cut
            label, weight = sample_of_row.label[passes], sample_of_row.weight[passes]
            expected = metrics.class_sums(label, weight)
            assert (s[row, i], b[row, i]) == pytest.approx(expected)


def test_threads_and_number_of_replicas_change_no_replica():
    events = sample()
    one, two = merits(events, n_replicas=9), merits(events, n_replicas=9, threads=3)
    few = merits(events, n_replicas=3)
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])
        np.testing.assert_array_equal(values[:4], few[name])
    differs = merits(events, n_replicas=9, seed=2)["auc"] != one["auc"]
    assert differs.tolist() == [False] + [True] * 9


def test_a_rising_function_of_the_score_changes_no_rank():
    events = sample()
    other = merits(events_of(events.score**3, events.label, events.weight))
    one = merits(events)
    for name in ("auc", "auc_weighted", "rejection_30", "max_ams"):
        np.testing.assert_array_equal(one[name], other[name])


def test_models_on_the_same_events_differ_by_less_than_apart():
    """The first model with a little noise shares most of its fluctuations."""
    events = sample(2000)
    noise = np.random.default_rng(1).normal(0, 0.02, 2000)
    noisy = events_of((events.score + noise).clip(0, 1), events.label, events.weight)
    one = merits(events, n_replicas=100)["auc"][1:]
    other = merits(noisy, n_replicas=100)["auc"][1:]
    assert (one - other).std() < 0.5 * np.hypot(one.std(), other.std())


def test_a_replica_without_events_of_a_class_is_nan():
    by_name = merits(events_of([0.1, 0.6, 0.9], [0, 0, 1]), n_replicas=100)
    lacking = np.isnan(by_name["auc"])
    assert 0.2 < lacking.mean() < 0.8
    for name, values in by_name.items():
        assert np.isnan(values[lacking]).all(), name


def test_uncertainty_of_the_accuracy_is_binomial():
    """Every event right with the same probability: sqrt(p (1 - p) / n)."""
    rng = np.random.default_rng(5)
    label = rng.integers(0, 2, 4000)
    score = np.where(rng.random(4000) < 0.8, label, 1 - label) * 0.8 + 0.1
    by_name = merits(events_of(score, label), n_replicas=1000)["accuracy"]
    assert by_name[1:].std() == pytest.approx(np.sqrt(0.8 * 0.2 / 4000), rel=0.1)


def covered(truth: dict, n_experiments: int = 300) -> dict[str, float]:
    """Fraction of experiments in which value +- uncertainty covers the true value."""
    hits = dict.fromkeys(truth, 0)
    for seed in range(n_experiments):
        events = sample(600, seed=seed)
        weight = weights.scale_to_full(events.weight, events.label, 300.0, 8000.0)
        events = events_of(events.score, events.label, weight)
        by_name = merits(events, n_replicas=100, cut=0.75)
        for name, true in truth.items():
            value, replicas = by_name[name][0], by_name[name][1:]
            hits[name] += abs(value - true) < replicas.std(ddof=1)
    return {name: n / n_experiments for name, n in hits.items()}


@pytest.mark.slow
def test_intervals_cover_the_truth_in_two_of_three_experiments():
    """For two Gaussians, within three binomial standard deviations of 68 %."""
    unit = NormalDist()
    cut = np.log(0.75 / 0.25)
    s, b = 300 * (1 - unit.cdf(cut - 1)), 8000 * (1 - unit.cdf(cut))
    auc = unit.cdf(1 / np.sqrt(2))
    truth = {
        "auc": auc,
        "auc_weighted": auc,
        "ams": float(metrics.ams(s, b, B_REG)),
        "rejection_70_weighted": 1 / unit.cdf(unit.inv_cdf(0.7) - 1),
    }
    allowed = 3 * np.sqrt(0.683 * 0.317 / 300)
    for name, part in covered(truth).items():
        assert part == pytest.approx(0.683, abs=allowed), name
