"""Tests of models.feature_scaling: closed forms of origins, units and long tails."""

import numpy as np
import pytest
import torch

from hepfold.models import feature_scaling

VALUES = torch.tensor([[1.0, 4.0], [3.0, 4.0], [float("nan"), 4.0]])


@pytest.mark.parametrize(
    ("scaling", "origin", "unit"),
    [
        ("plain", [2, 4], [1, 1]),
        ("min_max", [1, 4], [2, 1]),
        ("none", [0, 0], [1, 1]),
    ],
)
def test_origin_and_unit(scaling, origin, unit):
    """A constant column has the unit one, so that nothing is divided by zero."""
    parts = feature_scaling.origin_and_unit(VALUES, scaling)
    assert [part.tolist() for part in parts] == [origin, unit]


def test_unit_is_the_root_mean_square():
    values = torch.tensor([[3.0, 0.0], [-3.0, 0.0]])
    assert feature_scaling.unit(values, "plain").tolist() == [3, 1]
    assert feature_scaling.unit(values, "none").tolist() == [1, 1]


def test_quantiles_leave_out_missing_values():
    level = torch.tensor([0.0, 0.5, 1.0])
    table = feature_scaling.quantiles(VALUES, level)
    assert table.tolist() == [[1, 2, 3], [4, 4, 4]]
    assert not feature_scaling.quantiles(VALUES[2:, :1], level).any()


@pytest.mark.parametrize(
    ("values", "is_long_tailed"),
    [("exponential", True), ("uniform", False), ("normal", False)],
)
def test_exponential_values_are_long_tailed(values, is_long_tailed):
    """Skewness 2 for exponential and 0 for uniform values; normal ones are negative."""
    drawn = getattr(np.random.default_rng(1), values)(size=20_000)
    column = torch.from_numpy(drawn)
    assert feature_scaling.is_long_tailed(column) == is_long_tailed
