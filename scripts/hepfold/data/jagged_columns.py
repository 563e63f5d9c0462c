"""Columns of raw files as awkward arrays: their content, and one value per event."""

from collections.abc import Callable

import awkward as ak
import numpy as np
import pyarrow as pa

from hepfold.data import column_kinds, raw_tables


def description(form: ak.forms.Form) -> str:
    """Content per event of an awkward form: "float", "list of float", "text", ..."""
    if form.parameter("__array__") in ("string", "bytestring"):
        return "text"
    if form.is_option or form.is_indexed:
        return description(form.content)
    if form.is_record:
        return f"record of {', '.join(form.fields)}"
    if form.is_regular:
        return column_kinds.several(form.size, description(form.content))
    if form.is_list:
        return f"list of {description(form.content)}"
    if form.is_numpy:
        return numbers(form.primitive, form.inner_shape)
    return f"object {type(form).__name__.removesuffix('Form')}"


def numbers(primitive: str, shape: tuple[int, ...]) -> str:
    """Description of numbers of fixed shape per event."""
    holds = column_kinds.number_name(primitive)
    for length in reversed(shape):
        holds = column_kinds.several(length, holds)
    return holds


def member(values: pa.Array, members: list[str]) -> ak.Array:
    """An Arrow array, or members of its records, as an awkward array."""
    array = ak.from_arrow(values)
    for name in members:
        array = array[name]
    return array


def converted(
    values: ak.Array, column: column_kinds.Column, where: Callable[[int], str]
) -> np.ndarray | ak.Array:
    """Values of all events as the requested kind; only for `ANY` may they stay lists.

    Missing values become NaN; missing lists become empty lists. For `ANY`, arrays of
    variable length stay lists even if each event has one value, so that all parts of a
    file have the same type.
    """
    if column.holds == "text":
        return column_kinds.converted(texts(values, column, where), column, where)
    values = without_missing(values, column, where)
    if column.kind == raw_tables.ANY and not column_kinds.is_flat(column.holds):
        return values
    one = one_per_event(values)
    if one is None:
        counts = ak.to_numpy(ak.num(values, axis=1))
        i_event = int(np.argmax(counts != 1))
        number = int(counts[i_event])
        raise column_kinds.several_values(column, where(i_event), number)
    return column_kinds.converted(one, column, where)


def one_per_event(values: ak.Array) -> np.ndarray | None:
    """Numbers (n_events,) if each event has exactly one, else None."""
    while values.ndim > 1:
        if not ak.all(ak.num(values, axis=1) == 1):
            return None
        values = ak.flatten(values, axis=1)
    return ak.to_numpy(values)


def without_missing(
    values: ak.Array, column: column_kinds.Column, where: Callable[[int], str]
) -> ak.Array:
    """Values with NaN in place of missing numbers and empty lists for missing lists."""
    layout_type = str(values.layout.form.type)
    if "?" not in layout_type and "option" not in layout_type:
        return values
    if values.ndim > 1:
        values = ak.fill_none(values, [], axis=0)
    elif column.kind in column_kinds.COMPLETE:
        check_none_missing(values, column, where)
    if "text" in column.holds:
        return values
    dtype = number_type(values.layout.form)
    if ak.any(ak.is_none(values, axis=-1), axis=None):
        dtype = np.dtype(np.result_type(dtype, np.float32))
        return ak.fill_none(ak.values_astype(values, dtype), dtype.type(np.nan), -1)
    # Integers remain integers: nothing is filled in, but the type is no longer
    # optional.
    return ak.fill_none(values, dtype.type(0), axis=-1)


def number_type(form: ak.forms.Form) -> np.dtype:
    """Type of the numbers in an awkward form."""
    while not form.is_numpy:
        form = form.content
    return np.dtype(form.primitive)


def check_none_missing(
    values: ak.Array, column: column_kinds.Column, where: Callable[[int], str]
) -> None:
    """Raise an error at the first missing value."""
    missing = ak.to_numpy(ak.is_none(values))
    if missing.any():
        raise column.fault(where(int(missing.argmax())), "missing value (null)")


def texts(
    values: ak.Array, column: column_kinds.Column, where: Callable[[int], str]
) -> np.ndarray:
    """Strings as an array of dtype `S`, encoded as UTF-8."""
    check_none_missing(values, column, where)
    return ak.to_numpy(ak.enforce_type(ak.drop_none(values), "bytes"))
