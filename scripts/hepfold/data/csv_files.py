"""Events in CSV files: plain, compressed, or in a zip archive."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import closing

import numpy as np

from hepfold.core import logs, prefetch
from hepfold.data import (
    csv_blocks,
    csv_headers,
    csv_numbers,
    raw_tables,
    text_streams,
)

CODES = {
    raw_tables.NUMBER32: csv_numbers.NUMBER32,
    raw_tables.NUMBER64: csv_numbers.NUMBER64,
    raw_tables.INTEGER: csv_numbers.INTEGER,
    raw_tables.TEXT: csv_numbers.TEXT,
}


def read(
    path: str, kinds: dict[str, str], header: tuple[str, ...] | None
) -> Iterator[raw_tables.RawTable]:
    """Wanted columns of a CSV file in parts, in the order of its lines.

    `kinds` is the kind of each wanted column (`raw_tables`); `header` names the columns
    of a file without a header line. Raises `logs.InputError` with file, line and column
    of an invalid value.
    """
    # Closed here, since garbage collection may run in any thread.
    with closing(prefetch.made_ahead(text_streams.line_blocks(path))) as blocks:
        block = next(blocks, b"")
        columns = csv_headers.layout(path, block, header)
        csv_headers.check_names(path, columns, kinds)
        if columns.first_line > 1:
            block = block.partition(b"\n")[2]
        yield from tables(path, itertools.chain([block], blocks), columns, kinds)


def names(path: str, header: tuple[str, ...] | None) -> tuple[str, ...]:
    """Names of the columns of a CSV file: from its header line, else `header`."""
    with closing(text_streams.line_blocks(path)) as blocks:
        return csv_headers.layout(path, next(blocks, b""), header).names


def n_fields(path: str) -> int:
    """Number of fields in the first line of a CSV file."""
    with closing(text_streams.line_blocks(path)) as blocks:
        return csv_headers.n_fields(next(blocks, b""))


def tables(
    path: str,
    blocks: Iterable[bytes],
    columns: csv_headers.Layout,
    kinds: dict[str, str],
) -> Iterator[raw_tables.RawTable]:
    """Wanted columns of blocks of lines, the first of which begins with an event."""
    codes = [
        CODES[kinds[name]] if name in kinds else csv_numbers.SKIP
        for name in columns.names
    ]
    first = columns.first_line
    for block in filter(None, blocks):
        parsed = csv_blocks.parse(block, np.array(codes, np.int8), columns.separator)
        if parsed.fault is not None:
            raise logs.InputError(fault_text(path, first, columns, parsed.fault))
        yield table(parsed, columns.names, codes, f"{path}, line", first)
        first += len(parsed)


def table(
    parsed: csv_blocks.Parsed,
    names: tuple[str, ...],
    codes: list[int],
    place: str,
    first: int,
) -> raw_tables.RawTable:
    """Parsed columns by name, as views of the matrix of their kind."""
    matrices = {
        csv_numbers.NUMBER32: parsed.number32,
        csv_numbers.NUMBER64: parsed.number64,
        csv_numbers.INTEGER: parsed.integer,
        csv_numbers.TEXT: parsed.text,
    }
    columns, matrix_names = {}, ()
    for code, matrix in matrices.items():
        of_kind = [n for n, c in zip(names, codes, strict=True) if c == code]
        columns |= {name: matrix[:, i] for i, name in enumerate(of_kind)}
        if code == csv_numbers.NUMBER32:
            matrix_names = tuple(of_kind)
    return raw_tables.RawTable(
        columns=columns,
        place=place,
        first=first,
        n_events=len(parsed),
        matrix=parsed.number32,
        matrix_names=matrix_names,
    )


def fault_text(
    path: str, first: int, columns: csv_headers.Layout, fault: csv_blocks.Fault
) -> str:
    """Message on an invalid line of a block: file, line, column and reason."""
    place = f"{path}, line {first + fault.row}"
    if fault.column < 0:
        return f"{place}: {fault.reason}"
    name, text = columns.names[fault.column], fault.text[:40]
    return f"{place}, column {name!r}: {text!r} is {fault.reason}"
