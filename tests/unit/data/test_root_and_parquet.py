"""Tests of data.root_and_parquet: ROOT and Parquet as users have them."""

import numpy as np
import polars as pl
import pytest
import uproot

from hepfold.core import logs
from hepfold.data import datasets, event_arrays, root_and_parquet

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
    parts = root_and_parquet.read_root(path, RAW, {"events": "events"}, LABELS)
    inputs, label = joined(parts)
    np.testing.assert_array_equal(inputs, matrix(values))
    np.testing.assert_array_equal(label, values["label"])


def test_a_tree_for_each_class_with_names_of_its_own(values, tmp_path, monkeypatch):
    """A minus in a branch name is no difference, and other branches do no harm."""
    monkeypatch.setattr(root_and_parquet, "BATCH_EVENTS", 10)
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
    parts = list(root_and_parquet.read_root(path, raw, roles, LABELS))
    assert len(parts) == 6
    inputs, label = joined(parts)
    np.testing.assert_array_equal(inputs, matrix(values))
    np.testing.assert_array_equal(label, np.repeat([1.0, 0.0], 25))
    assert parts[1].where(3) == f"{path}, tree 'sig', event 13"


def test_what_a_root_file_lacks_is_named(values, tmp_path):
    values.pop("m_jj")
    path = write_root(tmp_path / "a.root", {"events": values})
    with pytest.raises(logs.InputError, match="tree 'events': no branch 'm_jj'; there"):
        list(root_and_parquet.read_root(path, RAW, {"events": "events"}, LABELS))
    with pytest.raises(logs.InputError, match="no tree 'other'; there are events;1"):
        list(root_and_parquet.read_root(path, RAW, {"events": "other"}, LABELS))


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.99])
def test_a_truncated_root_file_is_refused(values, tmp_path, kept):
    path = tmp_path / "a.root"
    write_root(path, {"events": values})
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(logs.InputError, match=r"truncated or corrupt ROOT|no tree"):
        list(root_and_parquet.read_root(str(path), RAW, {"events": "events"}, LABELS))


def test_parquet_comes_through_in_parts(values, tmp_path, monkeypatch):
    monkeypatch.setattr(root_and_parquet, "BATCH_EVENTS", 20)
    path = str(tmp_path / "a.parquet")
    pl.DataFrame(values).write_parquet(path)
    parts = list(root_and_parquet.read_parquet(path, RAW))
    assert [len(part) for part in parts] == [20, 20, 10]
    inputs, label = joined(parts)
    np.testing.assert_array_equal(inputs, matrix(values))
    np.testing.assert_array_equal(label, values["label"])


def test_a_parquet_file_of_another_schema_is_refused(values, tmp_path):
    path = str(tmp_path / "a.parquet")
    pl.DataFrame(values).drop("m_jj").write_parquet(path)
    with pytest.raises(logs.InputError, match="no column 'm_jj'; there are label"):
        list(root_and_parquet.read_parquet(path, RAW))
    as_text = pl.DataFrame(values).with_columns(pl.col("m_jj").cast(pl.String))
    as_text.write_parquet(path)
    with pytest.raises(logs.InputError, match="column 'm_jj' holds text or lists"):
        list(root_and_parquet.read_parquet(path, RAW))


def test_an_empty_value_is_placed(values, tmp_path, monkeypatch):
    monkeypatch.setattr(root_and_parquet, "BATCH_EVENTS", 20)
    path = str(tmp_path / "a.parquet")
    table = pl.DataFrame(values).with_row_index()
    gap = pl.when(pl.col("index") == 33).then(None).otherwise(pl.col("m_jj"))
    table.with_columns(m_jj=gap).write_parquet(path)
    with pytest.raises(logs.InputError, match="row 33, column 'm_jj': there is no val"):
        list(root_and_parquet.read_parquet(path, RAW))


def test_a_truncated_parquet_file_is_refused(values, tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame(values).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(logs.InputError, match="truncated or corrupt Parquet"):
        list(root_and_parquet.read_parquet(str(path), RAW))
