"""Tests of analysis.delong: it agrees with AUC, toys and bootstrap."""

import numpy as np
import pytest

from hepfold.analysis import bootstrap, delong, score_tables
from hepfold.core import metrics


def scores(seed: int, n: int = 600, noise: float = 0.7) -> tuple[np.ndarray, ...]:
    """Label of events and scores of two related models."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.4).astype("i1")
    common = rng.normal(label)
    return label, *(common + noise * rng.normal(size=n) for _ in range(2))


def difference(seed: int, **options) -> tuple[float, float]:
    label, first, second = scores(seed, **options)
    placements = [delong.placements(score, label) for score in (first, second)]
    return delong.difference(*placements, label)


def test_the_mean_placement_of_each_class_is_the_auc():
    label, score, _ = scores(1)
    score = score.round(1)
    placements = delong.placements(score, label)
    auc = metrics.auc(score, label, np.ones(len(score)))
    for value in (0, 1):
        assert placements[label == value].mean() == pytest.approx(auc)


def test_placements_of_a_few_events():
    """Scores 3, 2, 1 of signal and 2, 0 of background; the tie counts one half."""
    placements = delong.placements(
        np.array([3, 2, 1, 2, 0.0]), np.array([1, 1, 1, 0, 0])
    )
    np.testing.assert_allclose(placements, [1, 0.75, 0.5, 0.5, 1])


def test_equal_models_do_not_differ():
    assert difference(1, noise=0.0) == (0.0, 0.0)


@pytest.mark.slow
def test_the_uncertainty_is_the_spread_of_differences():
    values, uncs = np.transpose([difference(seed) for seed in range(400)])
    assert values.mean() == pytest.approx(0, abs=4 * values.std() / 20)
    assert uncs.mean() == pytest.approx(values.std(), rel=0.1)


@pytest.mark.slow
def test_it_agrees_with_the_paired_bootstrap():
    label, *both = scores(3, n=4000)
    aucs = []
    for score in both:
        events = score_tables.ScoredEvents(score, label, np.ones(len(label)))
        aucs.append(bootstrap.resampled(events, 500, 1, 1).area[:, 1])
    replicas = aucs[0] - aucs[1]
    value, unc = difference(3, n=4000)
    assert value == pytest.approx(replicas[0])
    assert unc == pytest.approx(replicas[1:].std(), rel=0.1)
