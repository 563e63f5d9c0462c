"""Raw events in Parquet files."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from hepfold.core import logs
from hepfold.data import event_arrays

# Events that are read at once, so that memory does not grow with the file.
BATCH_EVENTS = 262_144


def read(
    path: str, raw_columns: event_arrays.RawColumns
) -> Iterator[event_arrays.RawEvents]:
    """Events of a Parquet file in parts."""
    place, names = f"{path}, row", raw_columns.all()
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            check_columns(path, file.schema_arrow, names)
            first = 0
            for batch in file.iter_batches(BATCH_EVENTS, columns=names):
                check_no_nulls(batch, place, first)
                table = {
                    name: batch[name].to_numpy(zero_copy_only=False) for name in names
                }
                yield event_arrays.raw_events(table, raw_columns, place, first)
                first += len(batch)
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise logs.InputError(
            f"{path}: truncated or corrupt Parquet file ({reason})"
        ) from error


def check_columns(path: str, schema: pa.Schema, names: list[str]) -> None:
    """Raise an error if a needed column is missing."""
    for name in names:
        if name not in schema.names:
            raise logs.InputError(
                f"{path}: no column {name!r} (setting `columns`); the file contains "
                f"{', '.join(schema.names)[:200]}"
            )


def check_no_nulls(batch: pa.RecordBatch, place: str, first: int) -> None:
    """Raise an error for a null; the batch begins at number `first` of the file."""
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        if values.null_count:
            i_event = values.is_null().index(True).as_py()
            raise logs.InputError(
                f"{place} {first + i_event}, column {name!r}: missing value (null)"
            )
