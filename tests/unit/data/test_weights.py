"""Tests of data.weights: sums per class."""

import numpy as np
import pytest

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
