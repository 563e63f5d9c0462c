"""Tests of data.raw_tables: the place of each event, also of selected ones."""

import numpy as np

from hepfold.data import raw_tables


def table() -> raw_tables.RawTable:
    values = np.arange(4, dtype="f4")
    return raw_tables.RawTable(
        {"x": values, "id": np.arange(4) + 10},
        "a.csv, line",
        301,
        4,
        matrix=values[:, None],
        matrix_names=("x",),
    )


def test_events_are_numbered_from_the_first_one():
    assert len(table()) == 4
    assert list(table().numbers()) == [301, 302, 303, 304]
    assert table().where(2) == "a.csv, line 303"


def test_selected_events_keep_their_place():
    taken = table().take(np.array([1, 3]))
    assert len(taken) == 2
    assert list(taken.numbers()) == [302, 304]
    assert taken.where(1) == "a.csv, line 304"
    assert taken.columns["id"].tolist() == [11, 13]
    assert taken.matrix.tolist() == [[1], [3]]


def test_a_table_without_a_matrix_has_none_after_a_selection():
    bare = raw_tables.RawTable({}, "a.root, event", 0, 4)
    assert bare.take(np.array([2])).matrix is None
    assert bare.take(np.array([], int)).n_events == 0
