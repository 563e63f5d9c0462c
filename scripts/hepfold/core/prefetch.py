"""Work in another thread, ahead of the one that needs it."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor


def made_ahead(iterable: Iterable, depth: int = 2) -> Iterator:
    """The same items, of which up to `depth` are made ahead in another thread.

    An exception comes where the item would have come. A generator is closed when the
    consumer stops early; it has to close this iterator (`contextlib.closing`) rather
    than to leave that to the garbage collection, which may come in any thread.
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
