"""Raw events in CSV files: plain, gzipped, or in a zip archive."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

import numpy as np
from isal import igzip, isal_zlib

from hepfold.core import logs, prefetch
from hepfold.data import csv_numbers, event_arrays, sources

# Text that is parsed at once, so that memory does not grow with the file.
BLOCK_BYTES = 8 << 20
GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"


def read(
    path: str, raw_columns: event_arrays.RawColumns, header: tuple[str, ...] | None
) -> Iterator[event_arrays.RawEvents]:
    """Events of a CSV file in parts; `header` is for a file without a header line.

    Raises `logs.InputError` with file, line and column of an invalid value.
    """
    # Closed here, since garbage collection may run in any thread.
    with closing(prefetch.made_ahead(line_blocks(path))) as blocks:
        first_line = 1
        if header is None:
            header, first_block = split_header(path, next(blocks, b""))
            check_header(path, header, raw_columns)
            first_line = 2
            yield from parsed_blocks(
                path, [first_block], first_line, header, raw_columns
            )
            first_line += first_block.count(b"\n")
        yield from parsed_blocks(path, blocks, first_line, header, raw_columns)


def n_fields(path: str) -> int:
    """Number of fields in the first line of a CSV file."""
    with closing(line_blocks(path)) as blocks:
        return next(blocks, b"").partition(b"\n")[0].count(b",") + 1


def parsed_blocks(
    path: str,
    blocks: Iterable[bytes],
    first_line: int,
    header: tuple[str, ...],
    raw_columns: event_arrays.RawColumns,
) -> Iterator[event_arrays.RawEvents]:
    """Events of blocks of lines; the first block begins at `first_line` of the file."""
    kinds = column_kinds(header, raw_columns)
    for block in filter(None, blocks):
        parsed = csv_numbers.parse(block, kinds)
        if parsed.fault is not None:
            raise logs.InputError(fault_text(path, block, first_line, header, parsed))
        place = f"{path}, line"
        yield raw_events(parsed, header, kinds, raw_columns, place, first_line)
        first_line += len(parsed.number32)


def split_header(path: str, block: bytes) -> tuple[tuple[str, ...], bytes]:
    """Column names in the first line of a block, and the lines after it."""
    header, _, rest = block.partition(b"\n")
    if not header.strip():
        raise logs.InputError(f"{path}: the file is empty")
    names = header.decode(errors="replace").strip().split(",")
    return tuple(name.strip() for name in names), rest


def check_header(
    path: str, header: tuple[str, ...], raw_columns: event_arrays.RawColumns
) -> None:
    """Raise an error if a needed column is missing or appears twice."""
    needed = raw_columns.all()
    for name in needed:
        if name not in header:
            unused = [column for column in header if column not in needed]
            which = f"; unused columns: {', '.join(unused[:3])}"[:200] if unused else ""
            raise logs.InputError(
                f"{path}, line 1: no column {name!r} (setting `columns`){which}"
            )
        if header.count(name) > 1:
            raise logs.InputError(f"{path}, line 1: column {name!r} appears twice")


def column_kinds(
    header: tuple[str, ...], raw_columns: event_arrays.RawColumns
) -> np.ndarray:
    """How each column of the file is parsed, shape (n_columns,)."""
    kinds = dict.fromkeys(header, csv_numbers.SKIP)
    kinds |= dict.fromkeys(raw_columns.features, csv_numbers.NUMBER32)
    wide = [raw_columns.weight, raw_columns.event_id, *raw_columns.extra]
    kinds |= dict.fromkeys(filter(None, wide), csv_numbers.NUMBER64)
    if raw_columns.label:
        is_text = raw_columns.label_is_text
        kinds[raw_columns.label] = csv_numbers.TEXT if is_text else csv_numbers.NUMBER64
    if raw_columns.subset:
        kinds[raw_columns.subset] = csv_numbers.TEXT
    return np.array([kinds[name] for name in header], np.int8)


def raw_events(
    parsed: csv_numbers.Parsed,
    header: tuple[str, ...],
    kinds: np.ndarray,
    raw_columns: event_arrays.RawColumns,
    place: str,
    first: int,
) -> event_arrays.RawEvents:
    """Parsed columns by their roles in the data set."""

    def position(kind: int, name: str) -> int:
        return [n for n, k in zip(header, kinds, strict=True) if k == kind].index(name)

    def column(matrix: np.ndarray, kind: int, name: str | None) -> np.ndarray | None:
        return matrix[:, position(kind, name)] if name else None

    order = [position(csv_numbers.NUMBER32, name) for name in raw_columns.features]
    in_order = order == list(range(len(order)))
    wide, words = parsed.number64, parsed.text
    label_kind = csv_numbers.TEXT if raw_columns.label_is_text else csv_numbers.NUMBER64
    return event_arrays.RawEvents(
        inputs=parsed.number32 if in_order else np.take(parsed.number32, order, axis=1),
        label=column(
            words if raw_columns.label_is_text else wide, label_kind, raw_columns.label
        ),
        weight=column(wide, csv_numbers.NUMBER64, raw_columns.weight),
        event_id=column(wide, csv_numbers.NUMBER64, raw_columns.event_id),
        subset=column(words, csv_numbers.TEXT, raw_columns.subset),
        extra={n: column(wide, csv_numbers.NUMBER64, n) for n in raw_columns.extra},
        place=place,
        first=first,
    )


def fault_text(
    path: str,
    block: bytes,
    first_line: int,
    header: tuple[str, ...],
    parsed: csv_numbers.Parsed,
) -> str:
    """Message on the first invalid line of a block: file, line, column and reason."""
    i_row, i_column, reason = parsed.fault
    line = bytes(block).split(b"\n")[i_row].decode(errors="replace").rstrip("\r")
    fields = line.split(",")
    place = f"{path}, line {first_line + i_row}"
    if not line:
        return f"{place}: empty line"
    if i_column < 0:
        return f"{place}: {len(fields)} fields, expected {len(header)}"
    text = fields[i_column][:40]
    return f"{place}, column {header[i_column]!r}: {text!r} is {reason}"


def line_blocks(path: str) -> Iterator[bytes]:
    """Text of a file, decompressed if necessary, in blocks of whole lines."""
    n_bytes, unfinished = 0, b""
    try:
        with open_text(path) as file:
            while block := file.read(BLOCK_BYTES):
                n_bytes += len(block)
                end = block.rfind(b"\n") + 1
                if end:
                    yield b"".join((unfinished, memoryview(block)[:end]))
                    unfinished = block[end:]
                else:
                    unfinished += block
    except (EOFError, gzip.BadGzipFile, isal_zlib.error, zlib.error) as error:
        raise logs.InputError(
            f"{path}: truncated or corrupt gzip after {n_bytes} bytes of text ({error})"
        ) from error
    except zipfile.BadZipFile as error:
        raise logs.InputError(f"{path}: corrupt zip archive ({error})") from error
    if unfinished:
        yield unfinished + b"\n"


@contextmanager
def open_text(path: str) -> Iterator:
    """Binary file of the text; compression is detected from the content."""
    archive, _, member = path.partition(sources.MEMBER_SIGN)
    with open(archive, "rb") as file:
        if starts_with(file, ZIP_MAGIC):
            with zipfile.ZipFile(file) as packed:
                name = member_name(path, member, packed)
                with packed.open(name) as inner, decompressed(inner) as text:
                    yield text
        else:
            with decompressed(file) as text:
                yield text


def member_name(path: str, member: str, packed: zipfile.ZipFile) -> str:
    """The requested member of an archive, or the only one."""
    names = [info.filename for info in packed.infolist() if not info.is_dir()]
    if member and member not in names:
        raise logs.InputError(
            f"{path}: no such member; the archive contains {', '.join(names)}"
        )
    if not member and len(names) != 1:
        raise logs.InputError(
            f"{path}: the archive contains {len(names)} files; choose one, as in "
            f"{path}{sources.MEMBER_SIGN}{names[0] if names else 'events.csv'}"
        )
    return member or names[0]


def decompressed(file):
    """The file itself, or the content of a gzip file."""
    return igzip.IGzipFile(fileobj=file) if starts_with(file, GZIP_MAGIC) else file


def starts_with(file, magic: bytes) -> bool:
    """Whether a file begins with the given bytes; its position returns to the start."""
    first_bytes = file.read(len(magic))
    file.seek(0)
    return first_bytes == magic
