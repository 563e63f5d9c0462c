"""Tests of data.root_files: trees of users, and files that are incomplete."""

import numpy as np
import pytest
import uproot

from hepfold.core import logs
from hepfold.data import datasets, event_arrays, root_files

HIGGS = datasets.HIGGS
RAW = event_arrays.RawColumns.of(HIGGS, {})
LABELS = {"signal": 1.0, "background": 0.0}


@pytest.fixture
def values() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    features = {name: rng.normal(size=50).astype("f4") for name in HIGGS.features}
    return {"label": np.repeat([1.0, 0.0], 25), **features}


def write_root(path, trees: dict[str, dict[str, np.ndarray]]) -> str:
    with uproot.recreate(path) as file:
        for name, values in trees.items():
            file[name] = values
    return str(path)


def joined(parts) -> tuple[np.ndarray, np.ndarray]:
    parts = list(parts)
    inputs = np.concatenate([part.inputs for part in parts])
    return inputs, np.concatenate([part.label for part in parts])


def matrix(values) -> np.ndarray:
    return np.stack([values[name] for name in HIGGS.features], axis=1)


def test_one_tree_with_a_label_branch(values, tmp_path):
    path = write_root(tmp_path / "a.root", {"events": values})
    parts = root_files.read(path, RAW, {"events": "events"}, LABELS)
    inputs, label = joined(parts)
    np.testing.assert_array_equal(inputs, matrix(values))
    np.testing.assert_array_equal(label, values["label"])


def test_one_tree_per_class_with_other_names(values, tmp_path, monkeypatch):
    """A minus in a branch name is no difference, and further branches are ignored."""
    monkeypatch.setattr(root_files, "BATCH_EVENTS", 10)
    names = {"jet_1_b_tag": "jet1_b-tag"}
    renamed = {names.get(name, name): array for name, array in values.items()}
    renamed["Type"] = renamed.pop("label")
    trees = {
        "sig": {name: array[:25] for name, array in renamed.items()},
        "bkg": {name: array[25:] for name, array in renamed.items()},
    }
    path = write_root(tmp_path / "a.root", trees)
    raw = event_arrays.RawColumns.of(HIGGS, names)
    roles = {"signal": "sig", "background": "bkg"}
    parts = list(root_files.read(path, raw, roles, LABELS))
    assert len(parts) == 6
    inputs, label = joined(parts)
    np.testing.assert_array_equal(inputs, matrix(values))
    np.testing.assert_array_equal(label, np.repeat([1.0, 0.0], 25))
    assert parts[1].where(3) == f"{path}, tree 'sig', event 13"


def test_a_missing_tree_or_branch_is_named(values, tmp_path):
    values.pop("m_jj")
    path = write_root(tmp_path / "a.root", {"events": values})
    with pytest.raises(
        logs.InputError, match=r"tree 'events': no branch 'm_jj'.*contains"
    ):
        list(root_files.read(path, RAW, {"events": "events"}, LABELS))
    with pytest.raises(logs.InputError, match=r"no tree 'other' .*contains events;1"):
        list(root_files.read(path, RAW, {"events": "other"}, LABELS))


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.99])
def test_a_truncated_root_file_is_reported(values, tmp_path, kept):
    path = tmp_path / "a.root"
    write_root(path, {"events": values})
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(logs.InputError, match=r"truncated or corrupt ROOT|no tree"):
        list(root_files.read(str(path), RAW, {"events": "events"}, LABELS))
