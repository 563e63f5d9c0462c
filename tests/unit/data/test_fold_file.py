"""Tests of data.fold_file: the layout that LUMIN reads, and all events in it."""

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import declarations
import h5py
import numpy as np
import public_sets
import pytest

from hepfold.core import files, logs
from hepfold.data import event_arrays, fold_file

HIGGSML = declarations.parse(public_sets.VALUES["higgsml"], keep=["KaggleWeight"])
LAYOUT = declarations.layout(HIGGSML)
N_EVENTS = 400


@pytest.fixture
def events() -> event_arrays.Events:
    blank, rng = declarations.blank_events(HIGGSML, N_EVENTS), np.random.default_rng(1)
    inputs = rng.normal(size=blank.inputs.shape).astype("f4")
    inputs[::7, 2] = np.nan
    inputs[:, -1] = rng.integers(0, 4, N_EVENTS)
    return dataclasses.replace(
        blank,
        inputs=inputs,
        weight=rng.normal(size=N_EVENTS),
        event_id=2**53 + 1 + rng.permutation(N_EVENTS),
        subset=rng.integers(0, 5, N_EVENTS).astype("u1"),
        extra=blank.extra | {"KaggleWeight": rng.normal(size=N_EVENTS)},
    )


def write(path, events: event_arrays.Events, n_folds: int = 3, n_parts: int = 1):
    fold = np.arange(len(events)) % n_folds
    with fold_file.writing(path, n_folds, LAYOUT, {"source": "test"}) as writer:
        for here in np.array_split(np.arange(len(events)), n_parts):
            writer.append(events.take(here), fold[here])
    return fold


def test_every_event_comes_back_in_its_fold(events, tmp_path):
    path = str(tmp_path / "train.h5")
    fold = write(path, events, n_parts=4)
    for i in range(3):
        part, expected = fold_file.read(path, [i]), events.take(fold == i)
        for name in ("inputs", "label", "weight", "event_id", "subset"):
            np.testing.assert_array_equal(getattr(part, name), getattr(expected, name))
    assert len(fold_file.read(path)) == fold_file.count_events(path) == len(events)
    assert fold_file.count_events(path, [0, 1]) == len(fold_file.read(path, [0, 1]))
    assert len(fold_file.read(path, [0, 2])) == (fold != 1).sum()


def test_parts_hold_every_event_and_column(events, tmp_path, monkeypatch):
    path = str(tmp_path / "events.h5")
    write(path, events, n_folds=1)
    monkeypatch.setattr(fold_file, "BATCH_ROWS", 150)
    parts = list(fold_file.read_parts(path))
    assert [len(part) for part in parts] == [150, 150, 100]
    assert LAYOUT.extra == ("process", "KaggleWeight")
    for name in LAYOUT.extra:
        values = np.concatenate([part.extra[name] for part in parts])
        np.testing.assert_array_equal(values, events.extra[name])
        assert values.dtype == events.extra[name].dtype


def test_events_of_no_fold_are_left_out(events, tmp_path, monkeypatch):
    monkeypatch.setattr(fold_file, "BUFFERED_ROWS", 90)
    path = str(tmp_path / "train.h5")
    fold = np.arange(len(events)) % 3 - 1
    with fold_file.writing(path, 2, LAYOUT, {}) as writer:
        for here in np.array_split(np.arange(len(events)), 7):
            writer.append(events.take(here), fold[here])
    for i in range(2):
        ids = fold_file.read(path, [i]).event_id
        assert ids.tolist() == events.event_id[fold == i].tolist()


def test_layout_is_the_one_of_lumin(events, tmp_path):
    """Names, shapes and types that FoldYielder of LUMIN 0.9.1 reads."""
    path = str(tmp_path / "train.h5")
    write(path, events)
    with h5py.File(path) as file:
        assert sorted(file) == ["fold_0", "fold_1", "fold_2", "meta_data"]
        assert file["fold_0/inputs"].dtype == np.float32
        assert file["fold_0/inputs"].shape == (134, 30)
        assert file["fold_0/weights"].dtype == np.float64
        assert file["fold_0/process"].dtype == np.uint16
        meta = {name: json.loads(data[()]) for name, data in file["meta_data"].items()}
    assert meta["cont_feats"] + meta["cat_feats"] == list(LAYOUT.features)
    assert meta["cat_feats"] == ["PRI_jet_num"]
    assert meta["subsets"][0] == "train"
    assert meta["targ_feats"] == "targets" and meta["wgt_feat"] == "weights"
    assert meta["processes"] == ["background", "signal"]
    assert meta["cat_maps"] == {"PRI_jet_num": {"0": 0.0, "1": 1.0, "2": 2.0, "3": 3.0}}


def test_a_file_written_by_lumin_is_read(tmp_path):
    """As `df2foldfile` of LUMIN 0.9.1 writes it: float targets, no ids, no subsets."""
    path = str(tmp_path / "lumin.hdf5")
    inputs = np.arange(24, dtype="f4").reshape(2, 4, 3)
    meta_data = {
        "cont_feats": ["a", "b"],
        "cat_feats": ["c"],
        "cat_maps": {"c": {"0": 0, "1": 5}},
        "targ_feats": "gen_target",
        "wgt_feat": "gen_weight",
    }
    with h5py.File(path, "w") as file:
        for i in range(2):
            file[f"fold_{i}/inputs"] = inputs[i]
            file[f"fold_{i}/targets"] = np.array([0.0, 1.0, 1.0, 0.0], "f4")
            file[f"fold_{i}/weights"] = np.full(4, 0.5, "f4")
            file[f"fold_{i}/EventId"] = np.arange(4)
        for name, value in meta_data.items():
            file[f"meta_data/{name}"] = json.dumps(value)
    events = fold_file.read(path)
    np.testing.assert_array_equal(events.inputs, inputs.reshape(8, 3))
    assert events.label.tolist() == [0, 1, 1, 0] * 2
    assert events.event_id.tolist() == list(range(8))
    assert (events.subset == 0).all() and (events.weight == 0.5).all()
    layout = fold_file.read_layout(path)
    assert layout.features == ("a", "b", "c")
    assert layout.n_values(layout.features) == [2]
    assert layout.extra == ("EventId",)


def test_layout_and_origin_are_read_back(events, tmp_path):
    path = str(tmp_path / "train.h5")
    write(path, events)
    layout = fold_file.read_layout(path)
    assert set(layout.extra) == set(LAYOUT.extra)
    assert dataclasses.replace(layout, extra=LAYOUT.extra) == LAYOUT
    assert fold_file.read_layout(path).n_values(LAYOUT.features) == [4]
    assert fold_file.read_made_by(path) == {"source": "test"}


def test_same_events_give_the_same_bytes(events, tmp_path):
    paths = [tmp_path / "a.h5", tmp_path / "b.h5"]
    for path in paths:
        write(str(path), events)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_file_without_events_is_accepted(events, tmp_path):
    path = str(tmp_path / "test.h5")
    write(path, events.take(np.arange(0)))
    assert fold_file.read(path).inputs.shape == (0, 30)


def test_a_full_disk_is_reported_and_leaves_nothing(events, tmp_path, monkeypatch):
    usage = SimpleNamespace(free=70 << 20)
    monkeypatch.setattr(files.shutil, "disk_usage", lambda path: usage)
    path = str(tmp_path / "train.h5")
    write(path, events)
    Path(path).unlink()
    usage.free = 64 << 20
    with pytest.raises(logs.InputError, match="the disk is full, 64 MB free"):
        write(path, events)
    assert list(tmp_path.glob("*.h5*")) == []


def test_a_failed_write_leaves_nothing(events, tmp_path):
    with (
        pytest.raises(RuntimeError),
        fold_file.writing(str(tmp_path / "train.h5"), 2, LAYOUT, {}) as writer,
    ):
        writer.append(events, np.zeros(len(events), int))
        raise RuntimeError
    assert list(tmp_path.glob("*.h5*")) == []


REGIONS = {
    "title": "x",
    "processes": {
        "ttH": {"files": "a.root", "label": "signal"},
        "ttW": {"files": "b.root", "label": "background"},
        "ttZ": {"files": "c.root", "label": "background"},
    },
    "features": ["x", "n", "m"],
    "categories": {"n": [0, 5], "m": [1]},
    "regions": {"SR": "n == 0", "CR": "n == 5"},
    "keep": ["n", "run"],
}


def test_processes_and_regions_are_named_in_the_file(tmp_path):
    declared, path = declarations.parse(REGIONS), str(tmp_path / "train.h5")
    layout = declarations.layout(declared)
    assert layout.processes == ("ttH", "ttW", "ttZ")
    assert layout.regions == ("SR", "CR")
    assert layout.extra == ("process", "n", "run", "region")
    part = declarations.blank_events(declared, 6)
    part.extra["region"][:] = [0, 1, 2, 2, 1, 0]
    with fold_file.writing(path, 1, layout, {}) as writer:
        writer.append(part, np.zeros(6, int))
    again = fold_file.read_layout(path)
    assert again.features == layout.features and again.regions == layout.regions
    assert again.processes == layout.processes
    (read,) = fold_file.read_parts(path)
    assert read.extra["region"].tolist() == [0, 1, 2, 2, 1, 0]
    assert read.extra["region"].dtype == np.uint8
    assert read.extra["process"].tolist() == part.extra["process"].tolist()


def test_other_values_of_a_category_have_a_code_only_where_there_are_any(tmp_path):
    declared, path = declarations.parse(REGIONS), str(tmp_path / "train.h5")
    layout = declarations.layout(declared)
    assert layout.n_values(layout.features) == [2, 1]
    part = declarations.blank_events(declared, 6)
    part.inputs[4, layout.features.index("n")] = 2
    with fold_file.writing(path, 1, layout, {}) as writer:
        # Events that are not written count too: they may be test events.
        writer.append(part, np.full(6, fold_file.NOWHERE))
    again = fold_file.read_layout(path)
    assert again.others == ("n",)
    assert again.n_values(layout.features) == [3, 1]
    assert again.n_values(("m",)) == [1] and again.n_values(("n", "x")) == [3]


def test_roles_of_features_come_with_the_file(events, tmp_path):
    path = str(tmp_path / "train.h5")
    made_by = declarations.made_by(HIGGSML)
    with fold_file.writing(path, 1, LAYOUT, made_by) as writer:
        writer.append(events, np.zeros(N_EVENTS, int))
    assert fold_file.read_dataset(path) == public_sets.DATASETS["higgsml"]
    assert fold_file.is_toy(path)


def test_ids_of_64_bits_and_double_weights_come_back(events, tmp_path):
    path = str(tmp_path / "train.h5")
    write(path, events, n_folds=1)
    read = fold_file.read(path)
    assert read.event_id.tolist() == events.event_id.tolist()
    assert read.weight.dtype == np.float64
    np.testing.assert_array_equal(read.weight, events.weight)
    for name in LAYOUT.extra:
        np.testing.assert_array_equal(read.extra[name], events.extra[name])
        assert read.extra[name].dtype == events.extra[name].dtype
