"""Codes of values in a column: classes, processes and subsets of events."""

from collections.abc import Callable

import numpy as np

from hepfold.core import logs, settings_samples

# Words for true and false, in lowercase; 1 and 0 stand for them too.
WORDS = {True: (b"true", b"yes"), False: (b"false", b"no")}


def cells(values: settings_samples.Cells) -> tuple[settings_samples.Cell, ...]:
    """Values of a setting, which is one value or a list."""
    return values if isinstance(values, tuple) else (values,)


def is_number(cell: settings_samples.Cell) -> bool:
    """Whether a value is a number; true and false are not."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def codes(
    values: np.ndarray,
    groups: list[tuple[settings_samples.Cell, ...]],
    name: str,
    where: Callable[[int], str],
) -> np.ndarray:
    """Position (n_events,) of the group that holds each value of a column.

    Values compare as numbers where both are numbers, else as text. Raises InputError
    for a value in no group; `where` gives the place of an event.
    """
    code = np.full(len(values), -1, "i8")
    for i, group in enumerate(groups):
        for cell in group:
            code[equal(values, cell)] = i
    if len(code) and code.min() < 0:
        i_event = int((code < 0).argmax())
        value = values[i_event]
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        known = ", ".join(str(cell) for group in groups for cell in group)
        raise logs.InputError(
            f"{where(i_event)}, column {name!r}: {text} is not one of {known}"
        )
    return code


def equal(values: np.ndarray, cell: settings_samples.Cell) -> np.ndarray:
    """Where (n_events,) a column has a value of a setting."""
    if values.dtype.kind in "SUO":
        text = values.astype("S")
        if isinstance(cell, bool):
            is_word = np.isin(np.char.lower(text), WORDS[cell])
            return is_word | (as_numbers(text) == cell)
        if is_number(cell):
            return as_numbers(text) == cell
        return text == str(cell).encode()
    if isinstance(cell, str):
        try:
            return values == float(cell)
        except ValueError:
            return np.zeros(len(values), bool)
    return values == cell


def as_numbers(text: np.ndarray) -> np.ndarray:
    """Text (n_events,) as float64; NaN where it is no number."""
    unique, position = np.unique(text, return_inverse=True)
    numbers = np.full(len(unique), np.nan)
    for i, value in enumerate(unique):
        try:
            numbers[i] = float(value)
        except ValueError:
            continue
    return numbers[position]
