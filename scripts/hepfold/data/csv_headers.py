"""Columns of a CSV file: its separator, and its header line if it has one."""

import csv
import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

from hepfold.core import logs
from hepfold.data import text_formats

# The first two lines must be within this number of bytes.
HEAD_BYTES = 1 << 20
SEPARATORS = ",;\t"
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
# Words for a missing number, and for one and zero, in lowercase. They are compiled into
# `csv_numbers`, which must be saved again for a change to take effect.
MISSING = ("", "nan", "-nan", "na", "n/a", "<na>", "null", "none")
TRUTH = ("true", "false")


@dataclass(frozen=True)
class Layout:
    """Names of the columns of a CSV file, their separator, and its first event's line.

    `origin` is where the names stand: the first line or the setting `header`.
    """

    names: tuple[str, ...]
    separator: str
    first_line: int
    origin: str


def layout(path: str, block: bytes, header: tuple[str, ...] | None) -> Layout:
    """Layout of a file that begins with a block of lines.

    `header` names the columns of a file without a header line. If the file has a header
    line, i.e. one with text and no number, it is used instead.
    """
    first, second = first_lines(block)
    if not first.strip():
        what = ", line 1: empty line" if block.strip() else ": the file is empty"
        raise logs.InputError(f"{path}{what}")
    separator = separator_of(first, second)
    names = tuple(split(first, separator))
    texts = [name for name in names if is_text(name)]
    n_numbers = sum(NUMBER.fullmatch(name) is not None for name in names)
    if header is not None and (n_numbers or not texts):
        return Layout(header, separator, 1, "`header`")
    # pandas numbers the columns of a table that has no column names.
    is_numbered = names == tuple(map(str, range(len(names))))
    if not texts and not is_numbered:
        raise logs.InputError(
            f"{path}, line 1: numbers, not the names of columns; if the file has no "
            "header line, name its columns with `header: [...]`"
        )
    return Layout(names, separator, 2, f"{path}, line 1")


def is_text(name: str) -> bool:
    """Whether a field is neither a number nor stands for one."""
    return not NUMBER.fullmatch(name) and name.lower() not in (*MISSING, *TRUTH)


def separator_of(first: str, second: str) -> str:
    """The separator that divides both lines into the same number of fields.

    The comma is tried last, because it may be a decimal comma.
    """
    counts = {s: len(split(first, s)) for s in ";\t,"}
    for separator, n_fields in counts.items():
        if n_fields > 1 and n_fields == len(split(second, separator)):
            return separator
    return max(SEPARATORS, key=lambda separator: counts[separator])


def split(line: str, separator: str) -> list[str]:
    """Fields of a line, without quotes and spaces around them."""
    line = line.rstrip("\r\n")
    try:
        rows = list(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except csv.Error:  # a field longer than the module accepts
        rows = [line.split(separator)]
    return [field.strip() for field in rows[0]] if rows else [""]


def n_fields(block: bytes) -> int:
    """Number of fields in the first line of a block of lines."""
    lines = first_lines(block)
    return len(split(lines[0], separator_of(lines[0], lines[1])))


def first_lines(block: bytes) -> list[str]:
    """The first two lines of a block; an absent one is empty."""
    lines = block[:HEAD_BYTES].decode(errors="replace").split("\n", 2)
    return [*lines, ""][:2]


def check_names(path: str, columns: Layout, wanted: Collection[str]) -> None:
    """Raise an error if a requested column is missing or appears twice."""
    for name in wanted:
        if columns.names.count(name) > 1:
            raise logs.InputError(f"{columns.origin}: column {name!r} appears twice")
        if name not in columns.names:
            place = columns.origin
            if place == "`header`":
                place = f"{path}: the first line is no header, and {place}"
            raise logs.InputError(
                f"{place}: no column {name!r}{nearest(name, columns.names, wanted)}"
            )


def nearest(name: str, names: tuple[str, ...], wanted: Collection[str]) -> str:
    """Hint that names the columns nearest to a missing one."""
    others = {other.lower(): other for other in names if other not in wanted}
    similar = difflib.get_close_matches(name.lower(), others, n=3, cutoff=0.5)
    which = "nearest" if similar else "unused"
    chosen = [others[key] for key in similar or list(others)[:3]]
    shown = ", ".join(text_formats.printable(other) for other in chosen)
    return f"; {which} columns: {shown}"[:200] if chosen else ""
