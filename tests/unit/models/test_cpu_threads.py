"""Tests of models.cpu_threads: results are in order, and torch has one thread."""

import threading
import time

import pytest
import torch

from hepfold.models import cpu_threads


@pytest.fixture
def two_threads():
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def test_results_are_in_the_order_of_their_items(two_threads):
    def later_first(i: int) -> int:
        time.sleep(0.02 * (3 - i))
        return 10 * i

    assert cpu_threads.side_by_side(later_first, range(4)) == [0, 10, 20, 30]


def test_two_items_are_computed_at_once_with_one_thread_each(two_threads):
    both_are_there = threading.Barrier(2, timeout=20)

    def computed(item: int) -> tuple[int, int]:
        both_are_there.wait()
        return threading.get_ident(), torch.get_num_threads()

    (first, n_first), (second, n_second) = cpu_threads.side_by_side(computed, [0, 1])
    assert len({first, second, threading.get_ident()}) == 3
    assert n_first == n_second == 1
    assert torch.get_num_threads() == 2


def test_one_thread_or_item_needs_no_other_thread(two_threads):
    def where(item: int) -> int:
        return threading.get_ident()

    assert cpu_threads.side_by_side(where, [0]) == [threading.get_ident()]
    torch.set_num_threads(1)
    assert cpu_threads.side_by_side(where, [0, 1]) == 2 * [threading.get_ident()]


def test_an_error_in_a_thread_is_raised_here(two_threads):
    def fails(item: int) -> None:
        raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 0"):
        cpu_threads.side_by_side(fails, [0, 1])
