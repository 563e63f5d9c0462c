"""Tests of data.weights: sums per class, and the weights of a training."""

import logging

import numpy as np
import pytest
import samples

from hepfold.core import logs
from hepfold.data import weights

LABEL = np.array([1, 1, 0, 0, 0])
WEIGHT = np.array([0.1, 0.3, 2.0, 3.0, 5.0])


def test_each_class_gets_its_full_sum():
    scaled = weights.scale_to_full(WEIGHT, LABEL, signal_sum=692, background_sum=4e5)
    assert scaled[LABEL == 1].sum() == pytest.approx(692)
    assert scaled[LABEL == 0].sum() == pytest.approx(4e5)
    assert scaled[1] / scaled[0] == pytest.approx(3)


def test_scaling_again_changes_nothing():
    once = weights.scale_to_full(WEIGHT, LABEL, 692, 4e5)
    np.testing.assert_allclose(weights.scale_to_full(once, LABEL, 692, 4e5), once)


def test_balanced_classes_have_equal_sums_and_mean_one():
    balanced = weights.balance(WEIGHT, LABEL)
    assert balanced[LABEL == 1].sum() == pytest.approx(balanced[LABEL == 0].sum())
    assert balanced.mean() == pytest.approx(1)


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_a_class_without_weight_is_rejected(factor):
    with pytest.raises(logs.InputError, match="signal weights of 5 events sum to"):
        weights.balance(WEIGHT * np.where(LABEL, factor, 1), LABEL)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("absolute", [1, 2, 0, 4]), ("zero", [1, 0, 0, 4]), ("keep", [1, -2, 0, 4])],
)
def test_negative_weights_follow_the_rule_of_the_training(rule, expected):
    weight = np.array([1, -2, 0, 4], "f4")
    changed = weights.for_training(weight, rule)
    assert changed.tolist() == expected and changed.dtype == weight.dtype
    np.testing.assert_array_equal(weights.for_training(changed, rule), changed)
    positive = WEIGHT.copy()
    np.testing.assert_array_equal(weights.for_training(positive, rule), WEIGHT)


def test_an_unknown_rule_is_rejected():
    with pytest.raises(logs.InputError, match="'drop'; choose absolute, zero or keep"):
        weights.for_training(WEIGHT, "drop")


def test_the_log_reports_the_fraction_of_negative_weights(caplog):
    """Two of four events, with 3 of the absolute sum 12."""
    caplog.set_level(logging.INFO)
    events = samples.events_of(
        np.zeros((4, 1)), np.arange(4) % 2, np.array([4, -1, 5, -2])
    )
    trained = weights.with_training_weights(events, "zero")
    assert trained.weight.tolist() == [4, 0, 5, 0]
    assert "2 of 4 training events (50.00 %)" in caplog.text
    assert (
        "25.00 % of the sum" in caplog.text and "negative_weights: zero" in caplog.text
    )
    caplog.clear()
    weights.with_training_weights(trained, "zero")
    assert not caplog.text
