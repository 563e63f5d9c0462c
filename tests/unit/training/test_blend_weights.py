"""Tests of training.blend_weights: the minimum, its limits and invariances."""

import logging

import numpy as np
import pytest
from scipy import special

from hepfold.training import blend_weights

N = 4000


def events(seed: int = 0, n: int = N):
    """Logits of two parts with independent errors, labels, and event weights."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, n)
    mean = np.outer([1.0, 0.7], 2 * label - 1)
    logit = mean + rng.normal(size=(2, n))
    return logit, label, rng.uniform(0.5, 1.5, n)


def loss(values, logit, label, weight) -> float:
    """Weighted log loss by its definition."""
    p = special.expit(values[:-1] @ logit + values[-1])
    of_events = -np.log(np.where(label == 1, p, 1 - p))
    return np.average(of_events, weights=weight)


def test_gaussian_parts_have_the_weights_of_the_likelihood_ratio():
    """Means +-m and unit widths have the logit 2 m x: coefficients 2 and 1.4."""
    values, _ = blend_weights.minimum(*events(n=100_000))
    np.testing.assert_allclose(values, [2.0, 1.4, 0], atol=0.04)
    fit = blend_weights.fitted(*events(n=100_000))
    np.testing.assert_allclose(fit.weights, [2 / 3.4, 1.4 / 3.4], atol=0.01)


def test_no_step_in_any_direction_lowers_the_loss():
    logit, label, weight = events()
    best, least = blend_weights.minimum(logit, label, weight)
    assert least == pytest.approx(loss(best, logit, label, weight), rel=1e-12)
    rng = np.random.default_rng(1)
    for step in rng.normal(0, 1e-3, (50, 3)):
        assert loss(best + step, logit, label, weight) > least


def test_a_misleading_part_has_weight_zero_and_changes_nothing():
    """Without bounds, it would have a negative weight."""
    logit, label, weight = events()
    both = blend_weights.fitted(np.array([logit[0], -logit[1]]), label, weight)
    _, alone = blend_weights.minimum(logit[:1], label, weight)
    assert both.weights.tolist() == [1, 0]
    assert both.log_loss == pytest.approx(alone, abs=1e-12)


def test_a_useless_part_has_a_weight_near_zero():
    logit, label, weight = events()
    noise = np.random.default_rng(2).normal(size=N)
    fit = blend_weights.fitted(np.array([logit[0], noise]), label, weight)
    assert 0 <= fit.weights[1] < 0.05


def test_equal_parts_have_equal_weights_and_the_loss_of_one():
    logit, label, weight = events()
    _, alone = blend_weights.minimum(logit[:1], label, weight)
    fit = blend_weights.fitted(logit[[0, 0, 0]], label, weight)
    np.testing.assert_allclose(fit.weights, 1 / 3, atol=1e-9)
    assert fit.log_loss == pytest.approx(alone, abs=1e-12)


def test_a_common_scale_and_offset_change_no_weight():
    logit, label, weight = events()
    fit = blend_weights.fitted(logit, label, weight)
    moved = blend_weights.fitted(3 * logit - 2, label, weight)
    np.testing.assert_allclose(moved.weights, fit.weights, atol=1e-6)
    assert moved.log_loss == pytest.approx(fit.log_loss, abs=1e-12)
    assert fit.weights.sum() == pytest.approx(1, rel=1e-15)


def test_an_event_of_weight_one_is_two_of_weights_two_and_minus_one():
    logit, label, weight = events()
    fit = blend_weights.fitted(logit, label, weight)
    doubled = np.concatenate([logit, logit], axis=1), np.tile(label, 2)
    signed = blend_weights.fitted(*doubled, np.concatenate([2 * weight, -weight]))
    np.testing.assert_allclose(signed.weights, fit.weights, atol=1e-6)


def test_parts_that_all_mislead_have_equal_weights(caplog):
    logit, label, weight = events()
    fit = blend_weights.fitted(-logit, label, weight)
    assert fit.weights.tolist() == [0.5, 0.5]
    assert [r.levelno for r in caplog.records] == [logging.WARNING]


def test_a_point_that_is_no_minimum_is_rejected():
    blend_weights.check_minimum(np.array([0.0, 1.0, 0.3]), np.array([0.5, 0, 0]))
    for slope in ([-0.5, 0, 0], [0.5, 0.1, 0], [0.5, 0, -0.1], [np.nan, 0, 0]):
        with pytest.raises(RuntimeError, match="did not converge"):
            blend_weights.check_minimum(np.array([0.0, 1.0, 0.3]), np.array(slope))
