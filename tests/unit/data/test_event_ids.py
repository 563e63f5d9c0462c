"""Tests of data.event_ids: repeated ids, and equal events in one fold."""

import logging

import declarations
import numpy as np
import pytest

from hepfold.core import logs
from hepfold.data import event_ids, fold_file, folds, ingestion

N_EVENTS = 5000


@pytest.fixture
def inputs() -> np.ndarray:
    inputs = np.random.default_rng(1).normal(size=(N_EVENTS, 3)).astype("f4")
    inputs[::5, 1] = np.nan
    return inputs


def test_equal_rows_have_equal_keys_and_no_others(inputs):
    keys = event_ids.content_keys(inputs)
    assert keys.dtype == np.int64 and len(np.unique(keys)) == N_EVENTS
    order = np.random.default_rng(2).permutation(N_EVENTS)
    np.testing.assert_array_equal(event_ids.content_keys(inputs[order]), keys[order])
    # Rows with the same values in another order are other events.
    assert not np.isin(event_ids.content_keys(inputs[:, ::-1]), keys).any()


def test_zeros_and_missing_values_have_one_key():
    other_nan = np.array([0x7FC00123], "u4").view("f4")[0]
    rows = np.array([[0.0, np.nan], [-0.0, -np.nan], [0.0, other_nan]], "f4")
    assert len(np.unique(event_ids.content_keys(rows))) == 1


def test_equal_events_are_in_one_fold(inputs):
    """And folds of contents are as even as those of ids."""
    twice = np.concatenate([inputs, inputs[::-1]])
    fold = folds.assign(event_ids.content_keys(twice), 7, 5)
    np.testing.assert_array_equal(fold[:N_EVENTS], fold[N_EVENTS:][::-1])
    counts = np.bincount(fold[:N_EVENTS])
    assert np.abs(counts - N_EVENTS / 5).max() < 5 * np.sqrt(N_EVENTS / 5)


def keys_of(*parts: tuple) -> event_ids.Keys:
    """Keys of parts (place, numbers of events, processes, ids)."""
    keys = event_ids.Keys()
    for place, index, group, key in parts:
        keys.add(place, index, np.array(group, "u2"), np.array(key, "i8"))
    return keys


def test_the_first_two_events_with_an_id_are_named():
    keys = keys_of(
        ("a.csv, line", range(2, 5), [0, 0, 0], [2**53, 2**53 + 1, 5]),
        ("b.csv, line", np.array([4, 9]), [0, 0], [6, 2**53 + 1]),
    )
    with pytest.raises(logs.InputError) as error:
        keys.check_unique("datasets.own.id", "number")
    assert str(error.value) == (
        "a.csv, line 3 and b.csv, line 9: both events have the number "
        f"{2**53 + 1}; to use row numbers as ids, set datasets.own.id: null"
    )


def test_ids_may_repeat_in_other_processes():
    keys_of(
        ("a.root, event", range(3), [0, 0, 0], [1, 2, -3]),
        ("b.root, event", range(3), [1, 1, 2], [1, 2, 2]),
    ).check_unique("datasets.own.id", "number")
    event_ids.Keys().check_unique("datasets.own.id", "number")


def test_neighbors_beyond_the_precision_of_float64_differ():
    ids = 2**62 + np.arange(1000)
    keys_of(("a.root, event", range(1000), [0] * 1000, ids)).check_unique("x", "id")


def test_equal_events_are_counted(caplog):
    keys = keys_of(
        ("a.csv, line", range(2, 6), [0, 0, 1, 0], [7, 8, 7, 7]),
        ("b.csv, line", range(2, 4), [0, 1], [7, 9]),
    )
    with caplog.at_level(logging.WARNING):
        assert keys.count_equal("datasets.own") == 2
    assert caplog.messages == [
        "datasets.own: 2 of 6 events equal an earlier one, such as a.csv, line 2 and "
        "a.csv, line 5; equal events are in one fold"
    ]
    caplog.clear()
    assert keys_of(("a", range(2), [0, 0], [1, 2])).count_equal("datasets.own") == 0
    assert caplog.messages == []


def test_the_place_of_an_event_is_that_of_its_part():
    keys = keys_of(("a", range(5, 7), [0, 0], [1, 2]), ("b", [3], [0], [3]))
    assert [keys.where(i) for i in range(3)] == ["a 5", "a 6", "b 3"]
    with pytest.raises(IndexError):
        keys.where(3)


DECLARED = {
    "title": "x",
    "processes": {
        "sig": {"files": "a.root", "label": "signal"},
        "bkg": {"files": "b.root", "label": "background"},
    },
    "features": ["x"],
}


@pytest.mark.parametrize(
    ("id_name", "process", "numbers"),
    [("n", None, [3, 4, 9, 12]), ("n", "sig", [4, 9]), (None, "bkg", [3, 12])],
)
def test_keys_of_trained_events_are_read_back(tmp_path, id_name, process, numbers):
    """Codes of processes alternate, so that ids 9 and 4 are those of `sig`."""
    declared, path = declarations.parse(DECLARED), str(tmp_path / "train.h5")
    part = declarations.blank_events(declared, 4)
    part.event_id[:] = [9, 3, 4, 12]
    part.inputs[:, 0] = part.event_id
    with fold_file.writing(path, 2, declarations.layout(declared), {}) as writer:
        writer.append(part, np.array([0, 1, 1, 0]))
    keys = np.array(numbers)
    if id_name is None:
        keys = np.sort(event_ids.content_keys(keys[:, None].astype("f4")))
    trained = event_ids.trained_keys(path, id_name, process)
    assert trained.tolist() == keys.tolist()


def test_membership_in_ordered_keys():
    ordered = np.array([-5, 0, 2**62])
    key = np.array([2**62, -6, 0, 2**62 + 1, -5])
    expected = [True, False, True, False, True]
    assert event_ids.is_among(key, ordered).tolist() == expected
    assert not event_ids.is_among(key, ordered[:0]).any()


def test_trained_keys_are_those_of_each_process(tmp_path):
    """Ids are unique within a process alone."""
    csv, path = tmp_path / "a.csv", str(tmp_path / "train.h5")
    csv.write_text("x,n,p\n1,5,s\n2,3,s\n3,5,b\n")
    column = {"column": "p", "signal": ["s"], "background": ["b", "c"]}
    declared = declarations.parse(
        {"title": "x", "files": str(csv), "features": ["x"], "id": "n"}
        | {"process": column}
    )
    events, reader = declarations.read(declared)
    layout = ingestion.layout_of(reader.plan, reader.processes)
    with fold_file.writing(path, 2, layout, {}) as file:
        file.append(events, np.array([0, 1, 1]))
    keys = event_ids.trained_by_process(path, "n")
    assert [of_process.tolist() for of_process in keys] == [[3, 5], [5], []]
