"""A batch that is divided among processes or threads.

Each process computes the events of some rows, each thread those of some members. All
draw the random numbers of the whole batch, so that its division changes no result.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, distributed


class Share(NamedTuple):
    """Number of events in the joint batch, and the rows of this process."""

    n_joint: int
    rows: slice


class Group(NamedTuple):
    """Members that a thread computes, out of `n_joint`, and its random generator."""

    n_joint: int
    members: slice
    generator: torch.Generator


class Current(threading.local):
    """What each thread computes: all rows and members unless a share is set."""

    share: Share | None = None
    group: Group | None = None


CURRENT = Current()


def is_alone() -> bool:
    """Whether this is the only process of the training."""
    return not distributed.is_initialized()


def is_first() -> bool:
    """Whether this process saves and logs on behalf of all."""
    return is_alone() or distributed.get_rank() == 0


def local_rows(n: int) -> slice:
    """The rows of this process, out of `n`; all of them if it is alone."""
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
    CURRENT.share = Share(n_joint, rows)
    try:
        yield rows
    finally:
        CURRENT.share = None


@contextmanager
def grouped(group: Group) -> Iterator[None]:
    """Let this thread compute a group of members; random draws inside are for all."""
    CURRENT.group = group
    try:
        yield
    finally:
        CURRENT.group = None


def n_joint(n_local: int) -> int:
    """Events of the current batch over all processes; `n_local` are in this one."""
    return CURRENT.share.n_joint if CURRENT.share else n_local


def drawn(
    draw: Callable[[list[int], torch.Generator | None], Tensor],
    shape: list[int],
    events: int,
    members: int = 0,
) -> Tensor:
    """Random numbers of this process and thread; `shape` is that of its part.

    `draw` returns those of the whole batch, of a given shape and by a generator (None
    for that of torch). `events` and `members` are the dimensions of both.
    """
    share, group = CURRENT.share, CURRENT.group
    whole = list(shape)
    if share:
        whole[events] = share.n_joint
    if group:
        whole[members] = group.n_joint
    numbers = draw(whole, group.generator if group else None)
    if share:
        numbers = part(numbers, events, share.rows)
    return part(numbers, members, group.members) if group else numbers


def part(tensor: Tensor, dim: int, rows: slice) -> Tensor:
    """The rows of a tensor along a dimension, without a copy."""
    return tensor.narrow(dim, rows.start, rows.stop - rows.start)


def joint_sum(local_sum: Tensor) -> Tensor:
    """Sum over the processes that share a batch; gradients flow to all of them."""
    return SumOverProcesses.apply(local_sum) if CURRENT.share else local_sum


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
