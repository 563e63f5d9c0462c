"""Raw events in ROOT and Parquet files."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

from hepfold.core import logs
from hepfold.data import event_arrays

# Events that are read at once: memory does not grow with the file.
BATCH_EVENTS = 262_144


def read_root(
    path: str, raw_columns: event_arrays.RawColumns, trees: dict[str, str], labels: dict
) -> Iterator[event_arrays.RawEvents]:
    """Events of a ROOT file in parts.

    `trees` names one tree, `{"events": ...}`, with a label branch, or one for each
    class, `{"signal": ..., "background": ...}`, whose events get the value that
    `labels` has for the class.
    """
    try:
        with uproot.open(path) as file:
            for role, name in trees.items():
                tree = tree_of(path, file, name)
                value = labels.get(role) if raw_columns.label else None
                yield from tree_events(path, tree, raw_columns, value)
    except (OSError, ValueError, IndexError, KeyError, EOFError) as error:
        if isinstance(error, logs.InputError):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise logs.InputError(
            f"{path}: truncated or corrupt ROOT file ({type(error).__name__} {reason})"
        ) from error


def tree_of(path: str, file, name: str):
    """The tree of a name."""
    if name not in file:
        raise logs.InputError(
            f"{path}: no tree {name!r}; there are {', '.join(sorted(set(file.keys())))}"
        )
    return file[name]


def tree_events(
    path: str, tree, raw_columns: event_arrays.RawColumns, value: float | str | None
) -> Iterator[event_arrays.RawEvents]:
    """Events of one tree; all have the label `value` unless that is None."""
    place = f"{path}, tree {tree.name!r}, event"
    names = [n for n in raw_columns.all() if value is None or n != raw_columns.label]
    branches = set(tree.keys())  # of a tree as well as of an RNTuple
    missing = [name for name in names if name not in branches]
    if missing:
        raise logs.InputError(
            f"{path}, tree {tree.name!r}: no branch {missing[0]!r}; "
            f"there are {', '.join(sorted(branches))[:200]}"
        )
    first = 0
    # By `filter_name`: as an expression, `jet1_b-tag` would be a difference.
    for columns_ in tree.iterate(
        filter_name=lambda name: name in names, step_size=BATCH_EVENTS, library="np"
    ):
        n_events = len(columns_[names[0]])
        if value is not None:
            columns_[raw_columns.label] = np.full(n_events, value)
        yield raw_events(columns_, raw_columns, place, first)
        first += n_events


def read_parquet(
    path: str, raw_columns: event_arrays.RawColumns
) -> Iterator[event_arrays.RawEvents]:
    """Events of a Parquet file in parts."""
    place, names = f"{path}, row", raw_columns.all()
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            refuse_other_schema(path, file.schema_arrow, names)
            first = 0
            for batch in file.iter_batches(BATCH_EVENTS, columns=names):
                refuse_nulls(batch, place, first)
                columns_ = {
                    name: batch[name].to_numpy(zero_copy_only=False) for name in names
                }
                yield raw_events(columns_, raw_columns, place, first)
                first += len(batch)
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, logs.InputError):
            raise
        reason = str(error).splitlines()[0]
        raise logs.InputError(
            f"{path}: truncated or corrupt Parquet file ({reason})"
        ) from error


def refuse_other_schema(path: str, schema: pa.Schema, names: list[str]) -> None:
    """Refuse a file in which a needed column is absent."""
    for name in names:
        if name not in schema.names:
            raise logs.InputError(
                f"{path}: no column {name!r}; there are {', '.join(schema.names)[:200]}"
            )


def refuse_nulls(batch: pa.RecordBatch, place: str, first: int) -> None:
    """Refuse an empty value."""
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        if values.null_count:
            i_event = values.is_null().index(True).as_py()
            raise logs.InputError(
                f"{place} {first + i_event}, column {name!r}: there is no value"
            )


def raw_events(
    table: dict[str, np.ndarray],
    raw_columns: event_arrays.RawColumns,
    place: str,
    first: int,
) -> event_arrays.RawEvents:
    """Columns in the roles that they have in the data set."""
    features = raw_columns.features
    inputs = np.empty((len(table[features[0]]), len(features)), "f4")
    for i, name in enumerate(features):
        inputs[:, i] = as_numbers(table, name, place)

    def number(name: str | None) -> np.ndarray | None:
        """A column as float64, or None where the file has none."""
        return as_numbers(table, name, place).astype("f8") if name else None

    return event_arrays.RawEvents(
        inputs=inputs,
        label=table[raw_columns.label] if raw_columns.label else None,
        weight=number(raw_columns.weight),
        event_id=number(raw_columns.event_id),
        subset=table[raw_columns.subset] if raw_columns.subset else None,
        extra={name: number(name) for name in raw_columns.extra},
        place=place,
        first=first,
    )


def as_numbers(table: dict[str, np.ndarray], name: str, place: str) -> np.ndarray:
    """A column that has to hold numbers."""
    values = table[name]
    if values.dtype.kind not in "fiub":
        kind = "text or lists" if values.dtype.kind == "O" else values.dtype
        raise logs.InputError(f"{place}s: column {name!r} holds {kind}, not numbers")
    return values
