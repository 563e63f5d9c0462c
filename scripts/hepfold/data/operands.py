"""Operands of an expression: a number or a list per event, missing ones marked.

Floating-point numbers are double, and a missing one is NaN. Integers stay exact as long
as they fit in 64 bits; missing integers and undecidable conditions are marked in
`known`.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

# Types of integers, by preference, with their limits.
INTEGERS = (np.int64, np.uint64)


class ExpressionError(ValueError):
    """A fault of an expression; the caller adds its place."""


@dataclass(frozen=True)
class Operand:
    """Constants (), numbers of events (n_events,), or all elements of lists.

    `numbers` are float64, int64, uint64 or bool. `known` has their shape and is used
    for integers and bool only; unknown numbers hold 0. `counts` (n_events,) holds the
    lengths of lists, which come from the column `source`.
    """

    numbers: np.ndarray
    known: np.ndarray | None = None
    counts: np.ndarray | None = None
    source: str = ""

    def is_floating(self) -> bool:
        """Whether the numbers are floating-point numbers."""
        return self.numbers.dtype.kind == "f"

    def is_constant(self) -> bool:
        """Whether this is one number for all events."""
        return self.numbers.ndim == 0

    def floats(self) -> np.ndarray:
        """The numbers in double precision, NaN where missing."""
        if self.known is None:
            return self.numbers.astype(np.float64, copy=False)
        return np.where(self.known, self.numbers, np.nan)

    def where_known(self) -> np.ndarray | None:
        """Which numbers are not missing; None if all of them."""
        return ~np.isnan(self.numbers) if self.is_floating() else self.known

    def bounds(self) -> tuple[int, int]:
        """Limits between which integers or booleans lie."""
        if self.numbers.size == 0:
            return 0, 0
        return int(self.numbers.min()), int(self.numbers.max())


def constant(number: float | bool) -> Operand:
    """A number that is the same for all events."""
    return Operand(np.asarray(number))


def floating(numbers: np.ndarray) -> Operand:
    """Floating-point numbers; NumPy gives scalars for constants."""
    return Operand(np.asarray(numbers, np.float64))


def marked(numbers: np.ndarray, known: np.ndarray | None) -> Operand:
    """Numbers, of which those that are not known are marked as missing."""
    numbers = np.asarray(numbers)
    if known is None or np.all(known):
        return Operand(numbers)
    if numbers.dtype.kind == "f":
        return Operand(np.where(known, numbers, np.nan))
    known = np.broadcast_to(known, np.broadcast_shapes(known.shape, numbers.shape))
    return Operand(np.where(known, numbers, numbers.dtype.type(0)), known)


def known_of(*arguments: Operand) -> np.ndarray | None:
    """Where all arguments are known; None if everywhere."""
    masks = [v.where_known() for v in arguments]
    masks = [mask for mask in masks if mask is not None]
    return functools.reduce(np.logical_and, masks) if masks else None


def integer_type(least: int, most: int) -> type | None:
    """The type of integers that holds these limits, if any does."""
    for kind in INTEGERS:
        if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max:
            return kind
    return None


def common_integers(*arguments: Operand) -> list[np.ndarray] | None:
    """The arguments in one type of integers; None if one is floating or none fits."""
    if any(v.is_floating() for v in arguments):
        return None
    bounds = [v.bounds() for v in arguments]
    kind = integer_type(min(b[0] for b in bounds), max(b[1] for b in bounds))
    return kind and [v.numbers.astype(kind, copy=False) for v in arguments]


def elementwise(operation: Callable[..., Operand]) -> Callable[..., Operand]:
    """Extend an operation on numbers of events to lists."""

    @functools.wraps(operation)
    def on_lists(*arguments: Operand) -> Operand:
        """The operation on each element, if an argument is a list."""
        lists = [v for v in arguments if v.counts is not None]
        if not lists:
            return operation(*arguments)
        check_lengths(lists)
        first = lists[0]
        result = operation(*(in_lists(v, first.counts) for v in arguments))
        return replace(result, counts=first.counts, source=first.source)

    return on_lists


def check_lengths(lists: list[Operand]) -> None:
    """Check that lists that are combined have one length in each event."""
    first = lists[0]
    for other in lists[1:]:
        differs = first.counts != other.counts
        if differs.any():
            i = differs.argmax()
            names = f"{first.source!r} and {other.source!r}"
            message = f"{names} are combined, but have {first.counts[i]} and"
            raise ExpressionError(f"{message} {other.counts[i]} elements in one event")


def in_lists(operand: Operand, counts: np.ndarray) -> Operand:
    """Numbers of events repeated for each element; lists and constants as they are."""
    if operand.counts is not None or operand.is_constant():
        return operand
    known = None if operand.known is None else np.repeat(operand.known, counts)
    return Operand(np.repeat(operand.numbers, counts), known, counts)


def reduced(
    ufunc: np.ufunc, numbers: np.ndarray, counts: np.ndarray, empty: float
) -> np.ndarray:
    """A reduction (n_events,) of lists; `empty` is the result without elements."""
    result = np.full(len(counts), empty, numbers.dtype)
    filled = counts > 0
    if filled.any():
        starts = np.cumsum(counts) - counts
        result[filled] = ufunc.reduceat(numbers, starts[filled])
    return result


def from_column(name: str, column: np.ndarray | Iterable) -> Operand:
    """The operand of a column of a file: NumPy (masked, two-dimensional) or awkward."""
    if not isinstance(column, np.ndarray):
        return from_awkward(name, column)
    if column.ndim > 2:
        raise ExpressionError(f"{name!r} holds arrays of shape {column.shape[1:]}")
    if column.ndim == 2:
        counts = np.full(column.shape[0], column.shape[1])
        return replace(from_flat(name, column.ravel()), counts=counts, source=name)
    return from_flat(name, column)


def from_awkward(name: str, column: Iterable) -> Operand:
    """The operand of an awkward array of numbers or of lists of numbers."""
    import awkward as ak  # half a second that files without lists do not need

    if ak.fields(column):
        raise ExpressionError(f"{name!r} holds records, not numbers")
    if column.ndim > 2:
        raise ExpressionError(f"{name!r} holds lists of lists, not numbers")
    if column.ndim == 1:
        return from_flat(name, ak.to_numpy(column))
    counts = ak.to_numpy(ak.fill_none(ak.num(column), 0)).astype(np.int64)
    elements = ak.to_numpy(ak.flatten(column))
    return replace(from_flat(name, elements), counts=counts, source=name)


def from_flat(name: str, column: np.ndarray) -> Operand:
    """The operand of a one-dimensional array; masked numbers are missing."""
    if column.dtype.kind not in "biuf":
        content = "text" if column.dtype.kind in "SUOT" else str(column.dtype)
        raise ExpressionError(f"{name!r} holds {content}; expressions take numbers")
    known = None
    if isinstance(column, np.ma.MaskedArray):
        known, column = ~np.ma.getmaskarray(column), column.data
    if column.dtype.kind == "f":
        column = column.astype(np.float64, copy=False)
    elif column.dtype == np.uint64:
        # Signed if they fit, so that no sum or difference with signed integers is
        # rounded.
        (column,) = common_integers(Operand(column))
    elif column.dtype != bool:
        column = column.astype(np.int64, copy=False)
    return marked(column, known)
