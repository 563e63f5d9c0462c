"""Ids of events: uniqueness, and a key that puts equal events into the same fold."""

import logging
from itertools import chain

import numpy as np

from hepfold.core import columns, logs
from hepfold.data import event_arrays, fold_file, folds

# Numbers of events in a file: all of a part, or those that pass a selection.
Index = np.ndarray | range


def content_keys(inputs: np.ndarray) -> np.ndarray:
    """A 64-bit key (n_events,) of each row of inputs, the same for equal rows."""
    # Adding zero turns -0 into 0, and every NaN counts as the same missing value.
    bits = inputs + np.float32(0)
    bits[np.isnan(bits)] = np.nan
    # Two values are one word of 64 bits.
    if bits.shape[1] % 2:
        bits = np.pad(bits, ((0, 0), (0, 1)))
    words = np.ascontiguousarray(bits, "f4").view("u8")
    key = np.zeros(len(words), "u8")
    for i in range(words.shape[1]):
        key = folds.hashed(key ^ words[:, i])
    return key.view("i8")


def fold_keys(part: event_arrays.Events, id_name: str | None) -> np.ndarray:
    """Keys (n_events,) that determine the folds of events: ids, or keys of contents."""
    if id_name is not None:
        return part.event_id
    if columns.FOLD_KEY in part.extra:
        return part.extra[columns.FOLD_KEY]
    return content_keys(part.inputs)


def trained_keys(
    train_path: str, id_name: str | None, process: str | None = None
) -> np.ndarray:
    """Unique keys of the events of a fold file, or of one process, ascending."""
    processes = fold_file.read_layout(train_path).processes
    keys = [np.empty(0, "i8")]
    for part in fold_file.read_parts(train_path):
        if process is not None:
            code = processes.index(process)
            part = part.take(part.extra[columns.PROCESS] == code)
        keys.append(fold_keys(part, id_name))
    return np.unique(np.concatenate(keys))


def trained_by_process(train_path: str, id_name: str | None) -> list[np.ndarray]:
    """Keys of the events of each process of a fold file, in ascending order."""
    n_processes = len(fold_file.read_layout(train_path).processes)
    keys = [[np.empty(0, "i8")] for _ in range(n_processes)]
    for part in fold_file.read_parts(train_path):
        key, process = fold_keys(part, id_name), part.extra[columns.PROCESS]
        for code in np.unique(process):
            keys[code].append(key[process == code])
    return [np.unique(np.concatenate(parts)) for parts in keys]


def is_among(key: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Whether each key (n_events,) is one of keys in ascending order."""
    if len(ordered) == 0:
        return np.zeros(len(key), bool)
    place = np.searchsorted(ordered, key)
    return ordered[np.minimum(place, len(ordered) - 1)] == key


class Keys:
    """Collects the keys of events with their places, to find repeated ones."""

    def __init__(self):
        self.parts: list[tuple[str, Index, np.ndarray, np.ndarray]] = []

    def add(self, place: str, index: Index, group: np.ndarray, key: np.ndarray) -> None:
        """Add events at numbers `index` (n_events,) of a place, in groups of codes."""
        self.parts.append((place, index, group, key))

    def repeated(self) -> tuple[int, tuple[str, str, int] | None]:
        """Number of repetitions in a group, and the places and key of the first two."""
        if not self.parts:
            return 0, None
        key = np.concatenate([keys for *_, keys in self.parts])
        group = np.concatenate([groups for _, _, groups, _ in self.parts])
        # Sorting values is several times as fast as sorting positions.
        mixed = np.sort(folds.hashed(key.view("u8") ^ folds.hashed(group.astype("u8"))))
        if not (np.diff(mixed) == 0).any():
            return 0, None
        order = np.lexsort((key, group))
        same = (np.diff(key[order]) == 0) & (np.diff(group[order]) == 0)
        positions = np.flatnonzero(same)
        if len(positions) == 0:
            return 0, None
        first, second = order[positions[0] : positions[0] + 2]
        return len(positions), (self.where(first), self.where(second), key[first])

    def where(self, i_event: int) -> str:
        """Place of an event by its number in the order of reading."""
        for place, index, *_ in self.parts:
            if i_event < len(index):
                return f"{place} {index[i_event]}"
            i_event -= len(index)
        raise IndexError(i_event)

    def check_separate(self, setting: str) -> None:
        """Raise an error for an event of a file that belongs to two groups.

        All events of a part are in one group.
        """
        by_place: dict[str, dict[int, list[Index]]] = {}
        for place, index, group, _ in self.parts:
            for code in group[:1]:
                groups = by_place.setdefault(place, {})
                groups.setdefault(code, []).append(index)
        for place, groups in by_place.items():
            if len(groups) > 1:
                numbers = np.sort(np.concatenate(list(chain(*groups.values()))))
                repeated = numbers[1:][np.diff(numbers) == 0]
                if len(repeated):
                    raise logs.InputError(
                        f"{setting}: {place} {repeated[0]} is in two processes; their "
                        "selections of one file must exclude each other"
                    )

    def check_unique(self, setting: str, id_name: str) -> None:
        """Raise an error for two events of one process with one id."""
        _, example = self.repeated()
        if example is not None:
            one, other, key = example
            raise logs.InputError(
                f"{one} and {other}: both events have the {id_name} {key}; to use row "
                f"numbers as ids, set {setting}: null"
            )

    def count_equal(self, setting: str) -> int:
        """Number of events that equal an earlier one; logs a warning if any."""
        n_equal, example = self.repeated()
        if example is not None:
            n_events = sum(len(index) for _, index, *_ in self.parts)
            logging.warning(
                "%s: %d of %d events equal an earlier one, such as %s and %s; equal "
                "events are in one fold",
                setting,
                n_equal,
                n_events,
                example[0],
                example[1],
            )
        return n_equal
