"""Raw data as they come: read in parts, checked value by value, faults placed."""

import gzip
from collections.abc import Iterator
from itertools import chain
from typing import NoReturn

import numpy as np
import polars as pl
from isal import igzip, isal_zlib

from hepfold import columns, datasets, logs

# Text that is parsed at once: memory does not grow with the file.
BLOCK_BYTES = 32 << 20
GZIP_MAGIC = b"\x1f\x8b"
HEADER_LINES = 1


def read_events(path: str, definition: datasets.Dataset) -> Iterator[pl.DataFrame]:
    """Events of a CSV file, gzipped or not, in parts, in the order of the file.

    Columns: event id, features (float32, missing is NaN), label, weight (float64),
    subset, and the extra columns of the data set. A fault raises `logs.InputError`
    that names file, line and column.
    """
    first_line = 1 + HEADER_LINES
    event_ids, labels = [], []
    for names, block in header_and_blocks(path):
        refuse_missing_columns(path, names, definition)
        table = parsed(path, block, first_line, names, column_types(definition))
        refuse_bad_values(path, table, first_line, definition)
        part = in_common_columns(table, definition)
        event_ids.append(part[columns.EVENT_ID].to_numpy())
        labels.append(part[columns.LABEL].to_numpy())
        first_line += len(part)
        yield part
    refuse_repeated_ids(path, np.concatenate(event_ids))
    refuse_single_class(path, np.concatenate(labels))


def header_and_blocks(path: str) -> Iterator[tuple[list[str], bytes]]:
    """Column names with each block of event lines; never without an event."""
    blocks = line_blocks(path)
    header, _, rest = next(blocks, b"").partition(b"\n")
    if not header:
        raise logs.InputError(f"{path}: the file is empty")
    names = header.decode(errors="replace").strip().split(",")
    blocks = (block for block in chain([rest], blocks) if block)
    first = next(blocks, None)
    if first is None:
        raise logs.InputError(f"{path}: there is no event below the header")
    yield from ((names, block) for block in chain([first], blocks))


def line_blocks(path: str) -> Iterator[bytes]:
    """Text of a file in blocks of whole lines, decompressed if it is gzipped."""
    n_bytes, unfinished = 0, b""
    try:
        with open_text(path) as file:
            while block := file.read(BLOCK_BYTES):
                n_bytes += len(block)
                lines, newline, tail = (unfinished + block).rpartition(b"\n")
                if newline:
                    yield lines + newline
                unfinished = tail
    except FileNotFoundError as error:
        raise logs.InputError(f"{path}: there is no such file") from error
    except (EOFError, gzip.BadGzipFile, isal_zlib.error) as error:
        raise logs.InputError(
            f"{path}: truncated or corrupt gzip after {n_bytes} bytes of text ({error})"
        ) from error
    if unfinished:
        yield unfinished + b"\n"


def open_text(path: str):
    """A binary file of the text, whatever the name of the file says."""
    with open(path, "rb") as file:
        is_gzip = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return igzip.open(path, "rb") if is_gzip else open(path, "rb")


def refuse_missing_columns(
    path: str, names: list[str], definition: datasets.Dataset
) -> None:
    """Refuse a header without a column that the data set needs."""
    missing = [name for name in definition.columns if name not in names]
    if missing:
        unknown = [name for name in names if name not in definition.columns]
        found = f"; unknown there: {', '.join(unknown[:3])}"[:200] if unknown else ""
        raise logs.InputError(f"{path}, line 1: no column {missing[0]!r}{found}")
    twice = [name for name in definition.columns if names.count(name) > 1]
    if twice:
        raise logs.InputError(f"{path}, line 1: column {twice[0]!r} stands twice")


def column_types(definition: datasets.Dataset) -> dict[str, type[pl.DataType]]:
    """Type of each column in the raw file."""
    types = dict.fromkeys(definition.columns, pl.Float64)
    types[definition.event_id] = pl.Int64
    return types | {definition.label: pl.String, definition.subset: pl.String}


def parsed(
    path: str, block: bytes, first_line: int, names: list[str], types: dict
) -> pl.DataFrame:
    """The table in a block of lines; columns that are not in `types` are left out."""
    schema = {name: types.get(name, pl.String) for name in names}
    try:
        table = pl.read_csv(block, has_header=False, schema=schema, quote_char=None)
    except pl.exceptions.PolarsError as error:
        raise_fault(path, block, first_line, schema, str(error))
    table = table.select(name for name in names if name in types)
    n_null = sum(table.null_count().row(0))
    if n_null or len(table) != block.count(b"\n"):
        raise_fault(path, block, first_line, schema, "a value is missing")
    return table


def raise_fault(
    path: str, block: bytes, first_line: int, schema: dict, reason: str
) -> NoReturn:
    """Raise the error that names the first faulty line of a block and its column."""
    for i_line, line in enumerate(block.splitlines(), first_line):
        fields = line.decode(errors="replace").split(",")
        if len(fields) != len(schema):
            raise logs.InputError(
                f"{path}, line {i_line}: {len(fields)} fields, not {len(schema)}"
            )
        for (name, kind), text in zip(schema.items(), fields, strict=True):
            if not is_readable(text, kind):
                raise logs.InputError(
                    f"{path}, line {i_line}, column {name!r}: {text[:40]!r} is not "
                    f"{'an integer' if kind == pl.Int64 else 'a number'}"
                )
    last_line = first_line + block.count(b"\n") - 1
    raise logs.InputError(f"{path}, lines {first_line} to {last_line}: {reason}")


def is_readable(text: str, kind: type[pl.DataType]) -> bool:
    """Whether a field holds a value of its column's type."""
    if kind == pl.String:
        return bool(text)
    try:
        int(text) if kind == pl.Int64 else float(text)
    except ValueError:
        return False
    return True


def refuse_bad_values(
    path: str, table: pl.DataFrame, first_line: int, definition: datasets.Dataset
) -> None:
    """Refuse numbers that are not finite and values outside a column's vocabulary."""
    allowed = definition.categorical | {
        definition.label: tuple(definition.label_values),
        definition.subset: tuple(definition.subset_values),
    }
    for values in table.get_columns():
        known = allowed.get(values.name)
        if known is not None:
            good = values.is_in(pl.Series([known], dtype=pl.List(values.dtype)))
        elif values.dtype == pl.Float64:
            good = values.is_finite()
        else:
            continue
        if not good.all():
            i_event = good.arg_min()
            wanted = f"one of {', '.join(map(str, known))}" if known else "finite"
            raise logs.InputError(
                f"{path}, line {first_line + i_event}, column {values.name!r}: "
                f"{values[i_event]} is not {wanted}"
            )


def in_common_columns(
    table: pl.DataFrame, definition: datasets.Dataset
) -> pl.DataFrame:
    """The table under the names and types that every data set shares."""
    continuous = pl.col(definition.continuous)
    return table.select(
        pl.col(definition.event_id).alias(columns.EVENT_ID),
        pl.when(continuous == definition.missing)
        .then(float("nan"))
        .otherwise(continuous)
        .cast(pl.Float32)
        .name.keep(),
        *[
            pl.col(name).replace_strict(
                values, list(range(len(values))), return_dtype=pl.Float32
            )
            for name, values in definition.categorical.items()
        ],
        recoded(definition.label, definition.label_values, pl.Int8).alias(
            columns.LABEL
        ),
        pl.col(definition.weight).alias(columns.WEIGHT),
        recoded(definition.subset, definition.subset_values, pl.String).alias(
            columns.SUBSET
        ),
        *definition.extra,
    )


def recoded(name: str, values: dict, kind: type[pl.DataType]) -> pl.Expr:
    """A column with its values replaced."""
    return pl.col(name).replace_strict(
        list(values), list(values.values()), return_dtype=kind
    )


def refuse_repeated_ids(path: str, event_id: np.ndarray) -> None:
    """Refuse two events of one id: both would have to be in one fold."""
    order = np.argsort(event_id, kind="stable")
    repeated = np.flatnonzero(np.diff(event_id[order]) == 0)
    if len(repeated):
        i, j = order[repeated[0] : repeated[0] + 2] + 1 + HEADER_LINES
        raise logs.InputError(
            f"{path}, lines {i} and {j}: both events have the id {event_id[i - 2]}"
        )


def refuse_single_class(path: str, label: np.ndarray) -> None:
    """Refuse a file with events of one class alone."""
    for value, name in {
        columns.SIGNAL: "signal",
        columns.BACKGROUND: "background",
    }.items():
        if not (label == value).any():
            raise logs.InputError(f"{path}: there is no {name} event in it")
