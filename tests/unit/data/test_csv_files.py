"""Tests of data.csv_files: columns by name, and the place of every fault."""

from pathlib import Path

import numpy as np
import pytest

from hepfold.core import logs
from hepfold.data import csv_files, raw_tables, readers, text_streams

NUMBER32, NUMBER64 = raw_tables.NUMBER32, raw_tables.NUMBER64
INTEGER, TEXT = raw_tables.INTEGER, raw_tables.TEXT
KINDS = {"m": NUMBER32, "id": INTEGER, "label": TEXT, "w": NUMBER64, "pt": NUMBER32}
HEADER = ("id", "pt", "label", "w", "unused", "m")
ROWS = ["9007199254740993,1.5,signal,0.1,x,7", "2,,background,-0.25,,1e3"]


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> str:
        (tmp_path / "a.csv").write_bytes(text.encode())
        return str(tmp_path / "a.csv")

    return write


def fault(path: str, header: tuple[str, ...] | None = None, kinds=KINDS) -> str:
    with pytest.raises(logs.InputError) as error:
        list(csv_files.read(path, kinds, header))
    message = str(error.value)
    assert message.isprintable() and path in message
    return message


def check_columns(table: raw_tables.RawTable) -> None:
    """The columns of `ROWS`, of their types and in one matrix if float32."""
    assert set(table.columns) == set(KINDS) and len(table) == 2
    assert table.columns["id"].tolist() == [2**53 + 1, 2]
    assert table.columns["id"].dtype == np.int64
    assert table.columns["label"].tolist() == [b"signal", b"background"]
    assert table.columns["w"].tolist() == [0.1, -0.25]
    assert table.matrix_names == ("pt", "m")
    assert table.matrix.dtype == np.float32 and table.matrix.flags.c_contiguous
    np.testing.assert_array_equal(table.matrix, [[1.5, 7], [np.nan, 1000]])
    for i, name in enumerate(table.matrix_names):
        assert np.shares_memory(table.columns[name], table.matrix[:, i])


FORMS = {
    "plain": (",".join(HEADER), ",", "\n"),
    "windows": ("\ufeff" + ";".join(HEADER), ";", "\r\n"),
    "tabs": ("\t".join(HEADER), "\t", "\n"),
    "quoted": (",".join(f'"{name}"' for name in HEADER), ",", "\n"),
    "spaces": (" , ".join(HEADER), ",", "\n"),
    "headerless": (None, ",", "\n"),
    "headerless tabs": (None, "\t", "\r\n"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("blank", ["", "\n\n"])
def test_columns_are_read_by_name(write, form, blank):
    first, separator, end = FORMS[form]
    lines = [row.replace(",", separator) for row in ROWS]
    path = write(end.join([first, *lines, blank] if first else [*lines, blank]))
    header = None if first else HEADER
    assert tuple(readers.columns(path, None, header, "")) == HEADER
    (table,) = csv_files.read(path, KINDS, header)
    check_columns(table)
    assert table.where(1) == f"{path}, line {3 if first else 2}"


def test_a_header_line_supersedes_the_declared_one(write):
    path = write("\n".join([",".join(f'"{name}"' for name in HEADER), *ROWS, ""]))
    declared = ("a", "b", "c")
    assert tuple(readers.columns(path, None, declared, "")) == HEADER
    (table,) = csv_files.read(path, KINDS, declared)
    check_columns(table)


def test_numbered_columns_have_a_header(write):
    path = write("0,1,2\n1.5,2.5,3.5\n")
    (table,) = csv_files.read(path, {"2": NUMBER32}, None)
    assert table.columns["2"] == 3.5


@pytest.mark.parametrize("row", ["1,2.5,-3e4", "1,nan,", '"1","2",NA'])
def test_a_line_of_numbers_is_no_header(write, row):
    path = write(f"{row}\n{row}\n")
    line = f"{path}, line 1: numbers, not the names of columns; if the file has no head"
    assert fault(path).startswith(line)
    with pytest.raises(logs.InputError, match="not the names of columns"):
        readers.columns(path, None, None, "")


def test_a_fault_in_the_first_line_does_not_make_it_a_header(write):
    path = write("1,2,s,x,5,6\n")
    assert fault(path, HEADER).startswith(f"{path}, line 1, column 'w': 'x' is not a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": the file is empty"),
        ("\n\n", ": the file is empty"),
        ("\na,b\n", ", line 1: empty line"),
        ("ID,Pt,w,label\n", ", line 1: no column 'm'; unused columns: ID, Pt"),
        ("m,label,w,pt,id_,x\n", ", line 1: no column 'id'; nearest columns: id_"),
        ("m,id,label,w,pt,w\n", ", line 1: column 'w' appears twice"),
        ("m,id,label,w,pt\n1,2,b,3,4\n\n1,2,b,3,4", ", line 3: empty line"),
        ("m,id,label,w,pt\n1,2,b,3,4\n1,2", ", line 3: 2 fields, expected 5"),
        ("m,id,label,w,pt\n1,,b,3,4\n", ", line 2, column 'id': '' is a missing"),
        (
            "m;id;label;w;pt\n1,5;2;b;3;4\n",
            "'1,5' is not a number with a decimal point; set",
        ),
        ("m,id,label,w,pt\n\x1b[31m,2,b,3,4\n", r", line 2, column 'm': '\x1b[31m'"),
    ],
)
def test_a_malformed_file_is_reported(write, text, message):
    path = write(text)
    assert message in fault(path)


def test_a_column_that_the_declared_header_lacks_is_reported(write):
    path = write(ROWS[0])
    message = fault(path, ("id", "Pt", "label", "w", "unused", "m"))
    assert message == (
        f"{path}: the first line is no header, and `header`: no column 'pt'; "
        "nearest columns: Pt"
    )


@pytest.mark.parametrize("block_bytes", [100, 1 << 20])
def test_an_invalid_value_in_a_late_block_is_reported_by_its_line(
    tmp_path, monkeypatch, block_bytes
):
    """Lines are counted over all blocks of the file."""
    monkeypatch.setattr(text_streams, "BLOCK_BYTES", block_bytes)
    path = Path(tmp_path, "a.csv")
    path.write_text("id,m\n" + "1,0.5\n" * 999 + "1,x\n1,0.5\n")
    kinds = {"m": NUMBER32, "id": NUMBER32}
    parts = []
    with pytest.raises(logs.InputError, match="line 1001, column 'm': 'x' is not"):
        for part in csv_files.read(str(path), kinds, None):
            parts.append(part)
    assert all(part.where(0).endswith(f"line {part.first}") for part in parts)
    assert sum(map(len, parts)) >= 999 - block_bytes


def test_decimal_commas_are_read_where_they_are_declared(write):
    rows = [row.replace(",", ";").replace(".", ",") for row in ROWS]
    path = write("\n".join([";".join(HEADER), *rows, ""]))
    (table,) = csv_files.read(path, KINDS, None, decimal_comma=True)
    check_columns(table)
    path = write("\n".join([",".join(HEADER), *ROWS, ""]))
    with pytest.raises(logs.InputError, match="separated by a semicolon or a tab"):
        list(csv_files.read(path, KINDS, None, decimal_comma=True))
