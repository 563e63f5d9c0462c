"""Tests of core.tables."""

import polars as pl
import pytest

from hepfold.core import tables


@pytest.mark.parametrize(
    "rows", [{"x": [1, 2]}, [{"x": 1}, {"x": 2}], pl.DataFrame({"x": [1, 2]})]
)
def test_names_come_first_in_every_row(rows):
    table = tables.named_rows(rows, {"dataset": "higgs", "fold": 3})
    assert table.rows() == [("higgs", 3, 1), ("higgs", 3, 2)]
    assert table.columns == ["dataset", "fold", "x"]


def test_a_table_without_rows_keeps_its_columns():
    table = tables.named_rows(pl.DataFrame({"x": []}), {"dataset": "higgs"})
    assert table.columns == ["dataset", "x"] and len(table) == 0
