"""Prefetching of items in a background thread."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor


def made_ahead(iterable: Iterable, depth: int = 2) -> Iterator:
    """The same items, up to `depth` of them computed ahead in another thread.

    An exception is raised when its item is requested. If the consumer stops early, the
    underlying generator is closed. Consumers must close this iterator
    (`contextlib.closing`), because garbage collection may run in any thread.
    """
    iterator, end = iter(iterable), object()
    maker = ThreadPoolExecutor(1)
    try:
        ahead = deque(maker.submit(next, iterator, end) for _ in range(depth))
        while (item := ahead.popleft().result()) is not end:
            ahead.append(maker.submit(next, iterator, end))
            yield item
    finally:
        maker.shutdown(cancel_futures=True)
        if hasattr(iterator, "close"):
            iterator.close()
