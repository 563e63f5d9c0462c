"""Tests of analysis.auc_covariance: DeLong's closed form, and the bootstrap."""

import numpy as np
import pytest

from hepfold.analysis import auc_covariance, bootstrap, delong, score_tables
from hepfold.core import metrics


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of two related models with ties, labels, and weights, some negative."""
    rng = np.random.default_rng(1)
    label = (rng.random(3000) < 0.4).astype("i1")
    common = rng.normal(label)
    scores = common + 0.7 * rng.normal(size=(2, len(label)))
    weight = rng.exponential(size=len(label)) * rng.choice([1, 1, 1, -0.2], len(label))
    return scores.round(1), label, weight


def test_an_influence_is_the_derivative_of_the_auc(sample):
    scores, label, weight = sample
    influences = auc_covariance.influences(scores[0], label, weight)
    assert influences.sum() == pytest.approx(0, abs=1e-12)
    step = 1e-5
    for i in (0, 1, 2, 3):
        changed = weight.copy()
        changed[i] *= 1 + step
        before, after = (metrics.auc(scores[0], label, w) for w in (weight, changed))
        assert (after - before) / step == pytest.approx(influences[i], rel=1e-3)


def test_equal_weights_give_the_uncertainty_of_delong(sample):
    scores, label, _ = sample
    areas, covariance = auc_covariance.aucs(scores, label, np.ones(len(label)))
    placements = [delong.placements(score, label) for score in scores]
    away, unc = delong.difference(*placements, label)
    assert areas[0] - areas[1] == pytest.approx(away)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    # DeLong divides by n - 1, here of about 1,200 and 1,800 events.
    assert variance == pytest.approx(unc**2, rel=1e-3)


@pytest.mark.slow
def test_the_covariance_is_that_of_the_bootstrap(sample):
    scores, label, weight = sample
    areas, covariance = auc_covariance.aucs(scores, label, weight)
    replicas = np.stack(
        [
            bootstrap.resampled(
                score_tables.ScoredEvents(score, label, weight), 1000, 1, 1
            ).area[:, 0]
            for score in scores
        ]
    )
    assert areas == pytest.approx(replicas[:, 0])
    # Five standard deviations of a variance from a thousand replicas.
    np.testing.assert_allclose(covariance, np.cov(replicas[:, 1:]), rtol=0.22)
