"""Fold files whose events stay in the files of parts, as virtual data sets of HDF5."""

import json
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from hepfold.core import columns, files
from hepfold.data import fold_file


@dataclass(frozen=True)
class PartFile:
    """The fold file of a part, with what the totals of all parts say about its events.

    Weights are multiplied by `factor`; `first_row` is added to ids that are numbers of
    rows, and is None for others.
    """

    path: str
    factor: float
    first_row: int | None


def write(
    path: str,
    parts: list[PartFile],
    n_folds: int,
    layout: fold_file.Layout,
    made_by: dict,
) -> None:
    """Write a fold file with the events of all parts, in order.

    Only weights, and ids that are row numbers, are copied. All other columns are read
    from the files of the parts, whose paths are relative to the folder of `path`.
    """
    folder = Path(path).parent
    names = [str(Path(part.path).relative_to(folder)) for part in parts]
    with fold_file.creating(path, made_by) as file:
        file.attrs["parts"] = json.dumps(names)
        for i_fold in range(n_folds):
            gather(file.create_group(f"fold_{i_fold}"), parts, names)
        layout.write(file)


def gather(group: h5py.Group, parts: list[PartFile], names: list[str]) -> None:
    """Write the columns of one fold."""
    copied = {fold_file.WEIGHTS: [], columns.EVENT_ID: []}
    shapes, types = {}, {}
    for part in parts:
        with files.reading(part.path), h5py.File(part.path) as source:
            fold = source[group.name]
            for name, data in fold.items():
                shapes.setdefault(name, []).append(data.shape)
                types[name] = data.dtype
            copied[fold_file.WEIGHTS].append(fold[fold_file.WEIGHTS][:] * part.factor)
            if part.first_row is not None:
                copied[columns.EVENT_ID].append(
                    fold[columns.EVENT_ID][:] + part.first_row
                )
    for name, kind in types.items():
        if copied.get(name):
            group[name] = np.concatenate(copied[name])
        else:
            link(group, name, kind, shapes[name], names)


def link(
    group: h5py.Group,
    name: str,
    kind: np.dtype,
    shapes: list[tuple[int, ...]],
    names: list[str],
) -> None:
    """Create a column whose values are in the files of the given names."""
    n_events = sum(n for n, *_ in shapes)
    layout = h5py.VirtualLayout((n_events, *shapes[0][1:]), kind)
    start = 0
    for part, shape in zip(names, shapes, strict=True):
        if shape[0]:
            source = h5py.VirtualSource(part, f"{group.name}/{name}", shape, kind)
            layout[start : start + shape[0]] = source
        start += shape[0]
    if n_events:
        group.create_virtual_dataset(name, layout)
    else:
        group.create_dataset(name, (0, *shapes[0][1:]), kind)
