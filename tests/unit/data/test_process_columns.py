"""Tests of data.event_reader: processes in a column, and equal events of one file."""

import declarations
import polars as pl
import pytest

from hepfold.data import event_samples, fold_file

BY_COLUMN = {
    "title": "x",
    "files": "own.csv",
    "process": {"column": "p", "signal": ["ttH"], "background": ["ttW", 7]},
    "features": ["x"],
}


def test_processes_are_told_apart_by_a_column(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["ttW", "ttH", "7", "ttH", "7.0"]
    pl.DataFrame({"p": names, "x": range(5), "n": [1, 1, 1, 2, 2]}).write_csv("own.csv")
    declared = declarations.parse(BY_COLUMN, id="n")
    events = declarations.events(declared)
    assert events.extra["process"].tolist() == [1, 0, 2, 0, 2]
    assert events.label.tolist() == [0, 1, 0, 1, 0]
    assert declarations.layout(declared).processes == ("ttH", "ttW", "7")
    assert event_samples.process_labels(declared) == (1, 0, 0)


@pytest.mark.parametrize("n_copies", [1, 4])
def test_equal_events_without_ids_are_counted(tmp_path, monkeypatch, n_copies):
    monkeypatch.chdir(tmp_path)
    once = pl.DataFrame({"x": range(30), "y": [0, 1] * 15})
    pl.concat([once] * n_copies).write_csv("own.csv")
    label = {"column": "y", "signal": 1, "background": 0}
    declared = declarations.parse({**BY_COLUMN, "process": None, "label": label})
    events, reader = declarations.read(declared)
    assert reader.check_keys() == 30 * (n_copies - 1)
    assert events.event_id.tolist() == list(range(30 * n_copies))
    assert fold_file.EXTRA_TYPES["process"] == "u2" == events.extra["process"].dtype
