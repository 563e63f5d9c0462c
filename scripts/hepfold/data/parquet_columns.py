"""Columns of Parquet files: their content, and their values as arrays."""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from hepfold.data import column_kinds

TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
)
LISTS = (pa.types.is_list, pa.types.is_large_list)


def descriptions(schema: pa.Schema) -> dict[str, str]:
    """Content of each column; members of records have names such as `Muon.pt`."""
    return {
        name: holds
        for field in schema
        for name, holds in described(field.name, field.type)
    }


def described(name: str, kind: pa.DataType) -> Iterator[tuple[str, str]]:
    """Name and description of a column and of its members."""
    yield name, description(kind)
    within, prefix = kind, ""
    while any(is_list(within) for is_list in LISTS):
        within, prefix = within.value_type, f"list of {prefix}"
    if pa.types.is_struct(within):
        for member in within:
            for inner, holds in described(f"{name}.{member.name}", member.type):
                yield inner, prefix + holds


def description(kind: pa.DataType) -> str:
    """Content per event of an Arrow type."""
    if pa.types.is_dictionary(kind):
        return description(kind.value_type)
    if any(is_text(kind) for is_text in TEXTS):
        return "text"
    if pa.types.is_fixed_size_list(kind):
        return column_kinds.several(kind.list_size, description(kind.value_type))
    if any(is_list(kind) for is_list in LISTS):
        return f"list of {description(kind.value_type)}"
    if pa.types.is_struct(kind):
        return f"record of {', '.join(member.name for member in kind)}"
    # A column that holds only nulls has no type.
    if pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return "double"
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return column_kinds.number_name(np.dtype(kind.to_pandas_dtype()).name)
    return f"object {kind}"


def converted(
    batch: pa.RecordBatch, column: column_kinds.Column, where: Callable[[int], str]
) -> np.ndarray:
    """Values of a column of a part of the file as the requested kind."""
    if column.name in batch.schema.names:
        values = batch[column.name]
        if values.type.num_fields == 0 or pa.types.is_dictionary(values.type):
            return column_kinds.converted(flat(values, column, where), column, where)
    # Awkward is only loaded for lists and records.
    from hepfold.data import jagged_columns

    top, members = column.name, []
    if top not in batch.schema.names:
        top, *members = column.name.split(".")
    values = jagged_columns.member(batch[top], members)
    return jagged_columns.converted(values, column, where)


def flat(
    values: pa.Array, column: column_kinds.Column, where: Callable[[int], str]
) -> np.ndarray:
    """Numbers, bools or text (n_events,); missing numbers are NaN."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    is_text = column.holds == "text"
    if values.null_count and (is_text or column.kind in column_kinds.COMPLETE):
        i_event = values.is_null().index(True).as_py()
        raise column.fault(where(i_event), "missing value (null)")
    if is_text:
        return texts(values)
    if pa.types.is_decimal(values.type):
        values = values.cast(decimal_kind(values.type), safe=False)
    if pa.types.is_null(values.type):
        return np.full(len(values), np.nan)
    if values.null_count:
        # Booleans are cast to integers first.
        is_bool = pa.types.is_boolean(values.type)
        numbers = values.cast(pa.int8()) if is_bool else values
        if not pa.types.is_floating(numbers.type):
            values = numbers.cast(pa.float64(), safe=False)
    return values.to_numpy(zero_copy_only=False)


def decimal_kind(kind: pa.DataType) -> pa.DataType:
    """Integers for decimals without decimal places, such as ids; otherwise floats."""
    return pa.int64() if kind.scale == 0 and kind.precision < 19 else pa.float64()


def texts(values: pa.Array) -> np.ndarray:
    """Strings as an array of dtype `S`, encoded as UTF-8."""
    as_bytes = values.cast(pa.large_binary()).to_numpy(zero_copy_only=False)
    return np.array(as_bytes.tolist(), dtype="S")
