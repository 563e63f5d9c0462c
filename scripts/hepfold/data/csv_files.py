"""Events in CSV files: plain, compressed, or in a zip archive."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import closing

from hepfold.core import logs, prefetch
from hepfold.data import csv_headers, raw_tables, text_streams


def read(
    path: str,
    kinds: dict[str, str],
    header: tuple[str, ...] | None,
    decimal_comma: bool = False,
) -> Iterator[raw_tables.RawTable]:
    """Requested columns of a CSV file in parts, in the order of its lines.

    `kinds` gives the kind of each requested column (`raw_tables`); `header` names the
    columns of a file without a header line. With `decimal_comma`, numbers have a
    decimal comma. Raises `logs.InputError` with file, line and column of an invalid
    value.
    """
    # Imported here, because it loads Numba, which the names of the columns do not need.
    from hepfold.data import csv_blocks

    # Closed explicitly, since garbage collection may run in any thread.
    with closing(prefetch.made_ahead(text_streams.line_blocks(path))) as blocks:
        block = next(blocks, b"")
        columns = csv_headers.layout(path, block, header)
        csv_headers.check_names(path, columns, kinds)
        if columns.first_line > 1:
            block = block.partition(b"\n")[2]
        blocks_of_events = itertools.chain([block], blocks)
        if decimal_comma:
            blocks_of_events = with_points(path, blocks_of_events, columns.separator)
        yield from csv_blocks.tables(path, blocks_of_events, columns, kinds)


def with_points(path: str, blocks: Iterable[bytes], separator: str) -> Iterator[bytes]:
    """Blocks of text with a point in place of each comma."""
    if separator == ",":
        raise logs.InputError(
            f"{path}: decimal_comma needs fields that are separated by a semicolon or "
            "a tab, not by a comma"
        )
    return (block.replace(b",", b".") for block in blocks)


def n_fields(path: str) -> int:
    """Number of fields in the first line of a CSV file."""
    with closing(text_streams.line_blocks(path)) as blocks:
        return csv_headers.n_fields(next(blocks, b""))
