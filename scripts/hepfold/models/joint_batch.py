"""A batch that several processes share, each with its rows of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, distributed


class Share(NamedTuple):
    """Number of events of the joint batch, and which of them are of this process."""

    n_joint: int
    rows: slice


# Of the batch that is under way; a stack, empty outside of batches that are shared.
SHARES: list[Share] = []


def is_alone() -> bool:
    """Whether this process trains without others."""
    return not distributed.is_initialized()


def is_first() -> bool:
    """Whether this process is the one that saves and tells what all do."""
    return is_alone() or distributed.get_rank() == 0


def own_rows(n: int) -> slice:
    """Which of `n` rows are for this process; all if it is alone."""
    if is_alone():
        return slice(0, n)
    rank, n_devices = distributed.get_rank(), distributed.get_world_size()
    return slice(rank * n // n_devices, (rank + 1) * n // n_devices)


@contextmanager
def shared(n_joint: int) -> Iterator[slice]:
    """Share out a batch; what is drawn and averaged inside is so for all of it."""
    rows = own_rows(n_joint)
    if is_alone():
        yield rows
        return
    SHARES.append(Share(n_joint, rows))
    try:
        yield rows
    finally:
        SHARES.pop()


def n_joint(n_own: int) -> int:
    """Events of the batch under way in all processes, of which this has `n_own`."""
    return SHARES[-1].n_joint if SHARES else n_own


def own(joint: Tensor, dim: int) -> Tensor:
    """What of numbers for the joint batch, along `dim`, is for this process."""
    if not SHARES:
        return joint
    rows = SHARES[-1].rows
    return joint.narrow(dim, rows.start, rows.stop - rows.start)


def joint_sum(own_sum: Tensor) -> Tensor:
    """Sum over the processes that share a batch; gradients flow to all of them."""
    return SumOverProcesses.apply(own_sum) if SHARES else own_sum


class SumOverProcesses(torch.autograd.Function):
    """Each process has a loss of its own, and the sum of all is what is lowered."""

    @staticmethod
    def forward(context: Any, own_sum: Tensor) -> Tensor:
        """The sum over all processes of what each has."""
        return summed(own_sum)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        """The gradient of all losses, each of which the sum has a part in."""
        return summed(gradient)


def summed(own_sum: Tensor) -> Tensor:
    """Sum over all processes, the same bits in each."""
    total = own_sum.clone(memory_format=torch.contiguous_format)
    distributed.all_reduce(total)
    return total


def add_up(tensors: list[Tensor]) -> None:
    """Replace tensors by their sums over all processes: one message for each type."""
    if is_alone():
        return
    for dtype in dict.fromkeys(tensor.dtype for tensor in tensors):
        same = [tensor for tensor in tensors if tensor.dtype == dtype]
        total = summed(torch.cat([tensor.flatten() for tensor in same]))
        parts = total.split([tensor.numel() for tensor in same])
        for tensor, part in zip(same, parts, strict=True):
            tensor.copy_(part.view(tensor.shape))
