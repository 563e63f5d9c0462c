"""Tests of data.event_reader on Higgs ML: unchanged values, places of invalid ones."""

import gzip
from pathlib import Path

import declarations
import numpy as np
import polars as pl
import public_sets
import pytest

from hepfold.core import columns, logs
from hepfold.data import event_arrays, event_reader, text_streams
from hepfold.toys import official_columns

HIGGSML = declarations.parse(public_sets.VALUES["higgsml"], keep=["KaggleWeight"])
FEATURES = public_sets.DATASETS["higgsml"].features
NAMES = list(official_columns.HIGGSML)
ABSENT = dict.fromkeys(("EventId", "Weight", "KaggleSet", "KaggleWeight"))


def read(path: str, **changes) -> event_arrays.Events:
    return declarations.events(declarations.parse(HIGGSML, files=path, **changes))


def assert_same(events: event_arrays.Events, expected: event_arrays.Events) -> None:
    for name in ("inputs", "label", "weight", "event_id", "subset"):
        np.testing.assert_array_equal(getattr(events, name), getattr(expected, name))
    for name, values in expected.extra.items():
        np.testing.assert_array_equal(events.extra[name], values)


def with_field(lines: list[str], i_line: int, name: str, text: str) -> list[str]:
    """The lines, one field of line `i_line` (header is line 1) replaced."""
    fields = lines[i_line - 1].split(",")
    fields[NAMES.index(name)] = text
    return [*lines[: i_line - 1], ",".join(fields), *lines[i_line:]]


def table(lines: list[str]) -> pl.DataFrame:
    return pl.read_csv("\n".join(lines).encode())


def test_values_are_read_unchanged(raw_lines, write_raw):
    events = read(write_raw(raw_lines))
    frame = table(raw_lines)
    assert len(events) == len(frame) == 400
    for i, name in enumerate(FEATURES):
        raw = frame[name].to_numpy().astype("f8")
        expected = np.where(raw == -999.0, np.nan, raw).astype("f4")
        np.testing.assert_array_equal(events.inputs[:, i], expected, err_msg=name)
    assert events.event_id.tolist() == frame["EventId"].to_list()
    assert events.label.tolist() == (frame["Label"] == "s").to_list()
    np.testing.assert_array_equal(events.weight, frame["Weight"].to_numpy())
    kept = frame["KaggleWeight"].to_numpy()
    np.testing.assert_array_equal(events.extra["KaggleWeight"], kept)
    assert events.extra["process"].tolist() == events.label.tolist()
    roles = {getattr(HIGGSML.test, role): role for role in ("train", "public")}
    roles |= {"v": "private", "u": "unused"}
    subset = [roles[value] for value in frame["KaggleSet"]]
    assert [columns.SUBSETS[code] for code in events.subset] == subset


def test_block_size_changes_nothing(raw_lines, write_raw, monkeypatch):
    path = write_raw(raw_lines)
    whole = read(path)
    monkeypatch.setattr(text_streams, "BLOCK_BYTES", 1000)
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
    table(raw_lines).write_parquet(tmp_path / "events.parquet")
    assert_same(read(str(tmp_path / "events.parquet")), expected)


def test_other_names_are_mapped(raw_lines, write_raw):
    expected = read(write_raw(raw_lines))
    header = raw_lines[0].replace("PRI_tau_pt", "tau").replace("Label", "truth")
    names = {"PRI_tau_pt": "tau", "Label": "truth"}
    assert_same(read(write_raw([header, *raw_lines[1:]]), rename=names), expected)


def test_absent_id_weight_and_subset_have_defaults(raw_lines, write_raw):
    path = write_raw(table(raw_lines).drop(*ABSENT).write_csv().splitlines())
    events = read(path, rename=ABSENT)
    assert events.event_id.tolist() == list(range(400))
    assert (events.weight == 1).all() and (events.subset == 0).all()
    assert set(events.extra) == {"process", columns.FOLD_KEY}


def test_files_of_test_events_are_test_events(raw_lines, write_raw):
    train = write_raw(raw_lines[:201])
    test = write_raw([raw_lines[0], *raw_lines[201:]], "test.csv.gz")
    events = read(train, id=None, test={"files": test})
    assert events.event_id.tolist() == list(range(400))
    assert (events.subset == columns.SUBSETS.index("test")).sum() == 200
    assert events.subset[:200].max() == 0


@pytest.mark.parametrize("n_last", [1, 150, 399])
def test_the_last_events_are_test_events(raw_lines, write_raw, monkeypatch, n_last):
    monkeypatch.setattr(text_streams, "BLOCK_BYTES", 5000)
    events = read(write_raw(raw_lines), test={"last": n_last})
    is_test = events.subset == columns.SUBSETS.index("test")
    assert is_test.tolist() == [False] * (400 - n_last) + [True] * n_last


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PRI_tau_pt", "abc", "line 17, column 'PRI_tau_pt': 'abc' is not a finite"),
        ("PRI_tau_pt", "1_0.5", "line 17, column 'PRI_tau_pt': '1_0.5' is not a fin"),
        ("PRI_tau_pt", "1e39", "line 17, column 'PRI_tau_pt': '1e39' is not a fin"),
        ("EventId", "1.5", "line 17, column 'EventId': '1.5' is not an integer"),
        ("EventId", "", "line 17, column 'EventId': '' is a missing value"),
        ("Label", "x", "line 17, column 'Label': x is not one of b, s"),
        ("KaggleSet", "q", "line 17, column 'KaggleSet': q is not one of t, b, v, u"),
        ("Weight", "nan", "line 17, weight 'Weight': the value is missing"),
        ("Weight", "", "line 17, weight 'Weight': the value is missing"),
        ("Weight", "1e999", "line 17, column 'Weight': '1e999' is not a finite number"),
        ("Label", "s,1", "line 17: 36 fields, expected 35"),
    ],
)
@pytest.mark.parametrize("block_bytes", [2000, 1 << 20])
def test_an_invalid_value_is_reported_with_its_place(
    raw_lines, write_raw, monkeypatch, name, text, message, block_bytes
):
    monkeypatch.setattr(text_streams, "BLOCK_BYTES", block_bytes)
    path = write_raw(with_field(raw_lines, 17, name, text))
    with pytest.raises(logs.InputError) as error:
        read(path)
    assert f"{path}, {message}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "nan", "NA", "null", "-999", "-999.0"])
def test_missing_features_are_nan(raw_lines, write_raw, text):
    events = read(write_raw(with_field(raw_lines, 17, "PRI_tau_pt", text)))
    missing = np.isnan(events.inputs[:, FEATURES.index("PRI_tau_pt")])
    assert np.flatnonzero(missing).tolist() == [15]


def test_other_numbers_of_jets_are_one_category(raw_lines, write_raw):
    lines = with_field(raw_lines, 17, "PRI_jet_num", "4")
    lines = with_field(lines, 18, "PRI_jet_num", "-999")
    codes = read(write_raw(lines)).inputs[:, FEATURES.index("PRI_jet_num")]
    assert np.flatnonzero(codes == 4).tolist() == [15, 16]


@pytest.mark.parametrize("block_bytes", [2000, 1 << 20])
def test_a_repeated_id_is_reported_with_both_places(
    raw_lines, write_raw, monkeypatch, block_bytes
):
    monkeypatch.setattr(text_streams, "BLOCK_BYTES", block_bytes)
    path = write_raw(with_field(raw_lines, 17, "EventId", "100002"))
    with pytest.raises(logs.InputError) as error:
        read(path)
    assert str(error.value) == (
        f"{path}, line 4 and {path}, line 17: both events have the EventId 100002; "
        "to use row numbers as ids, set datasets.own.id: null"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [], "the file is empty"),
        (
            lambda lines: [lines[0].replace("PRI_met,", "PRI_mett,"), *lines[1:]],
            "line 1: no column 'PRI_met'; nearest columns: PRI_mett",
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


def test_no_events_are_reported(raw_lines, write_raw):
    path = write_raw(raw_lines[:1])
    declared = declarations.parse(HIGGSML, files=path)
    reader = event_reader.EventReader("own", declared)
    assert sum(map(len, declarations.parts(declared, reader))) == 0
    message = "datasets.own: no signal event passes the selections"
    with pytest.raises(logs.InputError, match=message):
        reader.check_selected()


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
