"""Tests of training.number_or_tensor: tensors do what numbers do."""

import pytest
import torch

from hepfold.training import number_or_tensor

FACTORS = [0.3, torch.tensor(0.3)]


def lists() -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(1)
    shapes = [(2, 3), (4,)]
    return tuple(
        [torch.randn(shape, generator=generator) for shape in shapes] for _ in range(2)
    )


@pytest.mark.parametrize("share", FACTORS)
def test_a_share_of_the_way(share):
    starts, ends = lists()
    expected = [
        0.7 * start + 0.3 * end for start, end in zip(starts, ends, strict=True)
    ]
    between = number_or_tensor.between(starts, ends, share)
    assert all(torch.equal(*pair) for pair in zip(starts, lists()[0], strict=True))
    number_or_tensor.move_towards(starts, ends, share)
    for moved in (between, starts):
        for one, other in zip(moved, expected, strict=True):
            torch.testing.assert_close(one, other)
    assert all(torch.equal(*pair) for pair in zip(ends, lists()[1], strict=True))


@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_times_a_tensor_is_subtracted(factor):
    (start, _), (other, _) = lists()
    expected = start - 0.3 * other
    number_or_tensor.subtract(start, other, factor)
    torch.testing.assert_close(start, expected)
