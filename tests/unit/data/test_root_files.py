"""Tests of data.root_files: the values of trees and RNTuples, and incomplete files."""

import awkward as ak
import numpy as np
import pytest
import uproot

from hepfold.core import logs
from hepfold.data import raw_tables, root_files

SETTING = "datasets.a.files"
N_EVENTS = 50


@pytest.fixture
def values() -> dict[str, ak.Array | np.ndarray]:
    """Branches of every type; the lists have 0 to 3 numbers, or exactly one."""
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=N_EVENTS)
    counts = rng.integers(0, 4, N_EVENTS)
    return {
        "x": numbers.astype("f4"),
        "jet1_b-tag": numbers,
        "is_SS": numbers > 0,
        "id": np.arange(N_EVENTS) + 2**60 + 1,
        "hash": np.arange(N_EVENTS, dtype="u8") + np.uint64(2**63),
        "n": np.arange(N_EVENTS, dtype="i2"),
        "pt": ak.unflatten(rng.normal(size=counts.sum()).astype("f4"), counts),
        "one": ak.from_regular(ak.Array(numbers[:, None])),
        "fixed1": numbers[:, None].astype("f4"),
        "fixed3": rng.normal(size=(N_EVENTS, 3)).astype("f4"),
    }


@pytest.fixture(params=["TTree", "RNTuple"])
def path(request, values, tmp_path, monkeypatch) -> str:
    """A file with one tree of three baskets or clusters; it is read in parts."""
    monkeypatch.setattr(root_files, "BATCH_EVENTS", 12)
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        types = {name: branch_type(array) for name, array in values.items()}
        make = file.mktree if request.param == "TTree" else file.mkrntuple
        tree = make("events", types if request.param == "TTree" else values)
        if request.param == "TTree":
            for part in (slice(0, 10), slice(10, 43), slice(43, None)):
                tree.extend({name: array[part] for name, array in values.items()})
    return str(path)


def branch_type(array: ak.Array | np.ndarray):
    """Type of a branch of a TTree for these values."""
    if isinstance(array, np.ndarray):
        return (array.dtype, array.shape[1:]) if array.ndim > 1 else array.dtype
    return array.type.content


def read(path: str, name: str, kind: str, tree: str | None = None):
    """All values of one branch, and the parts it was read in."""
    parts = list(root_files.read(path, {name: kind}, tree, SETTING))
    joined = (np if isinstance(parts[0].columns[name], np.ndarray) else ak).concatenate
    return joined([part.columns[name] for part in parts]), parts


@pytest.mark.parametrize("name", ["x", "jet1_b-tag", "is_SS", "id", "n"])
@pytest.mark.parametrize("kind", ["number32", "number64", "any"])
def test_flat_branches_are_read_unchanged(path, values, name, kind):
    """A minus in a name is no difference."""
    column, parts = read(path, name, kind)
    types = {"number32": np.dtype("f4"), "number64": np.dtype("f8")}
    assert column.dtype == types.get(kind, values[name].dtype)
    np.testing.assert_array_equal(column, values[name].astype(column.dtype))
    assert len(parts) == 5 and [part.first for part in parts] == [0, 12, 24, 36, 48]
    assert parts[1].where(3) == f"{path}, tree 'events', event 15"


def test_integers_are_exact(path, values):
    column, _ = read(path, "id", raw_tables.INTEGER)
    assert column.dtype == np.int64
    np.testing.assert_array_equal(column, values["id"])
    column, _ = read(path, "hash", raw_tables.INTEGER)
    np.testing.assert_array_equal(column.view("u8"), values["hash"])
    with pytest.raises(logs.InputError, match=r"event 0, branch 'x': .* is not an int"):
        read(path, "x", raw_tables.INTEGER)


@pytest.mark.parametrize("name", ["one", "fixed1"])
def test_branches_of_one_value_are_numbers(path, values, name):
    column, _ = read(path, name, raw_tables.NUMBER64)
    np.testing.assert_array_equal(column, np.asarray(values[name])[:, 0])


@pytest.mark.parametrize("name", ["pt", "one", "fixed3"])
def test_lists_stay_lists_where_anything_is_wanted(path, values, name):
    column, _ = read(path, name, raw_tables.ANY)
    assert isinstance(column, ak.Array)
    assert ak.to_list(column) == ak.to_list(values[name])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pt", r"branch 'pt': holds a list of float per event \(\d in this event\)"),
        ("fixed3", "branch 'fixed3': holds 3 floats per event, not one number"),
    ],
)
def test_several_values_are_no_number(path, name, message):
    with pytest.raises(logs.InputError, match=message) as error:
        read(path, name, raw_tables.NUMBER32)
    assert f"use `{name}[0]` for the first or `sum({name})`" in str(error.value)


def test_branches_say_what_they_hold(path):
    holds = root_files.branches(path, None, SETTING)
    expected = {
        "x": "float",
        "jet1_b-tag": "double",
        "is_SS": "bool",
        "id": "int64",
        "hash": "uint64",
        "n": "int16",
        "pt": "list of float",
        "one": "list of double",
        "fixed1": "float",
        "fixed3": "3 floats",
    }
    assert {name: holds[name] for name in expected} == expected


def test_only_wanted_branches_are_read(path):
    (part, *_) = root_files.read(path, {"x": raw_tables.ANY}, "events", SETTING)
    assert list(part.columns) == ["x"]


def test_text_is_read_as_bytes(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("t", {"process": "string", "label": "int32"})
        file["t"].extend({"process": ak.Array(["sig", "ttbär"]), "label": [1, 0]})
    column, _ = read(str(tmp_path / "a.root"), "process", raw_tables.ANY)
    assert column.tolist() == [b"sig", "ttbär".encode()] and column.dtype.kind == "S"
    column, _ = read(str(tmp_path / "a.root"), "label", raw_tables.TEXT)
    assert column.tolist() == [b"1", b"0"]
    with pytest.raises(logs.InputError, match="'process': holds text, not numbers"):
        read(str(tmp_path / "a.root"), "process", raw_tables.NUMBER32)


def test_an_empty_tree_has_no_events(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("t", {"x": "float32", "pt": "var * float32"})
    kinds = {"x": raw_tables.NUMBER32, "pt": raw_tables.ANY}
    assert list(root_files.read(str(tmp_path / "a.root"), kinds, None, SETTING)) == []


def test_clusters_of_an_rntuple_are_joined_and_cut(tmp_path, monkeypatch):
    """Small clusters are read together; a large one is cut."""
    x = np.arange(60.0)
    pt = ak.unflatten(np.arange(120.0), np.tile([0, 4], 30))
    with uproot.recreate(tmp_path / "a.root") as file:
        tree = file.mkrntuple("t", {"x": x[:0], "pt": pt[:0]})
        for start, stop in ((0, 3), (3, 6), (6, 9), (9, 60)):
            tree.extend({"x": x[start:stop], "pt": pt[start:stop]})
    monkeypatch.setattr(root_files, "BATCH_EVENTS", 20)
    for name, expected in {"x": x, "pt": pt}.items():
        column, parts = read(str(tmp_path / "a.root"), name, raw_tables.ANY)
        assert ak.to_list(column) == ak.to_list(expected)
        assert [len(part) for part in parts] == [9, 20, 20, 11]


def test_clusters_are_decompressed_once(tmp_path, monkeypatch):
    with uproot.recreate(tmp_path / "a.root") as file:
        tree = file.mkrntuple("t", {"x": np.arange(0.0)})
        for _ in range(5):
            tree.extend({"x": np.arange(30.0)})
    pages = []
    model = uproot.models.RNTuple.Model_ROOT_3a3a_RNTuple
    read_page = model.read_page

    def counted(self, destination, *where):
        pages.append(where[:3])
        return read_page(self, destination, *where)

    monkeypatch.setattr(model, "read_page", counted)
    monkeypatch.setattr(root_files, "BATCH_EVENTS", 20)
    column, _ = read(str(tmp_path / "a.root"), "x", raw_tables.ANY)
    assert column.tolist() == list(np.arange(30.0)) * 5
    assert len(pages) == len(set(pages)) == 5


def test_metadata_are_summed_in_double_precision(tmp_path):
    """The sum of 2**24 and many ones is lost in single precision."""
    weights = np.ones(1001, "f4")
    weights[0] = 2**24
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("Runs", {"genEventSumw": "float32", "steps": "var * float64"})
        steps = ak.Array([[1.0, 2.0], []] * 500 + [[0.5]])
        file["Runs"].extend({"genEventSumw": weights, "steps": steps})
    path = str(tmp_path / "a.root")
    assert root_files.metadata_sum(path, "Runs", "genEventSumw", SETTING) == 2**24 + 1e3
    assert root_files.metadata_sum(path, "Runs", "steps", SETTING) == 1500.5


@pytest.mark.parametrize("kept", [0.02, 0.05, 0.5, 0.9, 0.99])
def test_a_truncated_root_file_is_reported(values, tmp_path, kept):
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        file.mktree("events", {"x": "float32"})
        file["events"].extend({"x": np.random.default_rng(1).random(5000, "f4")})
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(logs.InputError, match="truncated or corrupt ROOT") as error:
        read(str(path), "x", raw_tables.NUMBER32)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_corrupt_events_are_reported(tmp_path):
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        file.mktree("events", {"x": "float32"})
        file["events"].extend({"x": np.arange(5000, dtype="f4")})
    content = bytearray(path.read_bytes())
    with uproot.open(path) as file:
        key = file["events"]["x"].basket_key(0)
    content[key.data_cursor.index + 100] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(logs.InputError, match="truncated or corrupt ROOT"):
        read(str(path), "x", raw_tables.NUMBER32)
