"""Tests of data.readers: unchanged values, and the place of every invalid one."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import uproot

from hepfold.core import columns, logs
from hepfold.data import csv_files, datasets, event_arrays, readers

NAMES = list(datasets.HIGGSML.columns)


def read(path: str, names: dict | None = None, test_paths=()) -> event_arrays.Events:
    definition = datasets.HIGGSML
    parts = list(readers.read_events([path], test_paths, definition, names or {}, {}))
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("inputs", "label", "weight", "event_id", "subset")
    }
    return event_arrays.Events(**joined)


def assert_same(events: event_arrays.Events, expected: event_arrays.Events) -> None:
    for name in ("inputs", "label", "weight", "event_id", "subset"):
        np.testing.assert_array_equal(getattr(events, name), getattr(expected, name))


def with_field(lines: list[str], i_line: int, name: str, text: str) -> list[str]:
    """The lines, one field of line `i_line` (header is line 1) replaced."""
    fields = lines[i_line - 1].split(",")
    fields[NAMES.index(name)] = text
    return [*lines[: i_line - 1], ",".join(fields), *lines[i_line:]]


def table(lines: list[str]) -> pl.DataFrame:
    return pl.read_csv("\n".join(lines).encode())


def test_values_are_read_unchanged(raw_lines, write_raw):
    events = read(write_raw(raw_lines))
    rows = [line.split(",") for line in raw_lines[1:]]
    assert len(events) == len(rows)
    for i, name in enumerate(datasets.HIGGSML.features):
        raw = np.array([float(row[NAMES.index(name)]) for row in rows])
        expected = np.where(raw == -999.0, np.nan, raw).astype("f4")
        np.testing.assert_array_equal(events.inputs[:, i], expected, err_msg=name)
    assert events.event_id.tolist() == [int(row[0]) for row in rows]
    labels = [int(row[NAMES.index("Label")] == "s") for row in rows]
    assert events.label.tolist() == labels
    weight = np.array([float(row[NAMES.index("Weight")]) for row in rows])
    np.testing.assert_array_equal(events.weight, weight.astype("f4"))
    kaggle_set = [row[NAMES.index("KaggleSet")] for row in rows]
    subset = [datasets.HIGGSML.subset_values[value] for value in kaggle_set]
    assert [columns.SUBSETS[code] for code in events.subset] == subset


def test_block_size_changes_nothing(raw_lines, write_raw, monkeypatch):
    path = write_raw(raw_lines)
    whole = read(path)
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 1000)
    assert_same(read(path), whole)


def test_text_without_gzip_and_last_newline_is_accepted(raw_lines, write_raw, tmp_path):
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join(raw_lines))
    assert_same(read(str(plain)), read(write_raw(raw_lines)))


def test_columns_may_be_in_any_order(raw_lines, write_raw):
    expected = read(write_raw(raw_lines))
    turned = [",".join(line.split(",")[::-1]) for line in raw_lines]
    assert_same(read(write_raw(turned)), expected)


def test_parquet_gives_the_same_events(raw_lines, write_raw, tmp_path):
    expected = read(write_raw(raw_lines))
    frame = table(raw_lines)
    frame.write_parquet(tmp_path / "events.parquet")
    assert_same(read(str(tmp_path / "events.parquet")), expected)


def test_other_names_are_mapped(raw_lines, write_raw):
    expected = read(write_raw(raw_lines))
    header = raw_lines[0].replace("PRI_tau_pt", "tau").replace("Label", "truth")
    names = {"PRI_tau_pt": "tau", "Label": "truth"}
    assert_same(read(write_raw([header, *raw_lines[1:]]), names), expected)


def test_absent_id_weight_and_subset_have_defaults(raw_lines, write_raw):
    frame = table(raw_lines).drop("EventId", "Weight", "KaggleSet", "KaggleWeight")
    absent = dict.fromkeys(("EventId", "Weight", "KaggleSet", "KaggleWeight"))
    path = write_raw(frame.write_csv().splitlines())
    events = read(path, absent)
    assert events.event_id.tolist() == list(range(400))
    assert (events.weight == 1).all() and (events.subset == 0).all()


def test_files_of_test_events_are_test_events(raw_lines, write_raw):
    absent = dict.fromkeys(("EventId", "KaggleSet"))
    train = write_raw(raw_lines[:201])
    test = write_raw([raw_lines[0], *raw_lines[201:]], "test.csv.gz")
    events = read(train, absent, test_paths=[test])
    assert events.event_id.tolist() == list(range(400))
    assert (events.subset == columns.SUBSETS.index("test")).sum() == 200
    assert events.subset[:200].max() == 0


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PRI_tau_pt", "abc", "line 17, column 'PRI_tau_pt': 'abc' is not a finite"),
        ("PRI_tau_pt", "", "line 17, column 'PRI_tau_pt': '' is not a finite number"),
        ("PRI_tau_pt", "nan", "line 17, column 'PRI_tau_pt': 'nan' is not a finite"),
        ("PRI_tau_pt", "1_0.5", "line 17, column 'PRI_tau_pt': '1_0.5' is not a fin"),
        ("PRI_tau_pt", "1e39", "line 17, column 'PRI_tau_pt': "),
        ("EventId", "1.5", "line 17, column 'EventId': 1.5 is not an integer"),
        ("Label", "x", "line 17, column 'Label': x is not one of s, b"),
        ("KaggleSet", "q", "line 17, column 'KaggleSet': q is not one of t, b, v, u"),
        ("Weight", "nan", "line 17, column 'Weight': 'nan' is not a finite number"),
        ("Weight", "inf", "line 17, column 'Weight': 'inf' is not a finite number"),
        ("Weight", "1e300", "line 17, column 'Weight': inf is not finite"),
        ("PRI_jet_num", "4", "line 17, column 'PRI_jet_num': 4.0 is not one of"),
        ("Label", "s,1", "line 17: 36 fields, expected 35"),
    ],
)
@pytest.mark.parametrize("block_bytes", [2000, 1 << 20])
def test_an_invalid_value_is_reported_with_its_place(
    raw_lines, write_raw, monkeypatch, name, text, message, block_bytes
):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block_bytes)
    path = write_raw(with_field(raw_lines, 17, name, text))
    with pytest.raises(logs.InputError) as error:
        read(path)
    assert f"{path}, {message}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("block_bytes", [2000, 1 << 20])
def test_a_repeated_id_is_reported_with_both_places(
    raw_lines, write_raw, monkeypatch, block_bytes
):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block_bytes)
    path = write_raw(with_field(raw_lines, 17, "EventId", "100002"))
    with pytest.raises(logs.InputError) as error:
        read(path)
    assert str(error.value) == (
        f"{path}, line 4 and {path}, line 17: both events have the id 100002; "
        "to use row numbers as ids, set `columns: {EventId: null}`"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [], "the file is empty"),
        (lambda lines: lines[:1], ": no events"),
        (
            lambda lines: [lines[0].replace("PRI_met,", "PRI_mett,"), *lines[1:]],
            "line 1: no column 'PRI_met' (setting `columns`); unused columns: PRI_mett",
        ),
        (
            lambda lines: [lines[0].replace("Weight,", "PRI_met,", 1), *lines[1:]],
            "line 1: column 'PRI_met' appears twice",
        ),
        (
            lambda lines: [*lines[:5], "1,2,3", *lines[5:]],
            "line 6: 3 fields, expected 35",
        ),
        (lambda lines: [*lines[:5], "", *lines[5:]], "line 6: empty line"),
    ],
)
def test_a_malformed_file_is_reported(raw_lines, write_raw, change, message):
    path = write_raw(change(raw_lines))
    with pytest.raises(logs.InputError) as error:
        read(path)
    assert message in str(error.value) and path in str(error.value)


@pytest.mark.parametrize(("kaggle_set", "subset"), [("t", "train"), ("v", "private")])
def test_a_subset_without_a_class_is_reported(raw_lines, write_raw, kaggle_set, subset):
    i_label, i_set = NAMES.index("Label"), NAMES.index("KaggleSet")
    kept = [
        line
        for line in raw_lines
        if (line.split(",")[i_label], line.split(",")[i_set]) != ("b", kaggle_set)
    ]
    message = f"the weights of the {subset} background events sum to 0"
    with pytest.raises(logs.InputError, match=message):
        read(write_raw(kept))


@pytest.mark.parametrize("n_lost", [1, 10, 5000])
def test_truncated_gzip_is_reported(raw_lines, write_raw, n_lost):
    path = Path(write_raw(raw_lines))
    path.write_bytes(path.read_bytes()[:-n_lost])
    with pytest.raises(logs.InputError, match="truncated or corrupt gzip"):
        read(str(path))


def test_corrupt_gzip_is_reported(raw_lines, write_raw):
    path = Path(write_raw(raw_lines))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(logs.InputError, match=r"gzip|line \d+"):
        read(str(path))


def test_an_absent_file_and_a_folder_are_reported(tmp_path):
    with pytest.raises(logs.InputError, match=r"absent.csv: No such file"):
        read(str(tmp_path / "absent.csv"))
    with pytest.raises(logs.InputError, match="Is a directory"):
        read(str(tmp_path))


def test_gzip_of_nothing_is_empty(tmp_path):
    path = tmp_path / "events.csv.gz"
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(logs.InputError, match="the file is empty"):
        read(str(path))


READ = """
import sys
sys.path.insert(0, {scripts!r})
from hepfold.data import datasets, readers
trees = {{"events": "events"}}
list(readers.read_events([{path!r}], [], datasets.HIGGS, {{}}, trees))
print(*sys.modules)
"""


def write_higgs(path: Path) -> None:
    """Write one event of each class in the format of the name of a file."""
    values = {name: np.array([0.0, 1.0]) for name in datasets.HIGGS.columns}
    if path.suffix == ".root":
        with uproot.recreate(path) as file:
            file["events"] = values
    elif path.suffix == ".parquet":
        pl.DataFrame(values).write_parquet(path)
    else:
        pl.DataFrame(values).write_csv(path, include_header=False)


@pytest.mark.parametrize(
    ("name", "needed"),
    [("a.csv", "numba"), ("a.parquet", "pyarrow"), ("a.root", "uproot")],
)
def test_libraries_of_other_formats_are_not_imported(repo, tmp_path, name, needed):
    """Other libraries load PyArrow too: awkward, which Numba and uproot load."""
    write_higgs(tmp_path / name)
    code = READ.format(scripts=str(repo / "scripts"), path=str(tmp_path / name))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert needed in loaded, run.stderr
    assert not loaded & ({"numba", "requests", "uproot"} - {needed})
