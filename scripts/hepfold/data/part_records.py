"""Counts and keys of a part of a large data set, from which totals are computed."""

import json
from dataclasses import dataclass

import h5py
import msgspec
import numpy as np

from hepfold.core import files
from hepfold.data import event_ids, event_reader, fold_file, folds, hdf5_columns

KEYS = "keys"
NUMBER, GROUP, KEY = "number", "group", "key"
TYPES = {NUMBER: "i8", GROUP: "u2", KEY: "i8"}


class Record(msgspec.Struct, kw_only=True):
    """Counts and sums of the events of a part, before weights are normalized.

    `n_rows` counts all events of its files; arrays as in `CutFlow` and `WeightSums`.
    """

    n_rows: int
    cut_flow: dict[str, list]
    weight_counts: list
    weight_sums: list
    others: tuple[str, ...]
    source_sha256: list[str]


@dataclass(frozen=True)
class Numbers:
    """Event numbers in a file, which are read only if a message needs one."""

    path: str
    first: int
    n_events: int

    def __len__(self) -> int:
        return self.n_events

    def __getitem__(self, i_event: int) -> int:
        with h5py.File(self.path) as file:
            return int(file[f"{KEYS}/{NUMBER}"][self.first + i_event])


def record_of(
    reader: event_reader.EventReader,
    sums: folds.WeightSums,
    others: tuple[str, ...],
    source_sha256: list[str],
) -> Record:
    """The record of a part that was read."""
    flow = reader.cut_flow
    return Record(
        n_rows=int(flow.n_events_after("read").sum()),
        cut_flow={
            "n_events": flow.n_events.tolist(),
            "weight": flow.weight.tolist(),
            "squares": flow.squares.tolist(),
            "n_negative": flow.n_negative.tolist(),
        },
        weight_counts=sums.counts.tolist(),
        weight_sums=sums.sums.tolist(),
        others=others,
        source_sha256=source_sha256,
    )


def write_keys(file: h5py.File, keys: event_ids.Keys) -> None:
    """Write the keys of the events of a part, with their places."""
    group = file.create_group(KEYS)
    for name, kind in TYPES.items():
        hdf5_columns.create_growing(group, name, kind, ())
    for _, *arrays in keys.parts:
        for name, values in zip(TYPES, arrays, strict=True):
            hdf5_columns.extend(group[name], np.asarray(values))
    places = [(place, len(index)) for place, index, *_ in keys.parts]
    group.attrs["places"] = json.dumps(places)


def read_keys(path: str, keys: event_ids.Keys) -> None:
    """Add the keys of the events of a part to others."""
    with files.reading(path), h5py.File(path) as file:
        group = file[KEYS]
        first = 0
        for place, n_events in json.loads(group.attrs["places"]):
            rows = np.s_[first : first + n_events]
            numbers = Numbers(path, first, n_events)
            keys.add(place, numbers, group[GROUP][rows], group[KEY][rows])
            first += n_events


def read(path: str) -> Record:
    """The record of a part, from its file of training events."""
    return msgspec.convert(fold_file.read_made_by(path)["record"], Record)


class Totals:
    """Counts and sums of the events of all parts, with normalized weights.

    The cut flow and the keys are those of the reader.
    """

    def __init__(self, reader: event_reader.EventReader, n_folds: int):
        self.reader = reader
        self.sums = folds.WeightSums(n_folds)
        self.others: set[str] = set()
        self.source_sha256: list[str] = []
        self.n_rows: dict[str | None, int] = {}

    def add(self, record: Record, factor: float, process: str | None) -> int:
        """Add the events of a part, with their weights multiplied by a factor.

        Returns the number of events in the files of its process before this part.
        """
        flow = self.reader.cut_flow
        powers = {"n_events": 0, "n_negative": 0, "weight": 1, "squares": 2}
        for name, power in powers.items():
            values = np.array(record.cut_flow[name])
            # A part only knows the processes up to its own.
            known = getattr(flow, name)[:, : values.shape[1]]
            known += (values * factor**power).astype(known.dtype)
        self.sums.counts += np.array(record.weight_counts)
        self.sums.sums += factor * np.array(record.weight_sums)
        self.others |= set(record.others)
        self.source_sha256 += record.source_sha256
        first_row = self.n_rows.get(process, 0)
        self.n_rows[process] = first_row + record.n_rows
        return first_row
