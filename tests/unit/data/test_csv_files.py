"""Tests of data.csv_files: compressed and archived text, in blocks of whole lines."""

import gzip
import zipfile
from pathlib import Path

import pytest

from hepfold.core import logs
from hepfold.data import csv_files, datasets, event_arrays

LINES = [f"{i},{'x' * (i % 37)}" for i in range(500)]
TEXT = "\n".join([*LINES, ""]).encode()


@pytest.mark.parametrize("block_bytes", [7, 100, 1 << 20])
def test_blocks_are_whole_lines(tmp_path, monkeypatch, block_bytes):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block_bytes)
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT[:-1])
    blocks = list(csv_files.line_blocks(str(path)))
    assert b"".join(blocks) == TEXT
    assert all(block.endswith(b"\n") for block in blocks)


def packed(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_text_is_read_from_an_archive(tmp_path, compress):
    path = packed(tmp_path / "a.zip", {"folder/a.csv": compress(TEXT)})
    assert b"".join(csv_files.line_blocks(path)) == TEXT


def test_a_member_is_chosen_by_name(tmp_path):
    path = packed(tmp_path / "a.zip", {"a.csv": b"1\n", "b.csv": TEXT})
    assert b"".join(csv_files.line_blocks(f"{path}!b.csv")) == TEXT
    with pytest.raises(
        logs.InputError, match=r"contains 2 files; .* as in .*a.zip!a.csv"
    ):
        list(csv_files.line_blocks(path))
    with pytest.raises(
        logs.InputError, match=r"a.zip!c.csv: no such member.*contains a.csv, b"
    ):
        list(csv_files.line_blocks(f"{path}!c.csv"))


def test_a_corrupt_member_is_reported(tmp_path):
    path = Path(packed(tmp_path / "a.zip", {"a.csv": TEXT * 50}))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(logs.InputError, match="corrupt"):
        list(csv_files.line_blocks(str(path)))


def test_a_truncated_archive_is_reported(tmp_path):
    path = Path(packed(tmp_path / "a.zip", {"a.csv": TEXT}))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(logs.InputError, match="corrupt zip"):
        list(csv_files.line_blocks(str(path)))


def test_an_invalid_value_in_a_late_block_is_reported_by_its_line(tmp_path):
    """Lines are counted over all blocks of the file."""
    path = tmp_path / "higgs.csv"
    row = ",".join(["1.0"] + ["0.5"] * 28) + "\n"
    n_rows = 200_000
    path.write_text(row * n_rows + row.replace("0.5", "x", 1) + row)
    raw_columns = event_arrays.RawColumns.of(datasets.HIGGS, {})
    place = f"{path}, line {n_rows + 1}, column 'lepton_pt': 'x' is not"
    with pytest.raises(logs.InputError, match=place):
        for _ in csv_files.read(str(path), raw_columns, datasets.HIGGS.columns):
            pass


def test_text_without_header_has_the_official_columns(tmp_path):
    path = tmp_path / "higgs.csv"
    rows = [",".join(["1.0"] + ["0.5"] * 28), ",".join(["0.0"] + ["1.5"] * 28)]
    path.write_text("\n".join([*rows, ""]))
    raw_columns = event_arrays.RawColumns.of(datasets.HIGGS, {})
    (part,) = csv_files.read(str(path), raw_columns, datasets.HIGGS.columns)
    assert part.label.tolist() == [1.0, 0.0]
    assert part.inputs.tolist() == [[0.5] * 28, [1.5] * 28]
    assert part.where(1) == f"{path}, line 2"
