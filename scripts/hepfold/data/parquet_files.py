"""Raw events in Parquet files."""

import contextlib
import difflib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from hepfold.core import logs
from hepfold.data import column_kinds, parquet_columns, raw_tables

# Largest numbers of events and of bytes that are read at once: memory must not grow
# with the file.
BATCH_EVENTS = 262_144
BATCH_BYTES = 200_000_000


def read(
    path: str, kinds: dict[str, str], setting: str
) -> Iterator[raw_tables.RawTable]:
    """Parts of the events of a Parquet file with the requested columns.

    Members of records are named as in `columns`: `Muon.pt`. Missing numbers (nulls)
    become NaN; a null in an integer or text column is an error.
    """
    with opened(path) as file:
        wanted = wanted_columns(f"{setting}: {path}", file.schema_arrow, kinds)
        first = 0
        for batch in batches(path, file, list(wanted)):
            table = raw_tables.RawTable({}, f"{path}, row", first, len(batch))
            for name, column in wanted.items():
                values = parquet_columns.converted(batch, column, table.where)
                table.columns[name] = values
            yield table
            first += len(batch)


def columns(path: str) -> dict[str, str]:
    """Content of each column: "float", "int64", "text", "list of float", ...

    Members of records have names such as `Muon.pt`.
    """
    with opened(path) as file:
        return parquet_columns.descriptions(file.schema_arrow)


@contextlib.contextmanager
def opened(path: str) -> Iterator[pq.ParquetFile]:
    """The Parquet file at that path."""
    with corruption_reported(path):
        file = pq.ParquetFile(path, pre_buffer=False)
    with file:
        yield file


@contextlib.contextmanager
def corruption_reported(path: str) -> Iterator[None]:
    """Report errors of PyArrow inside the block as those of a corrupt file."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, MemoryError):
            raise
        if isinstance(error, OSError) and error.strerror:
            raise logs.InputError(f"{path}: {error.strerror}") from error
        reason = str(error).splitlines()[0]
        raise logs.InputError(
            f"{path}: truncated or corrupt Parquet file ({reason}); copy or download "
            "it again"
        ) from error


def batches(
    path: str, file: pq.ParquetFile, names: list[str]
) -> Iterator[pa.RecordBatch]:
    """Consecutive rows of the requested columns."""
    top = list(dict.fromkeys(top_column(name, file.schema_arrow) for name in names))
    step = max(
        1, min(BATCH_EVENTS, int(BATCH_BYTES / max(bytes_per_row(file, top), 1)))
    )
    iterator = file.iter_batches(step, columns=top)
    while True:
        with corruption_reported(path):
            batch = next(iterator, None)
        if batch is None:
            return
        yield batch


def bytes_per_row(file: pq.ParquetFile, names: list[str]) -> float:
    """Uncompressed size of some columns per row, from the footer."""
    meta = file.metadata
    total = 0
    for i in range(meta.num_row_groups):
        chunks = (meta.row_group(i).column(j) for j in range(meta.num_columns))
        total += sum(
            chunk.total_uncompressed_size
            for chunk in chunks
            if chunk.path_in_schema in names
            or chunk.path_in_schema.split(".")[0] in names
        )
    return total / max(meta.num_rows, 1)


def top_column(name: str, schema: pa.Schema) -> str:
    """The column of the file that holds the column or member of that name."""
    return name if name in schema.names else name.split(".")[0]


def wanted_columns(
    place: str, schema: pa.Schema, kinds: dict[str, str]
) -> dict[str, column_kinds.Column]:
    """The requested columns; raises an error if one is missing or of another kind."""
    holds = parquet_columns.descriptions(schema)
    wanted = {}
    for name, kind in kinds.items():
        if name not in holds:
            near = difflib.get_close_matches(name, holds, 3)
            known = ", ".join(near) if near else ", ".join(holds)[:200]
            hint = f"did you mean {known}?" if near else f"the file contains {known}"
            raise logs.InputError(f"{place}: no column {name!r}; {hint}")
        wanted[name] = column_kinds.Column(name, "column", kind, holds[name])
        column_kinds.check(wanted[name], place)
    return wanted
