"""Reader of raw events in any format: in parts, with every value checked."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from hepfold.core import columns, logs, prefetch
from hepfold.data import datasets, event_arrays, sources

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
        Files of training events, or of events with a column for the subset.
    test_paths
        Files of test events.
    definition
        The data set.
    names
        Names of columns in the files, by official name, where they differ. None means
        that there is no such column: ids are then row numbers, weights are one, and all
        events are training events.
    trees
        Names of trees in ROOT files; see `root_files.read`.

    Raises `logs.InputError` with file, line or event, and column of an invalid value.
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
    if n_events == 0:
        raise logs.InputError(f"{', '.join(subset_of)}: no events")
    check_class_weights(list(subset_of), class_sums)
    check_unique_ids(parts, definition.event_id)


def read_unlabeled(
    path: str,
    definition: datasets.Dataset,
    names: dict[str, str | None],
    trees: dict[str, str],
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Checked inputs (n_events, n_features) and ids (n_events,) of a file in parts.

    Labels, weights and subsets are not read and may be absent. The rest is as in
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
        raise logs.InputError(f"{path}: no events")


def raw_parts(
    path: str,
    raw_columns: event_arrays.RawColumns,
    definition: datasets.Dataset,
    trees: dict[str, str],
) -> Iterator[event_arrays.RawEvents]:
    """Unchecked events of a file; its first bytes decide which reader is imported."""
    try:
        with open(path.partition(sources.MEMBER_SIGN)[0], "rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise logs.InputError(f"{path}: {error.strerror}") from error
    if magic == ROOT_MAGIC:
        from hepfold.data import root_files

        labels = {
            columns.CLASS_NAMES[code]: value
            for value, code in definition.label_values.items()
        }
        return root_files.read(path, raw_columns, trees, labels)
    if magic == PARQUET_MAGIC:
        from hepfold.data import parquet_files

        return parquet_files.read(path, raw_columns)
    from hepfold.data import csv_files

    return csv_files.read(path, raw_columns, header_of(path, raw_columns, definition))


def header_of(
    path: str, raw_columns: event_arrays.RawColumns, definition: datasets.Dataset
) -> tuple[str, ...] | None:
    """Names of the columns of a CSV file without a header line, else None."""
    if definition.has_header:
        return None
    from hepfold.data import csv_files

    # Without names, only the number of columns shows whether there is a label.
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
    """Events as all later steps use them; `subset` applies if no column gives it."""
    inputs = checked_inputs(raw, raw_columns, definition)
    label = recoded(raw, raw.label, raw_columns.label, definition.label_values)
    weight = np.ones(len(raw)) if raw.weight is None else raw.weight
    with np.errstate(over="ignore"):  # an overflow is infinite and fails the check
        weight = weight.astype("f4")
    check_finite(raw, weight, raw_columns.weight)
    if raw.subset is None:
        subset_code = np.full(len(raw), columns.SUBSETS.index(subset))
    else:
        codes = {
            value: columns.SUBSETS.index(name)
            for value, name in definition.subset_values.items()
        }
        subset_code = recoded(raw, raw.subset, raw_columns.subset, codes)
    for name, values in raw.extra.items():
        check_finite(raw, values, name)
    return event_arrays.Events(
        inputs=inputs,
        label=label.astype("i1"),
        weight=weight,
        event_id=event_ids(raw, raw_columns.event_id, first_row),
        subset=subset_code.astype("u1"),
        extra={name: values.astype("f4") for name, values in raw.extra.items()},
    )


def checked_inputs(
    raw: event_arrays.RawEvents,
    raw_columns: event_arrays.RawColumns,
    definition: datasets.Dataset,
) -> np.ndarray:
    """Inputs (n_events, n_features): missing values NaN, categories as codes."""
    inputs = raw.inputs
    if not np.isfinite(inputs).all():
        i_column = np.flatnonzero(~np.isfinite(inputs).all(axis=0))[0]
        check_finite(raw, inputs[:, i_column], raw_columns.features[i_column])
    if definition.missing is not None:
        inputs = np.where(inputs == np.float32(definition.missing), np.nan, inputs)
    for name, values in definition.categorical.items():
        i_column = definition.features.index(name)
        code = {value: code for code, value in enumerate(values)}
        column_name = raw_columns.features[i_column]
        inputs[:, i_column] = recoded(raw, raw.inputs[:, i_column], column_name, code)
    return inputs


def check_finite(
    raw: event_arrays.RawEvents, values: np.ndarray, name: str | None
) -> None:
    """Raise an error for NaN or an infinite value in a column."""
    finite = np.isfinite(values)
    if not finite.all():
        i_event = finite.argmin()
        raise logs.InputError(
            f"{raw.where(i_event)}, column {name!r}: {values[i_event]} is not finite"
        )


def recoded(
    raw: event_arrays.RawEvents, values: np.ndarray, name: str, codes: dict
) -> np.ndarray:
    """Code of each value in a column; an error for a value that has none."""
    code = np.full(len(values), -1)
    for value, code_of_value in codes.items():
        is_bytes = isinstance(value, str) and values.dtype.kind == "S"
        code[values == (value.encode() if is_bytes else value)] = code_of_value
    is_unknown = code < 0
    if is_unknown.any():
        i_event = is_unknown.argmax()
        value = values[i_event]
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        raise logs.InputError(
            f"{raw.where(i_event)}, column {name!r}: {text} is not one of "
            f"{', '.join(map(str, codes))}"
        )
    return code


def event_ids(
    raw: event_arrays.RawEvents, name: str | None, first_row: int
) -> np.ndarray:
    """Event ids from the file, or row numbers if it has none."""
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


def check_class_weights(paths: list[str], class_sums: np.ndarray) -> None:
    """Raise an error for a class without weight; sums (n_subsets, n_classes)."""
    for subset, sums in zip(columns.SUBSETS, class_sums, strict=True):
        for code, name in columns.CLASS_NAMES.items():
            if sums.any() and subset != columns.UNUSED and sums[code] <= 0:
                raise logs.InputError(
                    f"{', '.join(paths)}: the weights of the {subset} {name} events "
                    f"sum to {sums[code]:g}; both classes need a positive sum"
                )


def check_unique_ids(
    parts: list[tuple[str, int, np.ndarray]], official_name: str | None
) -> None:
    """Raise an error for two events with one id, which would share a fold.

    Each part is the place and number of its first event, and the ids (n_events,).
    """
    if not parts:
        return
    event_id = np.concatenate([ids for _, _, ids in parts])
    order = np.argsort(event_id, kind="stable")
    repeated = np.flatnonzero(np.diff(event_id[order]) == 0)
    if len(repeated) == 0:
        return
    start = np.cumsum([0, *(len(ids) for _, _, ids in parts)])
    places = []
    for i_event in order[repeated[0] : repeated[0] + 2]:
        i_part = np.searchsorted(start, i_event, side="right") - 1
        place, first, _ = parts[i_part]
        places.append(f"{place} {first + i_event - start[i_part]}")
    raise logs.InputError(
        f"{' and '.join(places)}: both events have the id "
        f"{event_id[order[repeated[0]]]}; to use row numbers as ids, set "
        f"`columns: {{{official_name}: null}}`"
    )
