"""What the functions of figures return, and how what they take is read from files."""

from pathlib import Path
from typing import NamedTuple

import polars as pl
from matplotlib.figure import Figure

from hepfold.core import files


class Drawing(NamedTuple):
    """A figure, and the table of the numbers it shows unless an input file has them."""

    figure: Figure
    table: pl.DataFrame | None = None


# By the name of their files without suffix.
Drawings = dict[str, Drawing]
Content = pl.DataFrame | dict | str


def read(paths: str | list[str]) -> Content | list[Content]:
    """The contents of an input of a rule: of its file, or of each in a list."""
    if isinstance(paths, str):
        return read_file(paths)
    return [read_file(path) for path in paths]


def read_file(path: str) -> Content:
    """A table from CSV or Parquet, a record from JSON, else the path itself.

    Fold files and models stay paths, because figures read only parts of them.
    """
    match Path(path).suffix:
        case ".csv":
            return with_empty_numbers(files.read_csv(path, ()))
        case ".parquet":
            return files.read_table(path)
        case ".json":
            return files.read_json(path)
        case _:
            return path


def with_empty_numbers(table: pl.DataFrame) -> pl.DataFrame:
    """The table with numbers as the type of columns that have no values.

    CSV has no types, so that such a column would be text.
    """
    empty = [name for name in table.columns if table[name].null_count() == len(table)]
    return table.with_columns(pl.col(empty).cast(pl.Float64))
