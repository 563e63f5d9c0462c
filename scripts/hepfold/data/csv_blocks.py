"""Columns of blocks of CSV text, and the place and reason of an invalid field."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hepfold.core import logs
from hepfold.data import csv_headers, csv_numbers, raw_tables

INTEGER, TEXT, SKIP = csv_numbers.INTEGER, csv_numbers.TEXT, csv_numbers.SKIP
TEXT_BYTES = csv_numbers.TEXT_BYTES

NOT_A_NUMBER = "not a finite number"
NOT_AN_INTEGER = "not an integer of 64 bits"
DECIMAL_COMMA = "not a number with a decimal point; set decimal_comma: true"
LONG_TEXT = f"text longer than {TEXT_BYTES} bytes"
AFTER_QUOTE = "a quoted field that does not end at its closing quote"
OPEN_QUOTE = "a quoted field without its closing quote in the line"
MISSING = "a missing value, which is accepted in features only"
EMPTY_LINE = "empty line"
NEWLINE = ord("\n")
CODES = {
    raw_tables.NUMBER32: csv_numbers.NUMBER32,
    raw_tables.NUMBER64: csv_numbers.NUMBER64,
    raw_tables.INTEGER: csv_numbers.INTEGER,
    raw_tables.TEXT: csv_numbers.TEXT,
}


class Fault(NamedTuple):
    """Row, column and reason of an invalid field; column -1 is the whole line."""

    row: int
    column: int
    reason: str
    text: str


@dataclass(frozen=True)
class Parsed:
    """Columns by kind, each array (n_rows, n_columns of the kind).

    `number32` is float32 and `number64` float64, missing values NaN; `integer` is int64
    and `text` of dtype S64. After a fault, the values from its row on are undefined.
    """

    number32: np.ndarray
    number64: np.ndarray
    integer: np.ndarray
    text: np.ndarray
    fault: Fault | None

    def __len__(self) -> int:
        return len(self.number32)


def tables(
    path: str,
    blocks: Iterable[bytes],
    columns: csv_headers.Layout,
    kinds: dict[str, str],
) -> Iterator[raw_tables.RawTable]:
    """Requested columns of blocks of lines; the first block begins with an event."""
    codes = [
        CODES[kinds[name]] if name in kinds else csv_numbers.SKIP
        for name in columns.names
    ]
    first = columns.first_line
    for block in filter(None, blocks):
        parsed = parse(block, np.array(codes, np.int8), columns.separator)
        if parsed.fault is not None:
            raise logs.InputError(fault_text(path, first, columns, parsed.fault))
        yield table(parsed, columns.names, codes, f"{path}, line", first)
        first += len(parsed)


def table(
    parsed: Parsed,
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


def fault_text(path: str, first: int, columns: csv_headers.Layout, fault: Fault) -> str:
    """Message on an invalid line of a block: file, line, column and reason."""
    place = f"{path}, line {first + fault.row}"
    if fault.column < 0:
        return f"{place}: {fault.reason}"
    name, text = columns.names[fault.column], fault.text[:40]
    return f"{place}, column {name!r}: {text!r} is {fault.reason}"


def parse(block: bytes, kinds: np.ndarray, separator: str = ",") -> Parsed:
    """Columns of whole lines of text, up to the first fault.

    `kinds` is the kind of each column, (n_columns,). The last newline is optional.
    """
    text = np.frombuffer(block, np.uint8)
    # Every field must have an end.
    if len(text) and text[-1] != NEWLINE:
        text = np.append(text, np.uint8(NEWLINE))
    n_rows = np.count_nonzero(text == NEWLINE)
    kinds = np.array(kinds, np.int8)
    places = np.array([np.count_nonzero(kinds[:i] == k) for i, k in enumerate(kinds)])
    n_of_kind = np.bincount(kinds, minlength=SKIP + 1)
    number32 = np.empty((n_rows, n_of_kind[csv_numbers.NUMBER32]), np.float32)
    number64 = np.empty((n_rows, n_of_kind[csv_numbers.NUMBER64]), np.float64)
    integers = np.empty((n_rows, n_of_kind[INTEGER]), np.int64)
    texts = np.zeros((n_rows, n_of_kind[TEXT], TEXT_BYTES), np.uint8)
    start, end = text.ctypes.data, text.ctypes.data + len(text)
    row, column, at = csv_numbers.parse_lines(
        start,
        end,
        ord(separator),
        kinds,
        places,
        number32,
        number64,
        integers,
        texts,
    )
    fault = None
    if row < n_rows:
        fault = fault_at(text.tobytes(), at - start, kinds, row, column, separator)
    words = texts.view(f"S{TEXT_BYTES}")[:, :, 0]
    return Parsed(number32, number64, integers, words, fault)


def fault_at(
    text: bytes, p: int, kinds: np.ndarray, row: int, column: int, separator: str
) -> Fault:
    """The fault in the line whose field at position `p` is invalid."""
    line = text[text.rfind(b"\n", 0, p) + 1 : text.find(b"\n", p)]
    line = line.decode(errors="replace").removesuffix("\r")
    if not line.strip():
        return Fault(row, -1, EMPTY_LINE, line)
    # A missing or extra separator shifts all later values to another column, so the
    # number of fields explains more than the first invalid value.
    fields = csv_headers.split(line, separator)
    if len(fields) != len(kinds) and line.count('"') % 2:
        return Fault(row, -1, OPEN_QUOTE, line)
    if len(fields) != len(kinds):
        reason = f"{len(fields)} fields, expected {len(kinds)}"
        return Fault(row, -1, reason, line)
    reason = invalid(fields[column], kinds[column], separator)
    return Fault(row, column, reason, fields[column])


def invalid(field: str, kind: int, separator: str) -> str:
    """Why the text of a field is invalid in a column of this kind."""
    if kind in (INTEGER, TEXT) and field.lower() in csv_headers.MISSING:
        return MISSING
    if kind in (TEXT, SKIP):
        is_long = len(field.encode()) > TEXT_BYTES and kind == TEXT
        return LONG_TEXT if is_long else AFTER_QUOTE
    if separator != "," and re.fullmatch(r"[-+]?\d*,\d+([eE][-+]?\d+)?", field):
        return DECIMAL_COMMA
    return NOT_AN_INTEGER if kind == INTEGER else NOT_A_NUMBER


# At import, loads the compiled code or compiles it.
parse(b"0\n", np.array([csv_numbers.NUMBER32], np.int8))
