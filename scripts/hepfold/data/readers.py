"""Raw events of any format: in parts, checked value by value, faults placed."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from hepfold.core import columns, logs, prefetch
from hepfold.data import csv_files, datasets, event_arrays, root_and_parquet

PARQUET_MAGIC, ROOT_MAGIC = b"PAR1", b"root"


def read_events(
    paths: list[str],
    test_paths: list[str],
    definition: datasets.Dataset,
    names: dict[str, str | None],
    trees: dict[str, str],
) -> Iterator[event_arrays.Events]:
    """Checked events of raw files in parts, in the order of the files.

    Parameters
    ----------
    paths
        Files of events whose subset their own column tells, or train events.
    test_paths
        Files of test events.
    definition
        The data set.
    names
        Name in the files for an official name where it differs; None: no such column,
        so that ids are row numbers, weights one, all events train events.
    trees
        Trees of ROOT files, as `binaryfiles.read_root` takes them.

    A fault raises `logs.InputError` that names file, line or event, and column.
    """
    raw_columns = event_arrays.RawColumns.of(definition, names)
    subset_of = dict.fromkeys(paths, columns.TRAIN) | dict.fromkeys(
        test_paths, columns.TEST
    )
    parts, n_events = [], 0
    class_sums = np.zeros((len(columns.SUBSETS), 2))
    for path, subset in subset_of.items():
        raws = raw_parts(path, raw_columns, definition, trees)
        with closing(prefetch.made_ahead(raws)) as ahead:
            for raw in ahead:
                part = checked(raw, raw_columns, definition, subset, n_events)
                n_events += len(part)
                np.add.at(class_sums, (part.subset, part.label), part.weight)
                if raw_columns.event_id:
                    parts.append((raw.place, raw.first, part.event_id))
                yield part
    told = ", ".join(subset_of)
    if n_events == 0:
        raise logs.InputError(f"{told}: there is no event in it")
    refuse_single_class(told, class_sums)
    refuse_repeated_ids(parts)


def read_unlabeled(
    path: str,
    definition: datasets.Dataset,
    names: dict[str, str | None],
    trees: dict[str, str],
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Checked inputs (n_events, n_features) and ids (n_events,) of a file in parts.

    Labels, weights and subsets are neither needed nor looked at; all else is as in
    `read_events`.
    """
    raw_columns = event_arrays.RawColumns.of(definition, names).without_truth()
    n_events = 0
    raws = raw_parts(path, raw_columns, definition, trees)
    with closing(prefetch.made_ahead(raws)) as ahead:
        for raw in ahead:
            inputs = checked_inputs(raw, raw_columns, definition)
            yield inputs, event_ids(raw, raw_columns.event_id, n_events)
            n_events += len(raw)
    if n_events == 0:
        raise logs.InputError(f"{path}: there is no event in it")


def raw_parts(
    path: str,
    raw_columns: event_arrays.RawColumns,
    definition: datasets.Dataset,
    trees: dict[str, str],
) -> Iterator[event_arrays.RawEvents]:
    """Unchecked events of a file, whose first bytes tell its format."""
    try:
        with open(path.partition(csv_files.MEMBER_SIGN)[0], "rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise logs.InputError(f"{path}: {error.strerror}") from error
    if magic == ROOT_MAGIC:
        labels = {
            columns.CLASS_NAMES[code]: value
            for value, code in definition.label_values.items()
        }
        return root_and_parquet.read_root(path, raw_columns, trees, labels)
    if magic == PARQUET_MAGIC:
        return root_and_parquet.read_parquet(path, raw_columns)
    return csv_files.read(path, raw_columns, header_of(path, raw_columns, definition))


def header_of(
    path: str, raw_columns: event_arrays.RawColumns, definition: datasets.Dataset
) -> tuple[str, ...] | None:
    """Names of the columns of a CSV file whose first line does not tell them."""
    if definition.has_header:
        return None
    # Without names, the number of columns alone says whether there is a label.
    needed = [name for name in definition.columns if name in raw_columns.all()]
    if raw_columns.label is None and csv_files.n_fields(path) == len(needed):
        return tuple(needed)
    return definition.columns


def checked(
    raw: event_arrays.RawEvents,
    raw_columns: event_arrays.RawColumns,
    definition: datasets.Dataset,
    subset: str,
    first_row: int,
) -> event_arrays.Events:
    """Events in the form of all later steps; `subset` where no column tells it."""
    inputs = checked_inputs(raw, raw_columns, definition)
    label = recoded(raw, raw.label, raw_columns.label, definition.label_values)
    weight = np.ones(len(raw)) if raw.weight is None else raw.weight
    with np.errstate(over="ignore"):  # what overflows is not finite, and refused
        weight = weight.astype("f4")
    refuse_not_finite(raw, weight, raw_columns.weight)
    if raw.subset is None:
        subset_code = np.full(len(raw), columns.SUBSETS.index(subset))
    else:
        codes = {
            value: columns.SUBSETS.index(name)
            for value, name in definition.subset_values.items()
        }
        subset_code = recoded(raw, raw.subset, raw_columns.subset, codes)
    for name, values in raw.extra.items():
        refuse_not_finite(raw, values, name)
    return event_arrays.Events(
        inputs=inputs,
        label=label.astype("i1"),
        weight=weight,
        event_id=event_ids(raw, raw_columns.event_id, first_row),
        subset=subset_code.astype("u1"),
        extra={name: values.astype("f4") for name, values in raw.extra.items()},
    )


def checked_inputs(
    raw: event_arrays.RawEvents, raw_columns: event_arrays.RawColumns, definition: datasets.Dataset
) -> np.ndarray:
    """Inputs (n_events, n_features): missing values NaN, categories as codes."""
    inputs = raw.inputs
    if not np.isfinite(inputs).all():
        i_column = np.flatnonzero(~np.isfinite(inputs).all(axis=0))[0]
        refuse_not_finite(raw, inputs[:, i_column], raw_columns.features[i_column])
    if definition.missing is not None:
        inputs = np.where(inputs == np.float32(definition.missing), np.nan, inputs)
    for name, values in definition.categorical.items():
        i_column = definition.features.index(name)
        code = {value: code for code, value in enumerate(values)}
        column_name = raw_columns.features[i_column]
        inputs[:, i_column] = recoded(raw, raw.inputs[:, i_column], column_name, code)
    return inputs


def refuse_not_finite(
    raw: event_arrays.RawEvents, values: np.ndarray, name: str | None
) -> None:
    """Refuse NaN and infinite values of a column."""
    finite = np.isfinite(values)
    if not finite.all():
        i_event = finite.argmin()
        raise logs.InputError(
            f"{raw.where(i_event)}, column {name!r}: {values[i_event]} is not finite"
        )


def recoded(
    raw: event_arrays.RawEvents, values: np.ndarray, name: str, codes: dict
) -> np.ndarray:
    """Code of each value of a column; a value without one is refused."""
    code = np.full(len(values), -1)
    for value, its_code in codes.items():
        text = isinstance(value, str) and values.dtype.kind == "S"
        code[values == (value.encode() if text else value)] = its_code
    unknown = code < 0
    if unknown.any():
        i_event = unknown.argmax()
        found = values[i_event]
        found = found.decode(errors="replace") if isinstance(found, bytes) else found
        raise logs.InputError(
            f"{raw.where(i_event)}, column {name!r}: {found} is not one of "
            f"{', '.join(map(str, codes))}"
        )
    return code


def event_ids(raw: event_arrays.RawEvents, name: str | None, first_row: int) -> np.ndarray:
    """The ids of the file, or the row numbers where it has none."""
    if raw.event_id is None:
        return np.arange(first_row, first_row + len(raw))
    event_id = raw.event_id.astype("i8", casting="unsafe")
    whole = event_id == raw.event_id
    if not whole.all():
        i_event = whole.argmin()
        raise logs.InputError(
            f"{raw.where(i_event)}, column {name!r}: {raw.event_id[i_event]} is not "
            "an integer"
        )
    return event_id


def refuse_single_class(told: str, class_sums: np.ndarray) -> None:
    """Refuse a subset in which a class has no weight; sums (n_subsets, n_classes)."""
    for subset, sums in zip(columns.SUBSETS, class_sums, strict=True):
        for code, name in columns.CLASS_NAMES.items():
            if sums.any() and subset != columns.UNUSED and sums[code] <= 0:
                raise logs.InputError(
                    f"{told}: the weights of its {subset} {name} events sum to "
                    f"{sums[code]:g}"
                )


def refuse_repeated_ids(parts: list[tuple[str, int, np.ndarray]]) -> None:
    """Refuse two events of one id: both would have to be in one fold."""
    if not parts:
        return
    event_id = np.concatenate([ids for _, _, ids in parts])
    order = np.argsort(event_id, kind="stable")
    repeated = np.flatnonzero(np.diff(event_id[order]) == 0)
    if len(repeated) == 0:
        return
    start = np.cumsum([0, *(len(ids) for _, _, ids in parts)])
    told = []
    for i_event in order[repeated[0] : repeated[0] + 2]:
        i_part = np.searchsorted(start, i_event, side="right") - 1
        place, first, _ = parts[i_part]
        told.append(f"{place} {first + i_event - start[i_part]}")
    raise logs.InputError(
        f"{told[0]}, and {told[1]}: both events have the id "
        f"{event_id[order[repeated[0]]]}"
    )
