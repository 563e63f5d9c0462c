"""Tests of hepfold.readers: every fault is named by file, line and column."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hepfold import datasets, logs, readers

NAMES = list(datasets.HIGGSML.columns)


def read(path: str) -> pl.DataFrame:
    return pl.concat(readers.read_events(path, datasets.HIGGSML))


def with_field(lines: list[str], i_line: int, name: str, text: str) -> list[str]:
    """The lines, one field of line `i_line` (header is line 1) replaced."""
    fields = lines[i_line - 1].split(",")
    fields[NAMES.index(name)] = text
    return [*lines[: i_line - 1], ",".join(fields), *lines[i_line:]]


def test_values_come_through_unaltered(raw_lines, write_raw):
    events = read(write_raw(raw_lines))
    rows = [line.split(",") for line in raw_lines[1:]]
    assert len(events) == len(rows)
    for name in datasets.HIGGSML.features:
        raw = np.array([float(row[NAMES.index(name)]) for row in rows])
        expected = np.where(raw == -999.0, np.nan, raw).astype("f4")
        np.testing.assert_array_equal(events[name], expected, err_msg=name)
    ids = [int(row[0]) for row in rows]
    assert events["event_id"].to_list() == ids
    labels = [int(row[NAMES.index("Label")] == "s") for row in rows]
    assert events["label"].to_list() == labels
    weights = [float(row[NAMES.index("Weight")]) for row in rows]
    assert events["weight"].to_list() == weights


def test_block_size_changes_nothing(raw_lines, write_raw, monkeypatch):
    path = write_raw(raw_lines)
    whole = read(path)
    monkeypatch.setattr(readers, "BLOCK_BYTES", 1000)
    assert read(path).equals(whole, null_equal=True)


def test_text_needs_no_gzip_and_no_last_newline(raw_lines, write_raw, tmp_path):
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join(raw_lines))
    assert read(str(plain)).equals(read(write_raw(raw_lines)))


def test_columns_may_be_in_any_order(raw_lines, write_raw):
    expected = read(write_raw(raw_lines))
    turned = [",".join(line.split(",")[::-1]) for line in raw_lines]
    assert read(write_raw(turned)).equals(expected)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PRI_tau_pt", "abc", "line 17, column 'PRI_tau_pt': 'abc' is not a number"),
        ("PRI_tau_pt", "", "line 17, column 'PRI_tau_pt': '' is not a number"),
        ("PRI_tau_pt", "nan", "line 17, column 'PRI_tau_pt': nan is not finite"),
        ("EventId", "1.5", "line 17, column 'EventId': '1.5' is not an integer"),
        ("Label", "x", "line 17, column 'Label': x is not one of s, b"),
        ("KaggleSet", "q", "line 17, column 'KaggleSet': q is not one of t, b, v, u"),
        ("Weight", "nan", "line 17, column 'Weight': nan is not finite"),
        ("Weight", "inf", "line 17, column 'Weight': inf is not finite"),
        ("PRI_jet_num", "4", "line 17, column 'PRI_jet_num': 4.0 is not one of"),
        ("EventId", "100002", "lines 4 and 17: both events have the id 100002"),
        ("Label", "s,1", "line 17: 36 fields, not 35"),
    ],
)
@pytest.mark.parametrize("block_bytes", [2000, 1 << 20])
def test_a_bad_value_is_placed(
    raw_lines, write_raw, monkeypatch, name, text, message, block_bytes
):
    monkeypatch.setattr(readers, "BLOCK_BYTES", block_bytes)
    path = write_raw(with_field(raw_lines, 17, name, text))
    with pytest.raises(logs.InputError) as error:
        read(path)
    assert f"{path}, {message}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [], "the file is empty"),
        (lambda lines: lines[:1], "there is no event below the header"),
        (
            lambda lines: [lines[0].replace("PRI_met,", "PRI_mett,"), *lines[1:]],
            "line 1: no column 'PRI_met'; unknown there: PRI_mett",
        ),
        (
            lambda lines: [lines[0].replace("Weight,", "PRI_met,", 1), *lines[1:]],
            "line 1: no column 'Weight'",
        ),
        (
            lambda lines: [line + ",1" for line in [lines[0] + ",Label", *lines[1:]]][
                :9
            ],
            "line 1: column 'Label' stands twice",
        ),
        (lambda lines: [*lines[:5], "1,2,3", *lines[5:]], "line 6: 3 fields, not 35"),
        (lambda lines: [*lines[:5], "", *lines[5:]], "line 6: 1 fields, not 35"),
    ],
)
def test_a_bad_file_is_refused(raw_lines, write_raw, change, message):
    path = write_raw(change(raw_lines))
    with pytest.raises(logs.InputError) as error:
        read(path)
    assert message in str(error.value) and path in str(error.value)


def test_one_class_alone_is_refused(raw_lines, write_raw):
    i_label = NAMES.index("Label")
    signal = [line for line in raw_lines if line.split(",")[i_label] != "b"]
    with pytest.raises(logs.InputError, match="there is no background event"):
        read(write_raw(signal))


@pytest.mark.parametrize("n_lost", [1, 10, 5000])
def test_truncated_gzip_is_refused(raw_lines, write_raw, n_lost):
    path = Path(write_raw(raw_lines))
    path.write_bytes(path.read_bytes()[:-n_lost])
    with pytest.raises(logs.InputError, match="truncated or corrupt gzip"):
        read(str(path))


def test_corrupt_gzip_is_refused(raw_lines, write_raw):
    path = Path(write_raw(raw_lines))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(logs.InputError, match=r"gzip|line \d+"):
        read(str(path))


def test_absent_file_is_named(tmp_path):
    with pytest.raises(logs.InputError, match="there is no such file"):
        read(str(tmp_path / "absent.csv.gz"))


def test_gzip_of_nothing_is_empty(tmp_path):
    path = tmp_path / "events.csv.gz"
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(logs.InputError, match="the file is empty"):
        read(str(path))
