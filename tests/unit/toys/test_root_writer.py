"""Tests of toys.root_writer: content, types, and bytes independent of the time."""

import datetime
import time

import awkward as ak
import numpy as np
import pytest
import uproot

from hepfold.toys import root_writer

EVENTS = {
    "id": np.array([1, 2**53 + 1, 2**64 - 1], "u8"),
    "is_good": np.array([True, False, True]),
    "n": np.array([-1, 0, 1], "i4"),
    "Jet": ak.zip({"pt": [[1.5, 2.5], [], [3.5]], "eta": [[0.5, 0.25], [], [-1.0]]}),
}


def test_content_and_types_are_read_back(tmp_path):
    path = str(tmp_path / "toy.root")
    root_writer.write(path, {"folder/events": EVENTS, "Runs": {"sum": np.array([0.1])}})
    with uproot.open(path) as file:
        events = file["folder/events"].arrays()
        assert file["Runs"]["sum"].array().tolist() == [0.1]
    for name in ("id", "is_good", "n"):
        values = events[name].to_numpy()
        assert values.dtype == EVENTS[name].dtype
        np.testing.assert_array_equal(values, EVENTS[name])
    assert events["Jet_pt"].tolist() == EVENTS["Jet"]["pt"].tolist()
    assert events["Jet_eta"].tolist() == EVENTS["Jet"]["eta"].tolist()


@pytest.mark.slow
def test_bytes_depend_on_the_content_alone(tmp_path):
    paths = [tmp_path / folder / "toy.root" for folder in ("a", "b")]
    # Times in ROOT files have a resolution of a second.
    time.sleep(1 - time.time() % 1)
    for path in paths:
        root_writer.write(str(path), {"folder/events": EVENTS})
    first, second = (path.read_bytes() for path in paths)
    assert first == second


def test_time_is_fixed_inside_only():
    modules = (uproot.writing._cascade, uproot.writing._cascadetree)
    with root_writer.fixed_time():
        assert all(m.datetime.datetime.now().year == 2000 for m in modules)
    assert all(m.datetime is datetime for m in modules)
