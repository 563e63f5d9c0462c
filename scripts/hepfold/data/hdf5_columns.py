"""Columns of an HDF5 file: grown while events are appended, and joined when read."""

import h5py
import numpy as np

# Rows of one HDF5 chunk: enough to read fast, few compared with a fold.
CHUNK_ROWS = 8192


def create_growing(group: h5py.Group, name: str, kind: str, width: tuple) -> None:
    """Create an empty data set that can grow along its first axis."""
    rows = CHUNK_ROWS if width else 4 * CHUNK_ROWS
    group.create_dataset(
        name, (0, *width), kind, maxshape=(None, *width), chunks=(rows, *width)
    )


def extend(data: h5py.Dataset, values: np.ndarray) -> None:
    """Append values to a data set."""
    start = len(data)
    data.resize(start + len(values), axis=0)
    data[start:] = values


def joined(data: list[h5py.Dataset], kind: str | None) -> np.ndarray:
    """Several data sets, read directly into one array of their type or another."""
    shape = (sum(map(len, data)), *data[0].shape[1:])
    array = np.empty(shape, kind or data[0].dtype)
    start = 0
    for part in data:
        if len(part):
            part.read_direct(array, dest_sel=np.s_[start : start + len(part)])
        start += len(part)
    return array
