"""Tests of data.operations: exact integers, logic of three values, missing numbers."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepfold.data import operands, operations

NAN = np.nan
# Three values of logic as operands, from comparisons that can and cannot be decided.
LOGIC = {
    True: operands.Operand(np.array([True])),
    False: operands.Operand(np.array([False])),
    None: operations.comparison(np.less)(
        operands.Operand(np.array([NAN])), operands.constant(1)
    ),
}
INT64 = st.integers(-(2**63), 2**63 - 1)
# Integers for whose type a test is most likely to fail.
EDGES = st.sampled_from([0, 1, -1, 5, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64 - 1])
INTEGERS = EDGES | INT64


def flag(operand: operands.Operand) -> bool | None:
    """The only value of a condition, None if it is unknown."""
    known = operand.where_known()
    assert operand.numbers.dtype == bool
    return bool(operand.numbers[0]) if known is None or known[0] else None


@pytest.mark.parametrize(("a", "b"), list(itertools.product(LOGIC, LOGIC)))
def test_truth_tables(a, b):
    is_false, is_true, unknown = False in (a, b), True in (a, b), None in (a, b)
    both = False if is_false else None if unknown else True
    either = True if is_true else None if unknown else False
    assert flag(operations.both(LOGIC[a], LOGIC[b])) is both
    assert flag(operations.either(LOGIC[a], LOGIC[b])) is either


@pytest.mark.parametrize(
    ("a", "expected"), [(True, False), (False, True), (None, None)]
)
def test_truth_table_of_negation(a, expected):
    assert flag(operations.negation(LOGIC[a])) is expected


@pytest.mark.parametrize("condition", LOGIC)
def test_choice_is_missing_where_its_condition_is(condition):
    one, missing = operands.constant(1), operands.Operand(np.array([NAN]))
    chosen = operations.where(LOGIC[condition], one, operands.constant(2)).floats()
    np.testing.assert_equal(chosen, {True: [1], False: [2], None: [NAN]}[condition])
    # A missing number that is not chosen does no harm.
    chosen = operations.where(LOGIC[condition], one, missing).floats()
    np.testing.assert_equal(chosen, [1.0 if condition else NAN])


def test_choice_between_conditions_is_a_condition():
    assert flag(operations.where(LOGIC[True], LOGIC[False], LOGIC[None])) is False
    assert flag(operations.where(LOGIC[False], LOGIC[False], LOGIC[None])) is None


@settings(max_examples=100, deadline=None)
@given(INTEGERS, INTEGERS)
def test_comparisons_of_integers_are_exact(a, b):
    columns = [operands.from_column("x", np.array([x])) for x in (a, b)]
    for x, y in itertools.product((columns[0], operands.constant(a)), columns[1:]):
        assert bool(operations.comparison(np.less)(x, y).numbers[0]) == (a < b)
        assert bool(operations.comparison(np.equal)(x, y).numbers[0]) == (a == b)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(INTEGERS, INTEGERS)
def test_arithmetic_of_integers_is_exact_or_double(a, b):
    x, y = (operands.from_column("x", np.array([n])) for n in (a, b))
    for operation, exact in (
        (operations.add, a + b),
        (operations.subtract, a - b),
        (operations.multiply, a * b),
        (operations.larger, max(a, b)),
    ):
        result = operation(x, y).numbers[0]
        if -(2**63) <= exact < 2**63 or (min(a, b) >= 0 and 0 <= exact < 2**64):
            assert int(result) == exact
        assert float(result) == pytest.approx(float(exact), rel=1e-15, abs=2048)


@settings(max_examples=100, deadline=None)
@given(INT64, st.integers(-7, 7))
def test_remainder_is_that_of_python(a, b):
    with np.errstate(divide="ignore"):
        result = operations.remainder(
            operands.Operand(np.array([a])), operands.constant(b)
        )
    known = result.where_known()
    if b == 0:
        assert not known[0]
    else:
        assert int(result.numbers[0]) == a % b


def test_remainder_of_large_unsigned_ids_is_exact():
    ids = operands.from_column("id", np.array([2**64 - 1, 2**63 + 4], np.uint64))
    rest = operations.remainder(ids, operands.constant(5)).numbers
    assert rest.tolist() == [(2**64 - 1) % 5, (2**63 + 4) % 5]


def test_sign_and_magnitude_of_the_smallest_integer():
    least = operands.Operand(np.array([-(2**63)]))
    assert operations.negative(least).numbers[0] == 2**63
    assert operations.magnitude(least).numbers[0] == 2**63


def test_whole_floating_constants_are_compared_as_integers():
    ids = operands.Operand(np.array([10**18, 10**18 + 1]))
    equal = operations.comparison(np.equal)(ids, operands.constant(1e18))
    assert equal.numbers.tolist() == [True, False]


def test_narrow_integers_do_not_overflow():
    column = operands.from_column("n", np.array([127, -128], np.int8))
    assert operations.multiply(column, column).numbers.tolist() == [16129, 16384]


def test_negative_zero_and_rounding_of_floats():
    zero = operands.Operand(np.array([0.0]))
    assert np.signbit(operations.negative(zero).numbers[0])
    halves = operands.Operand(np.array([0.5, 1.5, -0.5]))
    assert operations.rounding(np.rint)(halves).numbers.tolist() == [0, 2, 0]


def test_missing_integers_stay_missing():
    column = operands.from_column("n", np.ma.array([2**62 + 1, 3], mask=[False, True]))
    for result in (
        operations.add(column, operands.constant(1)),
        operations.comparison(np.greater)(column, operands.constant(1)),
        operations.remainder(column, operands.constant(2)),
        operations.larger(column, operands.constant(1)),
        operations.rounding(np.floor)(column),
        operations.magnitude(column),
    ):
        assert result.where_known().tolist() == [True, False]
    assert operations.is_missing(column).numbers.tolist() == [False, True]
    filled = operations.instead(column, operands.constant(-1)).numbers
    assert filled.tolist() == [2**62 + 1, -1]
