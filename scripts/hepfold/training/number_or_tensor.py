"""Sums of lists of tensors whose factor is a number or a tensor on their device.

A number is fixed in a captured CUDA graph; a tensor may change before each replay. The
functions of torch take a tensor only where they multiply, or they wait for its value.
"""

import torch
from torch import Tensor

Factor = float | Tensor


def move_towards(starts: list[Tensor], ends: list[Tensor], share: Factor) -> None:
    """Move tensors, in place, by a share of the way to others."""
    if isinstance(share, Tensor):
        torch._foreach_add_(starts, part_of_way(starts, ends, share))
    else:
        torch._foreach_lerp_(starts, ends, share)


def between(starts: list[Tensor], ends: list[Tensor], share: Factor) -> list[Tensor]:
    """Tensors at a share of the way from the first to the second ones."""
    if isinstance(share, Tensor):
        return list(torch._foreach_add(starts, part_of_way(starts, ends, share)))
    return list(torch._foreach_lerp(starts, ends, share))


def part_of_way(starts: list[Tensor], ends: list[Tensor], share: Tensor) -> list:
    """A share of the differences of tensors."""
    way = torch._foreach_sub(ends, starts)
    torch._foreach_mul_(way, share)
    return way


def subtract(tensor: Tensor, other: Tensor, factor: Factor) -> None:
    """Subtract a factor times another tensor, in place."""
    if isinstance(factor, Tensor):
        tensor.sub_(other * factor)
    else:
        tensor.add_(other, alpha=-factor)
