"""Tests of data.hdf5_columns: what is appended follows in order."""

import h5py
import numpy as np

from hepfold.data import hdf5_columns


def test_columns_grow_over_several_chunks(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        hdf5_columns.create_growing(file, "x", "i4", (2,))
        assert file["x"].shape == (0, 2)
        rows = np.arange(2 * 20_000).reshape(-1, 2)
        for part in (rows[:7], rows[7:7], rows[7:]):
            hdf5_columns.extend(file["x"], part)
        np.testing.assert_array_equal(file["x"], rows)
        assert file["x"].dtype == "i4"


def test_columns_are_joined_in_order(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        parts = [np.arange(3), np.arange(0), np.arange(5)]
        data = [file.create_dataset(str(i), data=part) for i, part in enumerate(parts)]
        joined = hdf5_columns.joined(data, None)
        assert joined.tolist() == [0, 1, 2, 0, 1, 2, 3, 4] and joined.dtype == "i8"
        assert hdf5_columns.joined(data, "f4").dtype == "f4"
