"""Tests of data.reductions: lists against plain loops over events."""

import math

import awkward as ak
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepfold.data import operands, operations, reductions

NUMBERS = st.sampled_from([-2.5, 0.0, 1.0, 3.5, math.nan])
EVENTS = st.lists(st.lists(NUMBERS, max_size=4), min_size=1, max_size=6)


def lists(events: list[list], kind: str = "f8") -> operands.Operand:
    """Lists of numbers as an operand, also if all are empty."""
    flat = np.array([x for event in events for x in event], kind)
    counts = [len(event) for event in events]
    return operands.from_column("x", ak.unflatten(flat, counts))


def values(operand: operands.Operand) -> list:
    """Numbers per event, None where missing."""
    assert operand.counts is None
    known = operations.is_known(operand)
    pairs = zip(operand.numbers.tolist(), known.tolist(), strict=True)
    return [x if is_known else None for x, is_known in pairs]


def known_only(numbers: list, reduction, empty):
    """A reduction in plain Python: missing if a number is missing."""
    if any(map(math.isnan, numbers)):
        return None
    return reduction(numbers) if numbers else empty


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_reductions_agree_with_loops(events):
    x = lists(events)
    assert values(reductions.total(x)) == [known_only(e, sum, 0) for e in events]
    assert values(reductions.largest(x)) == [known_only(e, max, None) for e in events]
    assert values(reductions.smallest(x)) == [known_only(e, min, None) for e in events]
    assert values(reductions.lengths(x)) == [len(e) for e in events]
    second = [e[1] if len(e) > 1 and e[1] == e[1] else None for e in events]
    assert values(reductions.item(x, operands.constant(1))) == second


def any_positive(numbers: list) -> bool | None:
    """Whether one number is positive: unknown if none is, but one is missing."""
    if any(x > 0 for x in numbers):
        return True
    return None if any(map(math.isnan, numbers)) else False


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_conditions_on_elements_agree_with_loops(events):
    x = lists(events)
    positive = operations.comparison(np.greater)(x, operands.constant(0))
    n_positive = [known_only(e, lambda e: sum(x > 0 for x in e), 0) for e in events]
    assert values(reductions.count(positive)) == n_positive
    assert values(reductions.any_of(positive)) == [any_positive(e) for e in events]
    negative = operations.negation(positive)
    expected = [any_positive(e) for e in events]
    expected = [None if holds is None else not holds for holds in expected]
    assert values(reductions.all_of(negative)) == expected
    kept = reductions.item(x, positive)
    assert kept.numbers.tolist() == [x for e in events for x in e if x > 0]
    assert kept.counts.tolist() == [sum(x > 0 for x in e) for e in events]


def test_integers_of_lists_stay_exact():
    x = lists([[2**62, 1], [], [2**62 + 1]], "i8")
    assert values(reductions.largest(x)) == [2**62, None, 2**62 + 1]
    assert values(reductions.total(x)) == [2**62 + 1, 0, 2**62 + 1]
    assert values(reductions.item(x, operands.constant(0))) == [2**62, None, 2**62 + 1]


def test_sums_beyond_64_bits_are_double():
    x = lists([[2**63 - 1, 2**63 - 1, 2**63 - 1]], "i8")
    assert values(reductions.total(x)) == [pytest.approx(3 * 2.0**63)]


def test_sum_is_in_double_precision():
    x = lists([[1e8] + [1.0] * 100], "f4")
    assert values(reductions.total(x)) == [1e8 + 100]


def test_selected_integers_keep_what_is_missing():
    column = ak.Array([[1, None, 3], [], [None]])
    x = operands.from_column("x", column)
    kept = reductions.item(x, operations.is_missing(x))
    assert kept.counts.tolist() == [1, 0, 1]
    assert operations.is_known(kept).tolist() == [False, False]
    assert values(reductions.total(x)) == [None, 0, None]


@pytest.mark.parametrize(
    "reduction",
    [
        reductions.total,
        reductions.largest,
        reductions.smallest,
        reductions.any_of,
        reductions.all_of,
        reductions.lengths,
        reductions.count,
        lambda a: reductions.item(a, operands.constant(0)),
    ],
)
def test_numbers_per_event_cannot_be_reduced(reduction):
    with pytest.raises(operands.ExpressionError, match="needs a list per event"):
        reduction(operands.Operand(np.array([True, False])))


@pytest.mark.parametrize("index", [-1, 1.0, 0.5, True])
def test_an_index_is_a_constant_or_a_condition(index):
    with pytest.raises(operands.ExpressionError, match="an index is 0, 1, 2"):
        reductions.item(lists([[1.0]]), operands.constant(index))


def test_count_takes_a_condition():
    with pytest.raises(operands.ExpressionError, match="length"):
        reductions.count(lists([[1.0]]))
