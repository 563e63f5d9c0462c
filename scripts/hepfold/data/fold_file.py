"""Fold files: HDF5 in the layout that LUMIN's FoldYielder reads.

Each group `fold_<i>` holds `inputs` float32 (n_events, n_features) with the categorical
codes last, `targets` int8, `weights` float64, `process` uint16, and one data set per
extra column, all (n_events,). Group `meta_data` holds JSON strings. Values are
physical, NaN if missing. The attribute `made_by` records settings and sources.
"""

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np

from hepfold.core import columns, files
from hepfold.data import datasets, event_arrays, hdf5_columns

FORMAT_VERSION = 1
# Rows that `read_parts` reads at once: memory must not grow with the file.
BATCH_ROWS = 524_288
# Events that are buffered before they are written, since each HDF5 call is costly.
BUFFERED_ROWS = 262_144
# Fold number of an event that is not written.
NOWHERE = -1
INPUTS, TARGETS, WEIGHTS = "inputs", "targets", "weights"
TYPES = {TARGETS: "i1", WEIGHTS: "f8", columns.EVENT_ID: "i8", columns.SUBSET: "u1"}
# Types of extra columns; those of `keep` are float64.
EXTRA_TYPES = {columns.PROCESS: "u2", columns.REGION: "u1"}


@dataclass(frozen=True)
class Layout:
    """Names of the features and extra columns, and of the codes in them.

    `categorical` maps each categorical feature to its values in the order of the codes;
    those in `others` have one more code for all other values. `processes` and `regions`
    are names in the order of their codes (regions from 1); `extra` are the columns
    besides inputs, targets, weights, id and subset.
    """

    continuous: tuple[str, ...]
    categorical: dict[str, tuple[float, ...]]
    others: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of `inputs`."""
        return (*self.continuous, *self.categorical)

    def n_values(self, names: tuple[str, ...]) -> list[int]:
        """Number of codes of each categorical feature in `names`."""
        return [
            len(values) + (name in self.others)
            for name, values in self.categorical.items()
            if name in names
        ]

    def positions(self, names: tuple[str, ...]) -> list[int]:
        """Positions of the named features in `inputs`, in ascending order."""
        return [i for i, name in enumerate(self.features) if name in names]

    def with_others(self, inputs: np.ndarray) -> "Layout":
        """The layout with a code for other values where inputs have one."""
        others = [
            name
            for i, (name, values) in enumerate(
                self.categorical.items(), len(self.continuous)
            )
            if name in self.others or (inputs[:, i] == len(values)).any()
        ]
        return replace(self, others=tuple(others))

    def write(self, file: h5py.File) -> None:
        """Write the names where LUMIN looks for them, and the names of all codes."""
        described = {
            "cont_feats": self.continuous,
            "cat_feats": list(self.categorical),
            "targ_feats": TARGETS,
            "wgt_feat": WEIGHTS,
            "cat_maps": {
                name: dict(enumerate(values))
                for name, values in self.categorical.items()
            },
            "others": self.others,
            "subsets": columns.SUBSETS,
            "processes": self.processes,
            "regions": self.regions,
        }
        for name, value in described.items():
            file[f"meta_data/{name}"] = json.dumps(value)


class FoldWriter:
    """Appends events to the folds of an open fold file."""

    def __init__(self, file: h5py.File, n_folds: int, layout: Layout):
        self.file, self.layout = file, layout
        self.buffered: list[tuple[event_arrays.Events, np.ndarray]] = []
        self.folds = [file.create_group(f"fold_{i}") for i in range(n_folds)]
        for group in self.folds:
            hdf5_columns.create_growing(group, INPUTS, "f4", (len(layout.features),))
            for name in (*TYPES, *layout.extra):
                kind = TYPES.get(name) or EXTRA_TYPES.get(name, "f8")
                hdf5_columns.create_growing(group, name, kind, ())

    def append(self, part: event_arrays.Events, fold: np.ndarray) -> None:
        """Append events to their folds (n_events,); NOWHERE leaves an event out."""
        self.layout = self.layout.with_others(part.inputs)
        if (fold != NOWHERE).any():
            self.buffered.append((part, fold))
        if sum(len(part) for part, _ in self.buffered) >= BUFFERED_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the buffered events."""
        if not self.buffered:
            return
        parts, folds = zip(*self.buffered, strict=True)
        self.buffered = []
        fold = np.concatenate(folds)
        part = event_arrays.concatenated(parts).take(np.argsort(fold, kind="stable"))
        files.check_free_space(self.file.filename, 2 * part.inputs.nbytes)
        ends = np.cumsum(np.bincount(fold + 1, minlength=len(self.folds) + 1))
        for i_fold, (start, end) in enumerate(itertools.pairwise(ends)):
            self.write(i_fold, part.rows(start, end))

    def write(self, i_fold: int, part: event_arrays.Events) -> None:
        """Append events to one fold of the file."""
        data = {
            INPUTS: part.inputs,
            TARGETS: part.label,
            WEIGHTS: part.weight,
            columns.EVENT_ID: part.event_id,
            columns.SUBSET: part.subset,
            **{name: part.extra[name] for name in self.layout.extra},
        }
        for name, values in data.items():
            hdf5_columns.extend(self.folds[i_fold][name], values)


@contextmanager
def writing(
    path: str, n_folds: int, layout: Layout, made_by: dict
) -> Iterator[FoldWriter]:
    """Writer of a new fold file, which is renamed to `path` when complete.

    `made_by` and the layout of the writer are stored at the end, so the caller may add
    to them while writing.
    """
    with creating(path, made_by) as file:
        writer = FoldWriter(file, n_folds, layout)
        yield writer
        writer.flush()
        writer.layout.write(file)


@contextmanager
def creating(path: str, made_by: dict) -> Iterator[h5py.File]:
    """A new, sealed HDF5 file, which is renamed to `path` when complete."""
    with (
        files.replacing(path, sealed=True) as temporary,
        h5py.File(temporary, "w") as file,
    ):
        file.attrs["checksum"] = np.bytes_(files.SEAL)
        file.attrs["format_version"] = FORMAT_VERSION
        yield file
        file.attrs["made_by"] = json.dumps(made_by)


@contextmanager
def opened(path: str) -> Iterator[h5py.File]:
    """A fold file; it and the files of its parts, if any, are verified."""
    with files.reading(path), h5py.File(path) as file:
        for name in json.loads(file.attrs.get("parts", "[]")):
            files.verify(str(Path(path).parent / name))
        yield file


def read(path: str, folds: Sequence[int] | None = None) -> event_arrays.Events:
    """Events of the given folds, or of all, in the order of the folds.

    In a file written by LUMIN, ids are row numbers and all events are training events.
    Weights are one if it has none.
    """
    with opened(path) as file:
        groups = fold_groups(file, folds)
        return event_arrays.Events(
            inputs=joined(groups, INPUTS),
            label=joined(groups, TARGETS),
            weight=joined(groups, WEIGHTS),
            event_id=joined(groups, columns.EVENT_ID),
            subset=joined(groups, columns.SUBSET),
            extra={
                name: joined(groups, name)
                for name in (groups[0] if groups else ())
                if name not in {INPUTS, *TYPES}
            },
        )


def joined(groups: list[h5py.Group], name: str) -> np.ndarray:
    """One data set of several folds, read directly into one array."""
    if name not in groups[0]:
        return missing(name, sum(len(group[TARGETS]) for group in groups))
    kind = "f4" if name == INPUTS else TYPES.get(name)
    return hdf5_columns.joined([group[name] for group in groups], kind)


def read_parts(
    path: str, folds: Sequence[int] | None = None
) -> Iterator[event_arrays.Events]:
    """Events as returned by `read`, in parts of at most `BATCH_ROWS`."""
    extra, first = read_layout(path).extra, 0
    with opened(path) as file:
        for group in fold_groups(file, folds):
            for start in range(0, len(group[TARGETS]), BATCH_ROWS):
                part = rows_of(group, slice(start, start + BATCH_ROWS), first, extra)
                first += len(part)
                yield part


def fold_groups(file: h5py.File, folds: Sequence[int] | None) -> list[h5py.Group]:
    """The groups of the given folds, or of all."""
    if folds is None:
        folds = range(sum(name.startswith("fold_") for name in file))
    return [file[f"fold_{i}"] for i in folds]


def rows_of(
    group: h5py.Group, rows: slice, first: int, extra: tuple[str, ...]
) -> event_arrays.Events:
    """A range of rows of a fold; `first` is the first id in a file without ids."""
    n_rows = len(range(*rows.indices(len(group[TARGETS]))))
    values = {
        name: group[name][rows] if name in group else missing(name, n_rows, first)
        for name in TYPES
    }
    return event_arrays.Events(
        inputs=group[INPUTS][rows].astype("f4", copy=False),
        label=values[TARGETS].astype(TYPES[TARGETS], copy=False),
        weight=values[WEIGHTS],
        event_id=values[columns.EVENT_ID],
        subset=values[columns.SUBSET],
        extra={name: group[name][rows] for name in extra},
    )


def missing(name: str, n_events: int, first: int = 0) -> np.ndarray:
    """Values of a column that a file lacks: weights 1, ids row numbers, others 0."""
    if name == columns.EVENT_ID:
        return np.arange(first, first + n_events, dtype=TYPES[name])
    return np.full(n_events, name == WEIGHTS, TYPES[name])


def read_layout(path: str) -> Layout:
    """Names of the features and extra columns, and values of the categories."""
    with opened(path) as file:
        described = {
            name: json.loads(data[()]) for name, data in file["meta_data"].items()
        }
        return Layout(
            continuous=tuple(described["cont_feats"]),
            categorical={
                name: tuple(described["cat_maps"][name].values())
                for name in described["cat_feats"]
            },
            others=tuple(described.get("others", ())),
            processes=tuple(described.get("processes", ())),
            regions=tuple(described.get("regions", ())),
            extra=tuple(n for n in file["fold_0"] if n not in {INPUTS, *TYPES}),
        )


def count_events(path: str, folds: Sequence[int] | None = None) -> int:
    """Number of events in the given folds, or in all."""
    with opened(path) as file:
        return sum(len(group[TARGETS]) for group in fold_groups(file, folds))


def read_made_by(path: str) -> dict:
    """Settings used to make the file, and names and checksums of its sources."""
    with opened(path) as file:
        return json.loads(file.attrs["made_by"])


def read_dataset(path: str) -> datasets.Dataset:
    """What the features of the file mean."""
    return datasets.parse(read_made_by(path)["settings"]["dataset"])


def is_toy(path: str) -> bool:
    """Whether the file contains toy events."""
    return read_made_by(path)["toy"]
