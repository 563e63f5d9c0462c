"""Tests of analysis.bootstrap: replicas are repeated events; their spread is right."""

from statistics import NormalDist

import numpy as np
import pytest

from hepfold.analysis import bootstrap, bootstrap_kernels
from hepfold.core import metrics
from hepfold.data import weights

POINTS, CUT, B_REG = [0.7, 0.3], 0.6, 10.0


def sample(n: int = 600, seed: int = 0, distance: float = 1.0):
    """Score, with ties, label and weight of events of two Gaussians."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.4).astype("i1")
    score = 1 / (1 + np.exp(-rng.normal(distance * label, 1)))
    weight = rng.lognormal(0, 0.5, n) * np.where(label == 1, 0.5, 20.0)
    return score.round(3), label, weight


def merits(events, n_replicas=5, seed=1, cut=CUT, **options):
    settings = {"cut": cut, "b_reg": B_REG, "background_uncertainty": 0.1}
    return bootstrap.merits(
        *events,
        working_points=POINTS,
        n_replicas=n_replicas,
        seed=seed,
        **settings,
        **options,
    )


def repeated(events, replica: int, seed: int = 1):
    """The events of a replica, one by one, their weights scaled to those of all."""
    counts = np.empty(len(events[0]), "u1")
    positions = np.arange(len(counts))
    bootstrap_kernels.draw(np.uint64(seed), np.uint64(replica), positions, counts)
    score, label, weight = (np.repeat(values, counts) for values in events)
    full = metrics.class_sums(events[1], events[2])
    return score, label, weights.scale_to_full(weight, label, *full)


@pytest.mark.parametrize("replica", range(5))
def test_a_replica_has_the_merits_of_its_repeated_events(replica):
    events = sample()
    score, label, weight = repeated(events, replica)
    ones, balanced = np.ones(len(score)), weights.balance(weight, label)
    _, s, b = metrics.passing_sums(score, label, weight)
    _, n_s, n_b = metrics.passing_sums(score, label, ones)
    passes = score >= CUT
    s_cut, b_cut = metrics.class_sums(label[passes], weight[passes])
    expected = {
        "auc": metrics.auc(score, label, ones),
        "auc_weighted": metrics.auc(score, label, weight),
        "log_loss": metrics.log_loss(score, label, ones),
        "log_loss_weighted": metrics.log_loss(score, label, balanced),
        "accuracy": metrics.accuracy(score, label, ones),
        "accuracy_weighted": metrics.accuracy(score, label, balanced),
        "rejection_30": metrics.background_rejection(n_s, n_b, 0.3),
        "rejection_30_weighted": metrics.background_rejection(s, b, 0.3),
        "rejection_70": metrics.background_rejection(n_s, n_b, 0.7),
        "rejection_70_weighted": metrics.background_rejection(s, b, 0.7),
        "max_ams": metrics.ams(s, b, B_REG).max(),
        "ams": metrics.ams_at_cut(score, label, weight, CUT, B_REG),
        "significance": float(metrics.significance(s_cut, b_cut)),
        "significance_syst": float(
            metrics.significance_syst(s_cut, b_cut, 0.1 * b_cut)
        ),
    }
    found = {name: values[replica] for name, values in merits(events).items()}
    assert found == pytest.approx(expected, rel=1e-9)


def test_bands_are_the_curves_of_repeated_events():
    events = sample()
    points, cuts = np.array([0.9, 0.0, 0.5, 1.0]), np.array([0.2, 1.5, 0.9, 0.55])
    roc = bootstrap.roc_band(*events, points, n_replicas=4, seed=1)
    ams = bootstrap.ams_band(*events, cuts, B_REG, n_replicas=4, seed=1)
    assert roc.shape == ams.shape == (4, 4)
    for replica in range(4):
        here = repeated(events, replica)
        _, s, b = metrics.passing_sums(*here)
        wanted = [1 / metrics.background_rejection(s, b, x) for x in points]
        np.testing.assert_allclose(roc[replica], wanted)
        wanted = [metrics.ams_at_cut(*here, cut, B_REG) for cut in cuts]
        np.testing.assert_allclose(ams[replica], wanted)


def test_curves_and_merits_share_their_replicas():
    events = sample()
    found = merits(events, n_replicas=7)
    roc = bootstrap.roc_band(*events, np.array([0.3]), n_replicas=7, seed=1)
    np.testing.assert_allclose(1 / roc[:, 0], found["rejection_30_weighted"])
    ams = bootstrap.ams_band(*events, np.array([CUT]), B_REG, n_replicas=7, seed=1)
    np.testing.assert_array_equal(ams[:, 0], found["ams"])


def test_threads_and_number_of_replicas_change_no_replica():
    events = sample()
    one, two = merits(events, n_replicas=9), merits(events, n_replicas=9, threads=3)
    few = merits(events, n_replicas=3)
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])
        np.testing.assert_array_equal(values[:3], few[name])
    assert (merits(events, n_replicas=9, seed=2)["auc"] != one["auc"]).all()


def test_a_rising_function_of_the_score_changes_no_rank():
    score, label, weight = sample()
    one, other = merits((score, label, weight)), merits((score**3, label, weight))
    for name in ("auc", "auc_weighted", "rejection_30", "max_ams"):
        np.testing.assert_array_equal(one[name], other[name])


def test_models_on_the_same_events_differ_by_less_than_apart():
    """A second model that is the first and a little noise shares most of its spread."""
    score, label, weight = sample(2000)
    noisy = np.clip(score + np.random.default_rng(1).normal(0, 0.02, 2000), 0, 1)
    one = merits((score, label, weight), n_replicas=100)["auc"]
    other = merits((noisy, label, weight), n_replicas=100)["auc"]
    assert (one - other).std() < 0.5 * np.hypot(one.std(), other.std())


def test_a_class_that_chance_leaves_out_makes_no_number():
    score, label = np.array([0.1, 0.6, 0.9]), np.array([0, 0, 1])
    found = merits((score, label, np.ones(3)), n_replicas=100)
    lacking = np.isnan(found["auc"])
    assert 0.2 < lacking.mean() < 0.8
    for name, values in found.items():
        assert np.isnan(values[lacking]).all(), name


def test_uncertainty_of_the_accuracy_is_binomial():
    """Every event right with the same probability: sqrt(p (1 - p) / n)."""
    rng = np.random.default_rng(5)
    label = rng.integers(0, 2, 4000)
    score = np.where(rng.random(4000) < 0.8, label, 1 - label) * 0.8 + 0.1
    found = merits((score, label, np.ones(4000)), n_replicas=1000)["accuracy"]
    assert found.std() == pytest.approx(np.sqrt(0.8 * 0.2 / 4000), rel=0.1)


def covered(truth: dict, n_experiments: int = 300) -> dict[str, float]:
    """Part of experiments in which value +- uncertainty holds the true value."""
    hits = dict.fromkeys(truth, 0)
    for seed in range(n_experiments):
        score, label, weight = sample(600, seed=seed)
        weight = weights.scale_to_full(weight, label, 300.0, 8000.0)
        found = merits((score, label, weight), n_replicas=100, cut=0.75)
        _, s, b = metrics.passing_sums(score, label, weight)
        values = {
            "auc": metrics.auc(score, label, np.ones(600)),
            "auc_weighted": metrics.area(s, b),
            "ams": metrics.ams_at_cut(score, label, weight, 0.75, B_REG),
            "rejection_70_weighted": metrics.background_rejection(s, b, 0.7),
        }
        for name, true in truth.items():
            hits[name] += abs(values[name] - true) < found[name].std(ddof=1)
    return {name: n / n_experiments for name, n in hits.items()}


def test_intervals_cover_the_truth_in_two_of_three_experiments():
    """Of two Gaussians; within three binomial standard deviations of 68 %."""
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
