"""Return type of figure functions, and readers for their inputs."""

from pathlib import Path
from typing import NamedTuple

import polars as pl
from matplotlib.figure import Figure

from hepfold.core import files


class Drawing(NamedTuple):
    """A figure and its table of numbers; no table if an input file has the numbers."""

    figure: Figure
    table: pl.DataFrame | None = None


# Drawings by the name of their files without suffix.
Drawings = dict[str, Drawing]
Content = pl.DataFrame | dict | str


def read(paths: str | list[str]) -> Content | list[Content]:
    """The content of an input of a rule: of one file, or of each file in a list."""
    if isinstance(paths, str):
        return read_file(paths)
    return [read_file(path) for path in paths]


def read_file(path: str) -> Content:
    """A table from CSV or Parquet, a record from JSON, otherwise the path itself.

    Fold files and models stay paths, since figures read only parts of them.
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
    """The table with a numeric type for columns without values.

    Since CSV has no types, such columns would be text.
    """
    empty = [name for name in table.columns if table[name].null_count() == len(table)]
    return table.with_columns(pl.col(empty).cast(pl.Float64))
