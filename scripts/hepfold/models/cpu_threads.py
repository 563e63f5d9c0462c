"""Independent computations side by side on the threads of a CPU.

Torch divides each operation among its threads, which gains little for small networks:
they wait for each other after every one. Here each thread computes whole batches.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import torch

Item, Result = TypeVar("Item"), TypeVar("Result")


def side_by_side(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> list[Result]:
    """Results for all items, in order, as many at once as torch has threads.

    Modes of torch like `inference_mode` hold for one thread: the function sets them.
    """
    n_threads = torch.get_num_threads()
    if n_threads == 1 or len(items) < 2:
        return [function(item) for item in items]
    return list(pool(n_threads).map(function, items))


@cache
def pool(n_threads: int) -> ThreadPoolExecutor:
    """Threads that live as long as the process; torch uses one thread in each.

    The products of MKL then use one thread everywhere, including the main thread.
    """
    return ThreadPoolExecutor(n_threads, initializer=use_one_thread)


def use_one_thread() -> None:
    """Let torch use one thread in this one, whatever it uses in others."""
    torch.set_num_threads(1)
    # Otherwise, the first operation would set the latest number of any thread.
    torch.get_num_threads()
