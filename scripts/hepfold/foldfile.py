"""The fold file: HDF5 in the layout that LUMIN's FoldYielder reads.

Groups `fold_0`, `fold_1`, ... each hold `inputs` float32 (n_events, n_features) with
the categorical codes last, `targets` int8, `weights` float32 and one data set per
extra column, all (n_events,). Group `meta_data` holds JSON strings. Values are
physical, missing ones NaN. The attributes of the file say how it was made.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import h5py
import numpy as np
import polars as pl

from hepfold import columns, datasets, store

FORMAT_VERSION = 1
# Rows of one HDF5 chunk: large enough to read fast, small beside a fold.
CHUNK_ROWS = 8192
EXTRA_TYPES = {columns.EVENT_ID: "i8", columns.SUBSET: "S8"}


@dataclass(frozen=True)
class Events:
    """Events of some folds: inputs (n_events, n_features), the rest (n_events,)."""

    inputs: np.ndarray
    label: np.ndarray
    weight: np.ndarray
    event_id: np.ndarray
    subset: np.ndarray

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True)
class Layout:
    """Names of the data sets of a fold.

    `categorical` gives the values of each categorical feature, in the order of their
    codes; `extra` are the columns beside inputs, targets and weights.
    """

    continuous: tuple[str, ...]
    categorical: dict[str, tuple[float, ...]]
    extra: tuple[str, ...]

    @classmethod
    def of(cls, definition: datasets.Dataset) -> "Layout":
        """The layout that a data set gets."""
        extra = (columns.EVENT_ID, columns.SUBSET, *definition.extra)
        return cls(definition.continuous, definition.categorical, extra)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of `inputs`."""
        return (*self.continuous, *self.categorical)

    def n_values(self) -> list[int]:
        """Number of values of each categorical feature."""
        return [len(values) for values in self.categorical.values()]

    def described(self) -> dict:
        """The layout as LUMIN names it."""
        return {
            "cont_feats": list(self.continuous),
            "cat_feats": list(self.categorical),
            "targ_feats": "targets",
            "wgt_feat": "weights",
            "cat_maps": {
                name: dict(enumerate(values))
                for name, values in self.categorical.items()
            },
        }


class FoldWriter:
    """Appends events to the folds of an open fold file."""

    def __init__(self, file: h5py.File, n_folds: int, layout: Layout):
        types = {"targets": "i1", "weights": "f4"}
        types |= {name: EXTRA_TYPES.get(name, "f4") for name in layout.extra}
        self.layout = layout
        self.class_counts = np.zeros((n_folds, 2), int)
        self.folds = [file.create_group(f"fold_{i}") for i in range(n_folds)]
        for group in self.folds:
            create_growing(group, "inputs", "f4", (len(layout.features),))
            for name, kind in types.items():
                create_growing(group, name, kind, ())

    def append(self, events: pl.DataFrame, fold: np.ndarray) -> None:
        """Append events of the events table, each to its fold (n_events,)."""
        data = {
            "inputs": events.select(self.layout.features).to_numpy(),
            "targets": events[columns.LABEL].to_numpy(),
            "weights": events[columns.WEIGHT].to_numpy(),
            **{name: events[name].to_numpy() for name in self.layout.extra},
        }
        data[columns.SUBSET] = data[columns.SUBSET].astype("S8")
        for i_fold, group in enumerate(self.folds):
            here = np.flatnonzero(fold == i_fold)
            for name, values in data.items():
                extend(group[name], values[here])
            self.class_counts[i_fold] += np.bincount(data["targets"][here], minlength=2)


def create_growing(group: h5py.Group, name: str, kind: str, width: tuple) -> None:
    """An empty data set that grows along its first axis."""
    group.create_dataset(
        name, (0, *width), kind, maxshape=(None, *width), chunks=(CHUNK_ROWS, *width)
    )


def extend(data: h5py.Dataset, values: np.ndarray) -> None:
    """Append values to a data set that grows."""
    start = len(data)
    data.resize(start + len(values), axis=0)
    data[start:] = values


@contextmanager
def writing(
    path: str, n_folds: int, layout: Layout, made_by: dict
) -> Iterator[FoldWriter]:
    """A writer of a new fold file, which appears under its name when all is written."""
    with store.replacing(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["format_version"] = FORMAT_VERSION
        file.attrs["made_by"] = json.dumps(made_by)
        for name, value in layout.described().items():
            file[f"meta_data/{name}"] = json.dumps(value)
        yield FoldWriter(file, n_folds, layout)


def read(path: str, folds: list[int] | None = None) -> Events:
    """Events of the given folds, or of all, in the order of the folds."""
    with h5py.File(path) as file:
        if folds is None:
            folds = range(sum(name.startswith("fold_") for name in file))
        groups = [file[f"fold_{i}"] for i in folds]
        return Events(
            inputs=joined(groups, "inputs"),
            label=joined(groups, "targets"),
            weight=joined(groups, "weights"),
            event_id=joined(groups, columns.EVENT_ID),
            subset=joined(groups, columns.SUBSET),
        )


def joined(groups: list[h5py.Group], name: str) -> np.ndarray:
    """One data set of several folds, read straight into one array."""
    data = [group[name] for group in groups]
    array = np.empty((sum(map(len, data)), *data[0].shape[1:]), data[0].dtype)
    start = 0
    for part in data:
        if len(part):
            part.read_direct(array, dest_sel=np.s_[start : start + len(part)])
        start += len(part)
    return array


def read_layout(path: str) -> Layout:
    """Names of the features and values of the categories."""
    with h5py.File(path) as file:
        described = {
            name: json.loads(data[()]) for name, data in file["meta_data"].items()
        }
        own = {"inputs", "targets", "weights"}
        return Layout(
            continuous=tuple(described["cont_feats"]),
            categorical={
                name: tuple(described["cat_maps"][name].values())
                for name in described["cat_feats"]
            },
            extra=tuple(name for name in file["fold_0"] if name not in own),
        )


def read_made_by(path: str) -> dict:
    """How the file was made: settings, and name and checksum of the source."""
    with h5py.File(path) as file:
        return json.loads(file.attrs["made_by"])
