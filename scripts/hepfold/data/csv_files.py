"""Raw events in CSV text: plain, gzipped, or in a zip archive."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

import numpy as np
from isal import igzip, isal_zlib

from hepfold.core import logs, prefetch
from hepfold.data import csv_numbers, event_arrays

# Text that is parsed at once: memory does not grow with the file.
BLOCK_BYTES = 8 << 20
GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"
# `archive.zip!member` is one member of an archive.
MEMBER_SIGN = "!"


def read(
    path: str, raw_columns: event_arrays.RawColumns, header: tuple[str, ...] | None
) -> Iterator[event_arrays.RawEvents]:
    """Events of a CSV file in parts; `header` names the columns if the file does not.

    A fault raises `logs.InputError` that names file, line and column.
    """
    # Closed here, not when the garbage is collected: that may be in any thread.
    with closing(prefetch.made_ahead(line_blocks(path))) as blocks:
        first_line = 1
        if header is None:
            header, first_block = split_header(path, next(blocks, b""))
            refuse_missing_columns(path, header, raw_columns)
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
    """Events of blocks of lines, of which the first line has the given number."""
    kinds = column_kinds(header, raw_columns)
    for block in filter(None, blocks):
        parsed = csv_numbers.parse(block, kinds)
        if parsed.fault is not None:
            raise logs.InputError(fault_text(path, block, first_line, header, parsed))
        place = {"place": f"{path}, line", "first": first_line}
        yield raw_events(parsed, header, kinds, raw_columns, place)
        first_line += len(parsed.number32)


def split_header(path: str, block: bytes) -> tuple[tuple[str, ...], bytes]:
    """Column names in the first line of a block, and the lines below it."""
    header, _, rest = block.partition(b"\n")
    if not header.strip():
        raise logs.InputError(f"{path}: the file is empty")
    names = header.decode(errors="replace").strip().split(",")
    return tuple(name.strip() for name in names), rest


def refuse_missing_columns(
    path: str, header: tuple[str, ...], raw_columns: event_arrays.RawColumns
) -> None:
    """Refuse a header in which a needed column is absent or stands twice."""
    needed = raw_columns.all()
    for name in needed:
        if name not in header:
            unknown = [found for found in header if found not in needed]
            also = f"; unknown there: {', '.join(unknown[:3])}"[:200] if unknown else ""
            raise logs.InputError(f"{path}, line 1: no column {name!r}{also}")
        if header.count(name) > 1:
            raise logs.InputError(f"{path}, line 1: column {name!r} stands twice")


def column_kinds(header: tuple[str, ...], raw_columns: event_arrays.RawColumns) -> np.ndarray:
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
    place: dict,
) -> event_arrays.RawEvents:
    """Parsed columns in the roles that they have in the data set."""

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
        **place,
    )


def fault_text(
    path: str,
    block: bytes,
    first_line: int,
    header: tuple[str, ...],
    parsed: csv_numbers.Parsed,
) -> str:
    """What is wrong with the first faulty line of a block, and in which column."""
    i_row, i_column, reason = parsed.fault
    line = bytes(block).split(b"\n")[i_row].decode(errors="replace").rstrip("\r")
    fields = line.split(",")
    place = f"{path}, line {first_line + i_row}"
    if i_column < 0:
        return f"{place}: {len(fields)} fields, not {len(header)}"
    text = fields[i_column][:40]
    return f"{place}, column {header[i_column]!r}: {text!r} is {reason}"


def line_blocks(path: str) -> Iterator[bytes]:
    """Text of a file in blocks of whole lines, decompressed where it is compressed."""
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
    """A binary file of the text, whatever the name of the file says."""
    archive, _, member = path.partition(MEMBER_SIGN)
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
    """The member that is asked for, or the only one."""
    names = [info.filename for info in packed.infolist() if not info.is_dir()]
    if member and member not in names:
        raise logs.InputError(f"{path}: no such member; there are {', '.join(names)}")
    if not member and len(names) != 1:
        raise logs.InputError(
            f"{path}: {len(names)} files in the archive; name one behind the path, "
            f"as in {path}{MEMBER_SIGN}{names[0] if names else 'events.csv'}"
        )
    return member or names[0]


def decompressed(file):
    """A file, or what its gzip holds."""
    return igzip.IGzipFile(fileobj=file) if starts_with(file, GZIP_MAGIC) else file


def starts_with(file, magic: bytes) -> bool:
    """Whether a file begins with the given bytes; its position stays at the start."""
    found = file.read(len(magic)) == magic
    file.seek(0)
    return found
