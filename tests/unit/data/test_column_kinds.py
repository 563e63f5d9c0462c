"""Tests of data.column_kinds: exact integers, text, and what cannot be read."""

import numpy as np
import pytest

from hepfold.core import logs
from hepfold.data import column_kinds, raw_tables


def column(kind: str, holds: str) -> column_kinds.Column:
    return column_kinds.Column("x", "branch", kind, holds)


def converted(values, kind: str) -> np.ndarray:
    return column_kinds.converted(
        np.array(values), column(kind, "?"), "event {}".format
    )


@pytest.mark.parametrize("value", [0.5, np.nan, np.inf, -(2.0**64), 2.0**63])
def test_what_is_not_an_integer_is_reported(value):
    message = f"event 1, branch 'x': {value} is not an integer"
    with pytest.raises(logs.InputError) as error:
        converted([3.0, value, 0.1], raw_tables.INTEGER)
    assert str(error.value) == message


@pytest.mark.parametrize("value", [-(2.0**62), 2.0**62, 0.0, 5.0])
def test_whole_floats_are_integers(value):
    assert converted([value], raw_tables.INTEGER).tolist() == [int(value)]


def test_large_unsigned_integers_remain_distinct():
    ids = np.array([2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1], "u8")
    integers = converted(ids, raw_tables.INTEGER)
    assert integers.dtype == np.int64
    np.testing.assert_array_equal(integers.view("u8"), ids)


def test_numbers_as_text():
    assert converted([1, -20], raw_tables.TEXT).tolist() == [b"1", b"-20"]
    assert converted([True, False], raw_tables.TEXT).tolist() == [b"1", b"0"]
    assert converted([b"sig"], raw_tables.TEXT).tolist() == [b"sig"]


def test_numbers_out_of_range_become_infinite_without_a_warning():
    assert converted([1e300], raw_tables.NUMBER32).tolist() == [np.inf]
    assert converted([1e300], raw_tables.NUMBER64).tolist() == [1e300]


@pytest.mark.parametrize(
    ("number", "item", "expected"),
    [(1, "float", "float"), (3, "float", "3 floats"), (2, "3 floats", "2 x 3 floats")],
)
def test_description_of_several_numbers(number, item, expected):
    assert column_kinds.several(number, item) == expected


@pytest.mark.parametrize(
    ("holds", "kind", "message"),
    [
        ("text", "number32", "holds text, not numbers"),
        (
            "3 floats",
            "number64",
            "holds 3 floats per event, not one number; use `x[0]`",
        ),
        ("list of float", "text", "holds a list of float per event, not one number"),
        ("list of text", "integer", "holds a list of text per event"),
        ("object TLorentzVector", "any", "holds an object TLorentzVector, not numbers"),
        ("group of 4 branches", "any", "holds a group of 4 branches, not numbers"),
        ("list of record of pt, n", "any", "holds a list of record of pt, n, not num"),
    ],
)
def test_what_cannot_be_read_as_a_kind_is_reported(holds, kind, message):
    with pytest.raises(logs.InputError) as error:
        column_kinds.check(column(kind, holds), "a.root")
    assert f"a.root, branch 'x': {message}" in str(error.value)


@pytest.mark.parametrize(
    ("holds", "kinds"),
    [
        ("float", ["number32", "number64", "integer", "text", "any"]),
        ("bool", ["number32", "number64", "integer", "text", "any"]),
        ("text", ["text", "any"]),
        ("3 floats", ["any"]),
        ("list of float", ["number32", "number64", "integer", "any"]),
    ],
)
def test_what_may_be_read_as_a_kind(holds, kinds):
    for kind in kinds:
        column_kinds.check(column(kind, holds), "a.root")
