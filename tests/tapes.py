"""A CPU in place of a CUDA graph: operations are recorded and replayed as they were.

A tape has the limits of a graph: numbers stay those of the capture, operations read and
write the same memory, nothing is executed at the capture, and no operation may wait for
a value or take constants from the host.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

ATEN = torch.ops.aten
# Operations for which the host would wait for the device, or the other way round.
FORBIDDEN = {
    ATEN._local_scalar_dense.default: "waits for a value",
    ATEN.nonzero.default: "waits for a number of elements",
    ATEN.masked_select.default: "waits for a number of elements",
    ATEN.lift_fresh.default: "copies constants from the host",
}


# Writes to the running statistics, which its schema does not say.
BATCH_NORM = ATEN.native_batch_norm.default
N_BEFORE_STATISTICS = 3


class HostError(RuntimeError):
    """Raised for an operation that a graph cannot hold."""


class Watcher(TorchDispatchMode):
    """Raises HostError for operations that a CUDA graph cannot hold."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        """Run an operation that is allowed."""
        reason = FORBIDDEN.get(function)
        if function is ATEN.index.Tensor and has_mask(args[1]):
            reason = "waits for the number of events in a mask"
        if reason:
            raise HostError(f"{function} {reason}")
        return self.run(function, args, kwargs or {})

    def run(self, function, args, kwargs):
        """The result of an operation."""
        return function(*args, **kwargs)


def has_mask(indices: list[Tensor | None]) -> bool:
    """Whether an index selects by a mask."""
    masks = torch.bool, torch.uint8
    return any(index is not None and index.dtype in masks for index in indices)


class Tape(Watcher):
    """The operations of a function, which `replay` repeats on the same memory."""

    def __init__(self):
        super().__init__()
        self.operations: list[tuple] = []
        self.before: dict[int, tuple[Tensor, Tensor]] = {}

    def run(self, function, args, kwargs):
        """Record an operation and what it changes; run it."""
        for tensor in changed(function, args, kwargs):
            whole = whole_storage(tensor)
            self.before.setdefault(whole.data_ptr(), (whole, whole.clone()))
        result = function(*args, **kwargs)
        self.operations.append((function, args, kwargs, result))
        return result

    def restore(self) -> None:
        """Undo the changes, as a capture executes nothing."""
        for whole, content in self.before.values():
            whole.copy_(content)
        self.before.clear()

    def replay(self) -> None:
        """Repeat all operations; results go where those of the recording are."""
        for function, args, kwargs, result in self.operations:
            again = function(*args, **kwargs)
            pairs = zip(
                pytree.tree_leaves(result), pytree.tree_leaves(again), strict=True
            )
            for first, new in pairs:
                if isinstance(first, Tensor) and first.data_ptr() != new.data_ptr():
                    first.copy_(new)


def changed(function, args: tuple, kwargs: dict) -> list[Tensor]:
    """The arguments that an operation writes to."""
    arguments = function._schema.arguments
    named = [*zip((a.name for a in arguments), args, strict=False), *kwargs.items()]
    values = dict(named)
    written = [
        values[a.name]
        for a in arguments
        if a.alias_info and a.alias_info.is_write and a.name in values
    ]
    if function is BATCH_NORM:
        written += args[N_BEFORE_STATISTICS : N_BEFORE_STATISTICS + 2]
    return [leaf for leaf in pytree.tree_leaves(written) if isinstance(leaf, Tensor)]


def whole_storage(tensor: Tensor) -> Tensor:
    """All bytes of the memory of a tensor."""
    return torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage())


class TapeRecorder:
    """Captures work on a CPU, as `captured_step.CudaRecorder` does on a GPU."""

    def __init__(self):
        self.n_captures, self.n_replays, self.tape = 0, 0, None

    def warm_up(self, work: Callable[[], None]) -> None:
        """Do the work."""
        work()

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Record the work without effect; return a function that does it."""
        state, self.tape = torch.get_rng_state(), Tape()
        with self.tape:
            work()
        self.tape.restore()
        torch.set_rng_state(state)
        self.n_captures += 1
        return self.replay

    @torch.no_grad()
    def replay(self) -> None:
        """Repeat the recorded work."""
        self.n_replays += 1
        self.tape.replay()
