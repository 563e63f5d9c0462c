"""Tests of data.parquet_columns: every type of column, with and without nulls."""

import decimal
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from hepfold.core import logs
from hepfold.data import column_kinds, parquet_columns

RECORDS = pa.array([{"n": 2**60 + 1, "x": 1.0}, {"n": 2, "x": None}])
LISTS = pa.array([[{"pt": 1.0}, {"pt": 2.0}], []])


def converted(values: pa.Array, kind: str, member: str = ""):
    batch = pa.record_batch({"a": values})
    name = f"a{member}"
    holds = parquet_columns.descriptions(batch.schema)[name]
    column = column_kinds.Column(name, "column", kind, holds)
    return parquet_columns.converted(batch, column, lambda i: f"row {i}")


@pytest.mark.parametrize(
    ("values", "holds", "expected"),
    [
        (pa.array([1, 2], pa.float32()), "float", [1.0, 2.0]),
        (pa.array([1, None], pa.float32()), "float", [1.0, np.nan]),
        (pa.array([2**62 + 1, 3]), "int64", [2**62 + 1, 3]),
        (pa.array([1, None]), "int64", [1.0, np.nan]),
        (pa.array([2**64 - 1], pa.uint64()), "uint64", [2**64 - 1]),
        (pa.array([True, False]), "bool", [True, False]),
        (pa.array([True, None]), "bool", [1.0, np.nan]),
        (pa.array([decimal.Decimal("1.5"), None]), "double", [1.5, np.nan]),
        (pa.array([decimal.Decimal(2**53 + 1)]), "double", [2**53 + 1]),
        (pa.nulls(2), "double", [np.nan, np.nan]),
        (pa.array(["s", "bé"]), "text", [b"s", "bé".encode()]),
        (pa.array(["s", "b", "s"]).dictionary_encode(), "text", [b"s", b"b", b"s"]),
        (pa.array([[1], [2]], pa.list_(pa.int8(), 1)), "int8", [1, 2]),
    ],
)
def test_flat_columns_are_numpy_arrays(values, holds, expected):
    schema = pa.schema({"a": values.type})
    assert parquet_columns.descriptions(schema) == {"a": holds}
    column = converted(values, "any")
    assert isinstance(column, np.ndarray) and column.ndim == 1
    np.testing.assert_array_equal(column, expected)
    if not isinstance(expected[0], bytes):
        assert converted(values, "number32").dtype == np.float32


@pytest.mark.parametrize(
    ("values", "holds", "expected"),
    [
        (pa.array([[1.0, 2.0], []]), "list of double", [[1.0, 2.0], []]),
        (pa.array([[1, 2**60 + 1], None]), "list of int64", [[1, 2**60 + 1], []]),
        (
            pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2)),
            "2 int8s",
            [[1, 2], [3, 4]],
        ),
        (pa.array([["a"], []]), "list of text", [["a"], []]),
    ],
)
def test_lists_are_awkward_arrays(values, holds, expected):
    schema = pa.schema({"a": values.type})
    assert parquet_columns.descriptions(schema) == {"a": holds}
    assert converted(values, "any").tolist() == expected


def test_nulls_within_lists_are_missing():
    first, second = converted(pa.array([[1, None], [3]]), "any").tolist()
    assert first[0] == 1 and np.isnan(first[1]) and second == [3]


def test_members_of_records_are_columns():
    """An id within a record is exact although the file might hold nulls there."""
    assert converted(RECORDS, "integer", ".n").tolist() == [2**60 + 1, 2]
    np.testing.assert_array_equal(converted(RECORDS, "number64", ".x"), [1, np.nan])
    assert converted(LISTS, "any", ".pt").tolist() == [[1, 2], []]
    with pytest.raises(logs.InputError, match=r"row 1, column 'a.x': missing value"):
        converted(RECORDS, "integer", ".x")


def test_a_name_with_a_dot_is_no_member():
    batch = pa.record_batch({"a.b": [1, 2], "a": [3, 4]})
    column = column_kinds.Column("a.b", "column", "integer", "int64")
    assert parquet_columns.converted(batch, column, str).tolist() == [1, 2]


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.map_(pa.string(), pa.int8())])
def test_other_types_are_objects(kind):
    (holds,) = parquet_columns.descriptions(pa.schema({"a": kind})).values()
    assert holds.startswith("object ")


@pytest.mark.slow
def test_flat_columns_need_no_awkward(repo):
    code = (
        f"import sys; sys.path.insert(0, {str(repo / 'scripts')!r})\n"
        "from hepfold.data import parquet_files\n"
        "print('awkward' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "False", run.stderr
