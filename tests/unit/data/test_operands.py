"""Tests of data.operands: columns of every kind become exact numbers with gaps."""

import awkward as ak
import numpy as np
import pytest

from hepfold.data import operands

NAN = np.nan


def values(operand: operands.Operand) -> list:
    """Numbers of an operand, None where missing."""
    numbers = operand.numbers.tolist()
    known = operand.where_known()
    known = [True] * len(numbers) if known is None else known.tolist()
    return [x if is_known else None for x, is_known in zip(numbers, known, strict=True)]


@pytest.mark.parametrize(
    "kind", ["i1", "u1", "i2", ">i4", "u4", "i8", ">u8", "f2", "f4", ">f8", "?"]
)
def test_flat_columns_of_any_type(kind):
    column = np.array([0, 1, 100]).astype(kind)
    operand = operands.from_column("x", column)
    assert operand.numbers.tolist() == column.tolist()
    assert operand.numbers.dtype in (np.float64, np.int64, np.bool_)
    assert operand.numbers.dtype.isnative


def test_unsigned_integers_are_signed_unless_they_do_not_fit():
    small = operands.from_column("x", np.array([2**63 - 1], np.uint64))
    large = operands.from_column("x", np.array([2**63], np.uint64))
    assert (small.numbers.dtype, large.numbers.dtype) == (np.int64, np.uint64)
    assert (small.numbers[0], large.numbers[0]) == (2**63 - 1, 2**63)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (np.array([1.5, NAN]), [1.5, None]),
        (np.ma.array([2**62 + 1, 7], mask=[False, True]), [2**62 + 1, None]),
        (np.ma.array([1.5, 7.0], mask=[False, True]), [1.5, None]),
        (ak.Array([2**62 + 1, None]), [2**62 + 1, None]),
        (ak.Array([True, None]), [True, None]),
        (ak.Array([1.5, 2.5]), [1.5, 2.5]),
    ],
)
def test_missing_numbers_are_marked(column, expected):
    operand = operands.from_column("x", column)
    assert operand.counts is None
    assert values(operand) == expected


@pytest.mark.parametrize(
    ("column", "counts", "expected"),
    [
        (ak.Array([[1, 2], [], [3]]), [2, 0, 1], [1, 2, 3]),
        (ak.Array([[1.5, None], None, [3.5]]), [2, 0, 1], [1.5, None, 3.5]),
        (ak.Array([[1, 2], [], [3]])[::-1], [1, 0, 2], [3, 1, 2]),
        (ak.Array([[1, 2], [5], [3]])[1:], [1, 1], [5, 3]),
        (np.array([[1, 2], [3, 4]], np.int16), [2, 2], [1, 2, 3, 4]),
        (ak.from_numpy(np.array([[1, 2], [3, 4]])), [2, 2], [1, 2, 3, 4]),
    ],
)
def test_lists_keep_their_lengths(column, counts, expected):
    operand = operands.from_column("Jet_pt", column)
    assert operand.counts.tolist() == counts
    assert operand.source == "Jet_pt"
    assert values(operand) == expected


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (np.array([b"a"]), "'x' holds text"),
        (np.array(["a"]), "'x' holds text"),
        (np.array([None, "a"], object), "'x' holds text"),
        (np.array([1j]), "'x' holds complex128"),
        (np.array(["2020-01-01"], "M8[s]"), "'x' holds datetime64"),
        (np.zeros((2, 2, 2)), "'x' holds arrays of shape"),
        (ak.Array(["a", "b"]), "'x' holds text"),
        (ak.Array([["a"], []]), "'x' holds text"),
        (ak.Array([{"pt": 1}]), "'x' holds records"),
        (ak.Array([[{"pt": 1}]]), "'x' holds records"),
        (ak.Array([[[1]], []]), "'x' holds lists of lists"),
    ],
)
def test_columns_without_numbers_are_named(column, reason):
    with pytest.raises(operands.ExpressionError, match=reason):
        operands.from_column("x", column)


def test_lists_of_two_lengths_are_named():
    first = operands.from_column("Jet_pt", ak.Array([[1], [1, 2]]))
    other = operands.from_column("Muon_pt", ak.Array([[1], [1, 2, 3]]))
    reason = "'Jet_pt' and 'Muon_pt' are combined, but have 2 and 3 elements"
    with pytest.raises(operands.ExpressionError, match=reason):
        operands.elementwise(lambda a, b: a)(first, other)


@pytest.mark.parametrize(
    ("limits", "kind"),
    [
        ((-(2**63), 2**63 - 1), np.int64),
        ((0, 2**63), np.uint64),
        ((0, 2**64 - 1), np.uint64),
        ((-1, 2**63), None),
        ((0, 2**64), None),
        ((-(2**63) - 1, 0), None),
    ],
)
def test_type_of_integers_holds_their_limits(limits, kind):
    assert operands.integer_type(*limits) == kind
