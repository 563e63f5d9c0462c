"""Tests of data.root_trees: trees by name, folder and cycle, and other objects."""

import numpy as np
import pytest
import uproot

from hepfold.core import logs
from hepfold.data import root_trees

SETTING = "datasets.a.processes.ttH.files"


def write(path, trees: dict[str, int], others: dict | None = None) -> str:
    """A file with trees of so many events, and other objects."""
    with uproot.recreate(path) as file:
        for name, n_events in trees.items():
            file.mktree(name, {"x": "float32"})
            file[name].extend({"x": np.zeros(n_events, "f4")})
        for name, values in (others or {}).items():
            file[name] = values
    return str(path)


def n_events(path: str, name: str | None) -> int:
    with root_trees.opened(path) as file:
        return root_trees.tree_of(path, file, name, SETTING).num_entries


@pytest.fixture
def path(tmp_path) -> str:
    """Trees in folders, a histogram, and two cycles of one tree."""
    histogram = np.histogram([1.0, 2.0])
    trees = {"analysis/nominal": 1, "analysis/JES_up": 2, "events": 3}
    path = write(tmp_path / "a.root", trees, {"cutflow": histogram})
    with uproot.update(path) as file:
        file.mktree("events", {"x": "float32"})
        file["events"].extend({"x": np.zeros(4, "f4")})
    return path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("analysis/nominal", 1),
        ("/analysis/nominal", 1),
        ("analysis/nominal;1", 1),
        ("analysis/JES_up", 2),
        ("events;1", 3),
        ("events;2", 4),
        ("events", 4),
    ],
)
def test_trees_have_folders_and_cycles(path, name, expected):
    assert n_events(path, name) == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, " has 3 trees; name one by `tree`: analysis/nominal, analysis/JES_up, "),
        ("cutflow", ": 'cutflow' is a TH1D, not a tree; trees of the file: analysis/n"),
        ("analysis", ": 'analysis' is a folder, not a tree; "),
        ("event", " has no tree 'event'; did you mean 'events'? Trees of the file: "),
        ("nominal", " has no tree 'nominal'; did you mean 'analysis/nominal'? "),
        ("events;3", " has no tree 'events;3'; did you mean 'events'? "),
        ("Runs", " has no tree 'Runs'; trees of the file: analysis/nominal, "),
    ],
)
def test_what_is_no_tree_is_reported(path, name, message):
    with pytest.raises(logs.InputError) as error:
        n_events(path, name)
    assert f"{SETTING}: {path}{message}" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_only_tree_needs_no_name(tmp_path):
    histogram = np.histogram([1.0, 2.0])
    path = write(tmp_path / "a.root", {"analysis/nominal": 5}, {"cutflow": histogram})
    assert n_events(path, None) == 5


def test_an_rntuple_is_a_tree(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mkrntuple("events", {"x": np.zeros(6)})
    assert n_events(str(tmp_path / "a.root"), None) == 6


def test_a_file_without_trees_says_what_it_holds(tmp_path):
    path = write(tmp_path / "a.root", {}, {"cutflow": np.histogram([1.0, 2.0])})
    with pytest.raises(logs.InputError, match=r"no tree; the file holds cutflow \(TH"):
        n_events(path, None)
    path = write(tmp_path / "b.root", {})
    with pytest.raises(logs.InputError, match="no tree 'events'; the file is empty"):
        n_events(path, "events")


def test_many_trees_are_listed_in_part(tmp_path):
    path = write(tmp_path / "a.root", {f"t{i}": 1 for i in range(15)})
    with pytest.raises(logs.InputError, match=r"has 15 trees.* t11 and 3 more"):
        n_events(path, None)


def test_absent_files_and_folders_are_reported(tmp_path):
    with pytest.raises(logs.InputError, match=r"absent.root: No such file"):
        n_events(str(tmp_path / "absent.root"), None)
    with pytest.raises(logs.InputError, match=r"Is a directory"):
        n_events(str(tmp_path), None)


def test_a_path_may_contain_a_colon(tmp_path):
    assert n_events(write(tmp_path / "a:b.root", {"t": 2}), None) == 2


def test_other_errors_are_not_taken_for_corrupt_files(tmp_path):
    path = write(tmp_path / "a.root", {"t": 1})
    with pytest.raises(ZeroDivisionError), root_trees.opened(path):
        raise ZeroDivisionError


def test_a_file_of_another_format_is_reported(tmp_path):
    (tmp_path / "a.root").write_text("not a ROOT file" * 100)
    with pytest.raises(logs.InputError, match="truncated or corrupt ROOT file"):
        n_events(str(tmp_path / "a.root"), None)
