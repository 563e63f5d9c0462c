"""Tests of data.parquet_files: values in parts, and files that are incomplete."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hepfold.core import logs
from hepfold.data import parquet_files, raw_tables

SETTING = "datasets.a.files"


@pytest.fixture
def values() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {"x": rng.normal(size=50).astype("f4"), "label": np.repeat([1, 0], 25)}


def write(path, values: dict, **options) -> str:
    pq.write_table(pa.table(values), path, **options)
    return str(path)


def read(path: str, kinds: dict[str, str]) -> list[raw_tables.RawTable]:
    return list(parquet_files.read(path, kinds, SETTING))


@pytest.mark.parametrize("group", [7, 1000])
def test_parquet_is_read_in_parts(values, tmp_path, monkeypatch, group):
    monkeypatch.setattr(parquet_files, "BATCH_EVENTS", 20)
    path = write(tmp_path / "a.parquet", values, row_group_size=group)
    parts = read(path, {"x": raw_tables.NUMBER32, "label": raw_tables.INTEGER})
    assert max(map(len, parts)) == 20
    firsts = np.cumsum([0, *map(len, parts)])
    assert firsts.tolist() == [*(part.first for part in parts), 50]
    for name, dtype in {"x": "f4", "label": "i8"}.items():
        column = np.concatenate([part.columns[name] for part in parts])
        assert column.dtype == dtype
        np.testing.assert_array_equal(column, values[name])
    assert parts[1].where(3) == f"{path}, row {len(parts[0]) + 3}"


def test_parts_of_long_lists_have_fewer_events(tmp_path, monkeypatch):
    """A part holds about as many bytes as it may."""
    monkeypatch.setattr(parquet_files, "BATCH_BYTES", 100_000)
    numbers = np.random.default_rng(1).normal(size=(200, 500))
    path = write(tmp_path / "a.parquet", {"x": list(numbers)}, use_dictionary=False)
    parts = read(path, {"x": raw_tables.ANY})
    assert 8 <= len(parts) <= 12
    rows = [row for part in parts for row in part.columns["x"].tolist()]
    np.testing.assert_array_equal(rows, numbers)


def test_only_wanted_columns_are_read(values, tmp_path):
    (part,) = read(write(tmp_path / "a.parquet", values), {"x": raw_tables.ANY})
    assert list(part.columns) == ["x"] and len(part) == 50


def test_a_missing_column_and_text_for_numbers_are_reported(values, tmp_path):
    path = write(tmp_path / "a.parquet", {**values, "process": ["ttH"] * 50})
    with pytest.raises(logs.InputError) as error:
        read(path, {"labels": raw_tables.ANY})
    expected = f"{SETTING}: {path}: no column 'labels'; did you mean label?"
    assert str(error.value) == expected
    with pytest.raises(logs.InputError, match="the file contains x, label, process"):
        read(path, {"met": raw_tables.ANY})
    with pytest.raises(logs.InputError, match="'process': holds text, not numbers"):
        read(path, {"process": raw_tables.NUMBER32})


def test_the_row_of_a_null_is_reported(values, tmp_path, monkeypatch):
    """In numbers, a null is a missing value; ids and labels must not have any."""
    monkeypatch.setattr(parquet_files, "BATCH_EVENTS", 20)
    label = [None if i == 33 else int(value) for i, value in enumerate(values["label"])]
    path = write(tmp_path / "a.parquet", {"label": label})
    for kind in (raw_tables.INTEGER, raw_tables.TEXT):
        with pytest.raises(logs.InputError) as error:
            read(path, {"label": kind})
        expected = f"{path}, row 33, column 'label': missing value (null)"
        assert str(error.value) == expected
    parts = read(path, {"label": raw_tables.NUMBER32})
    column = np.concatenate([part.columns["label"] for part in parts])
    expected = np.where(np.arange(50) == 33, np.nan, values["label"])
    np.testing.assert_array_equal(column, expected)


@pytest.mark.parametrize("n_lost", [1, 100])
def test_a_truncated_parquet_file_is_reported(values, tmp_path, n_lost):
    path = tmp_path / "a.parquet"
    write(path, values)
    path.write_bytes(path.read_bytes()[:-n_lost])
    with pytest.raises(logs.InputError, match="truncated or corrupt Parquet"):
        read(str(path), {"x": raw_tables.ANY})


def test_corrupt_rows_are_reported(tmp_path):
    path = tmp_path / "a.parquet"
    write(path, {"x": np.arange(5000)}, compression="zstd", use_dictionary=False)
    content = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(0).column(0).data_page_offset
    content[start + 40 : start + 60] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(logs.InputError, match="truncated or corrupt Parquet"):
        read(str(path), {"x": raw_tables.ANY})


def test_an_absent_file_is_reported(tmp_path):
    with pytest.raises(logs.InputError, match=r"absent.parquet: .*o such file"):
        parquet_files.columns(str(tmp_path / "absent.parquet"))


def test_an_empty_file_has_no_events(tmp_path):
    path = write(tmp_path / "a.parquet", {"x": pa.array([], pa.float32())})
    assert sum(map(len, read(path, {"x": raw_tables.NUMBER32}))) == 0


def test_columns_say_what_they_hold(values, tmp_path):
    path = write(tmp_path / "a.parquet", {**values, "Muon": [[{"pt": 1.0}]] * 50})
    assert parquet_files.columns(path) == {
        "x": "float",
        "label": "int64",
        "Muon": "list of record of pt",
        "Muon.pt": "list of double",
    }
