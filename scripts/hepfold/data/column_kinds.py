"""Columns of raw files as numbers, integers or text, depending on the file content."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hepfold.core import logs
from hepfold.data import raw_tables

# Names of numbers as they appear in messages; float and double as in C++.
NUMBER_NAMES = {"float32": "float", "float64": "double", "float16": "half"}
# Content that cannot be read, not even by an expression.
UNREADABLE = {"object", "record", "group"}

# Kinds that have no missing values.
COMPLETE = (raw_tables.INTEGER, raw_tables.TEXT)


@dataclass(frozen=True)
class Column:
    """A requested column: its name in messages, its kind, and its content in the file.

    `holds` is a description such as "float", "list of float", "3 floats" or "text".
    """

    name: str
    noun: str
    kind: str
    holds: str

    def fault(self, place: str, what: str) -> logs.InputError:
        """Error about this column, or about its value at `place`."""
        return logs.InputError(f"{place}, {self.noun} {self.name!r}: {what}")


def number_name(dtype: str) -> str:
    """Name of a NumPy number type in messages: float, double, bool, uint64, ..."""
    return NUMBER_NAMES.get(dtype, dtype)


def several(number: int, item: str) -> str:
    """Description of a fixed number of items: "3 floats", or "float" for one."""
    if number == 1:
        return item
    return f"{number} x {item}" if " " in item else f"{number} {item}s"


def check(column: Column, place: str) -> None:
    """Raise an error if the column can never be read as the requested kind.

    Lists pass where numbers are requested, since each event may have exactly one value.
    """
    holds, kind = column.holds, column.kind
    if not UNREADABLE.isdisjoint(holds.split()):
        raise column.fault(
            place,
            f"holds {with_article(holds)}, not numbers; use a {column.noun} of numbers",
        )
    if kind == raw_tables.ANY or is_flat(holds):
        return
    if holds == "text":
        if kind != raw_tables.TEXT:
            raise column.fault(place, "holds text, not numbers")
    elif kind == raw_tables.TEXT or not holds.startswith("list of ") or "text" in holds:
        raise several_values(column, place)


def is_flat(holds: str) -> bool:
    """Whether a column with this description holds one number per event."""
    return " " not in holds and holds != "text"


def with_article(holds: str) -> str:
    """A description with its article, for use within a sentence."""
    if holds[0].isdigit() or holds == "text":
        return holds
    return f"an {holds}" if holds[0] in "aeiou" else f"a {holds}"


def several_values(column: Column, place: str, number: int | None = None) -> Exception:
    """Error for a column with several values per event where one number is needed."""
    here = "" if number is None else f" ({number} in this event)"
    name = column.name
    return column.fault(
        place,
        f"holds {with_article(column.holds)} per event{here}, not one number; use "
        f"`{name}[0]` for the first or `sum({name})`, `max({name})`, `min({name})`",
    )


def converted(
    values: np.ndarray, column: Column, where: Callable[[int], str]
) -> np.ndarray:
    """Values (n_events,) of numbers, bools or text of dtype `S` as the requested kind.

    `where` gives the place of an event by its index. Unsigned integers above 2**63 - 1
    become negative integers of the same 64 bits, so that ids remain distinct.
    """
    if column.kind == raw_tables.INTEGER:
        return integers(values, column, where)
    if column.kind == raw_tables.TEXT and values.dtype.kind != "S":
        # Bools as 0 and 1, as in C++.
        return values.astype("u1" if values.dtype == bool else values.dtype).astype("S")
    if column.kind in (raw_tables.NUMBER32, raw_tables.NUMBER64):
        dtype = np.float32 if column.kind == raw_tables.NUMBER32 else np.float64
        with np.errstate(over="ignore"):
            return values.astype(dtype, copy=False)
    return values


def integers(
    values: np.ndarray, column: Column, where: Callable[[int], str]
) -> np.ndarray:
    """Values as exact int64; raises an error at the first that is not an integer."""
    if values.dtype.kind == "f":
        whole = (np.rint(values) == values) & (np.abs(values) < 2.0**63)
        if not whole.all():
            i_event = int(whole.argmin())
            value = values[i_event]
            raise column.fault(where(i_event), f"{value} is not an integer")
    return values.astype(np.int64, copy=False)
