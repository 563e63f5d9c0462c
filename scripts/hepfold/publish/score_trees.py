"""Scores of further events as a ROOT tree, which can be a friend of their trees."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hepfold.core import columns, files
from hepfold.toys import root_writer

TREE = "scores"
# Entries that are written at once, so that memory does not grow with the file.
BLOCK_ROWS = 262_144
# What stands for the score of an entry that fails the selection; ids are -1 there too,
# and other columns NaN.
NO_SCORE = -1.0


def write(scores_path: str, tree_path: str, n_entries: int | None) -> None:
    """Write a table of scores as the tree `scores` of a ROOT file.

    Entry i is event i of the files of the sample, one file after the other, of which
    there are `n_entries`; if that is None, events after the last one in the table are
    left out. Columns of text are left out too.
    """
    with (
        files.reading(scores_path),
        pq.ParquetFile(scores_path) as table,
        root_writer.writing(tree_path) as file,
    ):
        schema = table.schema_arrow
        fields = [field for field in schema if not is_text(field.type)]
        types = {field.name: field.type.to_pandas_dtype() for field in fields}
        tree = file.mktree(TREE, types)
        for block in blocks(table, types, n_entries):
            tree.extend(block)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds text."""
    return not (pa.types.is_integer(kind) or pa.types.is_floating(kind))


def blocks(
    table: pq.ParquetFile, types: dict[str, type], n_entries: int | None
) -> Iterator[dict[str, np.ndarray]]:
    """Consecutive entries, with fillers where the table has no row."""
    has_rows = columns.ROW in table.schema_arrow.names
    end = 0
    for batch in table.iter_batches(BLOCK_ROWS, columns=list(types)):
        values = {name: batch[name].to_numpy() for name in types}
        row = values[columns.ROW] if has_rows else end + np.arange(len(batch))
        for start in range(end, row[-1] + 1, BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, row[-1] + 1)
            inside = slice(*np.searchsorted(row, [start, stop]))
            block = fillers(types, start, stop)
            for name in types:
                block[name][row[inside] - start] = values[name][inside]
            yield block
        end = int(row[-1]) + 1
    for start in range(end, n_entries or 0, BLOCK_ROWS):
        yield fillers(types, start, min(start + BLOCK_ROWS, n_entries))


def fillers(types: dict[str, type], start: int, stop: int) -> dict[str, np.ndarray]:
    """Values of the entries `start` to `stop` (excluded) if none has a score."""
    block = {
        name: np.full(stop - start, -1 if np.issubdtype(kind, np.integer) else np.nan)
        for name, kind in types.items()
    }
    block = {name: values.astype(types[name]) for name, values in block.items()}
    block[columns.SCORE][:] = NO_SCORE
    if columns.ROW in types:
        block[columns.ROW] = np.arange(start, stop)
    return block
