"""Tests of figures.drawing: inputs are read by the suffix of their files."""

import polars as pl
import pytest

from hepfold.core import files
from hepfold.figures import drawing

TABLE = pl.DataFrame({"name": ["a", "b"], "value": [1.5, 2.0]})


def test_tables_and_records_are_read(tmp_path):
    csv, parquet, json = (
        str(tmp_path / f"input.{suffix}") for suffix in ("csv", "parquet", "json")
    )
    files.write_csv(csv, TABLE)
    files.write_table(parquet, [TABLE])
    files.write_json(json, {"cut": 0.5})
    assert drawing.read(csv).equals(TABLE)
    assert drawing.read(parquet).equals(TABLE)
    assert drawing.read(json) == {"cut": 0.5}
    first, second = drawing.read([json, csv])
    assert first == {"cut": 0.5} and second.equals(TABLE)
    assert drawing.read([]) == []


@pytest.mark.parametrize("name", ["train.h5", "fold_0.safetensors"])
def test_fold_files_and_models_stay_paths(name):
    assert drawing.read(name) == name


def test_columns_without_values_are_numbers(tmp_path):
    """Tables of folds with and without validation events can be concatenated."""
    paths = [str(tmp_path / f"{i}.csv") for i in range(2)]
    files.write_csv(paths[0], TABLE)
    files.write_csv(paths[1], TABLE.with_columns(value=pl.lit(None, pl.Float64)))
    table = pl.concat(drawing.read(paths))
    assert table["value"].to_list() == [1.5, 2.0, None, None]
