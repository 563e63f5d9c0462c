"""Tests of core.prefetch: items, exceptions, and the end of the thread."""

import threading
from itertools import count

import pytest

from hepfold.core import prefetch


def test_it_keeps_order_and_exceptions():
    def items():
        yield from range(5)
        raise EOFError("truncated")

    received = []
    with pytest.raises(EOFError, match="truncated"):
        for item in prefetch.made_ahead(items()):
            received.append(item)
    assert received == list(range(5))
    assert list(prefetch.made_ahead([])) == []
    assert list(prefetch.made_ahead([None, 0, False], depth=1)) == [None, 0, False]


def test_it_works_ahead_but_not_too_far():
    made, is_ahead = [], threading.Semaphore(0)

    def items():
        for i in range(10):
            made.append(i)
            is_ahead.release()
            yield i

    ahead = prefetch.made_ahead(items(), depth=3)
    assert next(ahead) == 0
    for _ in range(4):
        assert is_ahead.acquire(timeout=5)
    assert not is_ahead.acquire(timeout=0.05)
    assert made == [0, 1, 2, 3]
    assert list(ahead) == list(range(1, 10))


def test_it_ends_with_its_consumer():
    closed, n_threads = [], threading.active_count()

    def items():
        try:
            yield from count()
        finally:
            closed.append(True)

    ahead = prefetch.made_ahead(items())
    assert next(ahead) == 0
    ahead.close()
    assert closed == [True]
    assert threading.active_count() == n_threads
