"""Tests of data.jagged_columns: what awkward arrays hold, and one value per event."""

import awkward as ak
import numpy as np
import pyarrow as pa
import pytest

from hepfold.core import logs
from hepfold.data import column_kinds, jagged_columns


def converted(array: ak.Array, kind: str):
    holds = jagged_columns.description(array.layout.form)
    column = column_kinds.Column("x", "branch", kind, holds)
    return jagged_columns.converted(array, column, "event {}".format)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (ak.Array(np.zeros(2, "f4")), "float"),
        (ak.Array([True]), "bool"),
        (ak.Array([None, 1]), "int64"),
        (ak.Array(np.zeros((2, 3), "f4")), "3 floats"),
        (ak.Array(np.zeros((2, 1), "u8")), "uint64"),
        (ak.Array(np.zeros((2, 3, 4))), "3 x 4 doubles"),
        (ak.Array([[1.0], []]), "list of double"),
        (ak.Array([[[1.0]], []]), "list of list of double"),
        (ak.Array(["a", "bc"]), "text"),
        (ak.Array([["a"], []]), "list of text"),
        (ak.Array([{"a": 1, "b": 2}]), "record of a, b"),
        (ak.Array([1, "a"]), "object Union"),
    ],
)
def test_description(array, expected):
    assert jagged_columns.description(array.layout.form) == expected


@pytest.mark.parametrize("kind", ["number32", "number64", "integer"])
def test_one_value_per_event_is_a_number(kind):
    for array in (ak.Array([[3], [4]]), ak.Array([[[3]], [[4]]])):
        column = converted(array, kind)
        assert isinstance(column, np.ndarray) and column.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("lists", "i_event", "number"), [([[1], [], [2, 3]], 1, 0), ([[1, 2], [3]], 0, 2)]
)
def test_the_first_event_with_another_number_is_reported(lists, i_event, number):
    message = f"event {i_event}, branch 'x': holds .* .{number} in this event"
    with pytest.raises(logs.InputError, match=message):
        converted(ak.Array(lists), "number32")


def test_one_value_per_event_stays_a_list_where_anything_is_wanted():
    """Otherwise, the next part of the file might be of another type."""
    assert converted(ak.Array([[3], [4]]), "any").ndim == 2
    assert converted(ak.Array(np.array([[3], [4]])), "any").tolist() == [3, 4]


@pytest.mark.parametrize("dtype", ["uint64", "int16", "bool", "float32"])
def test_optional_values_keep_their_type(dtype):
    complete = ak.values_astype(ak.Array([[0, 1], None, [1]]), dtype)
    column = converted(complete, "any")
    assert column.tolist() == [[0, 1], [], [1]]
    assert column.type.content.content.primitive == dtype


def test_missing_values_are_nan():
    np.testing.assert_array_equal(
        converted(ak.Array([1, None]), "number64"), [1, np.nan]
    )
    first, second = converted(ak.Array([[1, None], [2]]), "any").tolist()
    assert first[0] == 1 and np.isnan(first[1]) and second == [2]
    for kind in ("integer", "text"):
        with pytest.raises(logs.InputError, match=r"event 1, branch 'x': missing valu"):
            converted(ak.Array([1, None]), kind)
    with pytest.raises(logs.InputError, match=r"event 1, branch 'x': missing value"):
        converted(ak.Array(["a", None]), "text")


def test_members_of_arrow_records():
    records = pa.array([[{"p4": {"pt": 1.0}}], []])
    assert jagged_columns.member(records, ["p4", "pt"]).tolist() == [[1], []]
