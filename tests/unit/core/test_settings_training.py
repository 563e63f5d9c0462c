"""Tests of core.settings_training: contradictory settings are rejected."""

import pytest

from hepfold.core import settings_training


def test_momentum_of_one_cycle_is_a_range():
    with pytest.raises(ValueError, match=r"must be .lowest, highest."):
        settings_training.OneCycle(momentum=(0.95, 0.85))


def test_the_rate_of_a_range_test_grows():
    with pytest.raises(ValueError, match="must be below"):
        settings_training.RangeTest(first_rate=0.1, last_rate=0.1)


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        settings_training.Training().device = "cpu"
