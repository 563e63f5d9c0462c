"""Tests of data.parquet_files: values in parts, and files that are incomplete."""

import numpy as np
import polars as pl
import pytest

from hepfold.core import logs
from hepfold.data import datasets, event_arrays, parquet_files

HIGGS = datasets.HIGGS
RAW = event_arrays.RawColumns.of(HIGGS, {})


@pytest.fixture
def values() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    features = {name: rng.normal(size=50).astype("f4") for name in HIGGS.features}
    return {"label": np.repeat([1.0, 0.0], 25), **features}


def test_parquet_is_read_in_parts(values, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "BATCH_EVENTS", 20)
    path = str(tmp_path / "a.parquet")
    pl.DataFrame(values).write_parquet(path)
    parts = list(parquet_files.read(path, RAW))
    assert [len(part) for part in parts] == [20, 20, 10]
    for i, name in enumerate(HIGGS.features):
        column = np.concatenate([part.inputs[:, i] for part in parts])
        np.testing.assert_array_equal(column, values[name], err_msg=name)
    label = np.concatenate([part.label for part in parts])
    np.testing.assert_array_equal(label, values["label"])


def test_a_missing_column_and_text_for_numbers_are_reported(values, tmp_path):
    path = str(tmp_path / "a.parquet")
    pl.DataFrame(values).drop("m_jj").write_parquet(path)
    with pytest.raises(logs.InputError, match=r"no column .m_jj. .* contains label"):
        list(parquet_files.read(path, RAW))
    as_text = pl.DataFrame(values).with_columns(pl.col("m_jj").cast(pl.String))
    as_text.write_parquet(path)
    with pytest.raises(logs.InputError, match="column 'm_jj' holds text or lists"):
        list(parquet_files.read(path, RAW))


def test_the_row_of_a_null_is_reported(values, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "BATCH_EVENTS", 20)
    path = str(tmp_path / "a.parquet")
    table = pl.DataFrame(values).with_row_index()
    gap = pl.when(pl.col("index") == 33).then(None).otherwise(pl.col("m_jj"))
    table.with_columns(m_jj=gap).write_parquet(path)
    with pytest.raises(logs.InputError, match="row 33, column 'm_jj': missing value"):
        list(parquet_files.read(path, RAW))


def test_a_truncated_parquet_file_is_reported(values, tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame(values).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(logs.InputError, match="truncated or corrupt Parquet"):
        list(parquet_files.read(str(path), RAW))
