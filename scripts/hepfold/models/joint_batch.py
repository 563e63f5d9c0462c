"""A joint batch, divided among processes, each of which computes its own rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, distributed


class Share(NamedTuple):
    """Number of events in the joint batch, and the rows of this process."""

    n_joint: int
    rows: slice


# Shares of the current batch, as a stack; empty outside of `shared`.
SHARES: list[Share] = []


def is_alone() -> bool:
    """Whether this is the only process of the training."""
    return not distributed.is_initialized()


def is_first() -> bool:
    """Whether this process saves and logs on behalf of all."""
    return is_alone() or distributed.get_rank() == 0


def local_rows(n: int) -> slice:
    """The rows of this process, out of `n`; all rows if there is no other process."""
    if is_alone():
        return slice(0, n)
    rank, n_devices = distributed.get_rank(), distributed.get_world_size()
    return slice(rank * n // n_devices, (rank + 1) * n // n_devices)


@contextmanager
def shared(n_joint: int) -> Iterator[slice]:
    """Divide a batch; random draws and averages inside are over the whole batch."""
    rows = local_rows(n_joint)
    if is_alone():
        yield rows
        return
    SHARES.append(Share(n_joint, rows))
    try:
        yield rows
    finally:
        SHARES.pop()


def n_joint(n_local: int) -> int:
    """Events of the current batch over all processes; `n_local` are in this one."""
    return SHARES[-1].n_joint if SHARES else n_local


def local_part(joint: Tensor, dim: int) -> Tensor:
    """The part of a tensor for the joint batch, along `dim`, of this process."""
    if not SHARES:
        return joint
    rows = SHARES[-1].rows
    return joint.narrow(dim, rows.start, rows.stop - rows.start)


def joint_sum(local_sum: Tensor) -> Tensor:
    """Sum over the processes that share a batch; gradients flow to all of them."""
    return SumOverProcesses.apply(local_sum) if SHARES else local_sum


class SumOverProcesses(torch.autograd.Function):
    """A differentiable sum: the training minimizes the sum of all processes' losses."""

    @staticmethod
    def forward(context: Any, local_sum: Tensor) -> Tensor:
        """The sum over all processes."""
        return summed(local_sum)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        """The gradient of the total loss: the losses of all processes use the sum."""
        return summed(gradient)


def summed(local_sum: Tensor) -> Tensor:
    """Sum over all processes, bit-identical in each."""
    total = local_sum.clone(memory_format=torch.contiguous_format)
    distributed.all_reduce(total)
    return total


def add_up(tensors: list[Tensor]) -> None:
    """Replace tensors by their sums over all processes, one message per data type."""
    if is_alone():
        return
    for dtype in dict.fromkeys(tensor.dtype for tensor in tensors):
        same = [tensor for tensor in tensors if tensor.dtype == dtype]
        total = summed(torch.cat([tensor.flatten() for tensor in same]))
        parts = total.split([tensor.numel() for tensor in same])
        for tensor, part in zip(same, parts, strict=True):
            tensor.copy_(part.view(tensor.shape))
