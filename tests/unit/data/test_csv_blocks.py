"""Tests of data.csv_blocks: the place and the reason of every invalid field."""

import re

import numpy as np
import pytest

from hepfold.data import csv_blocks, csv_numbers

NUMBER32, NUMBER64 = csv_numbers.NUMBER32, csv_numbers.NUMBER64
INTEGER, TEXT, SKIP = csv_numbers.INTEGER, csv_numbers.TEXT, csv_numbers.SKIP
NOT_NUMBERS = """inf -inf Infinity abc 1.2.3 1e 1e+ 1e- --1 +-1 -+1 - + . e5 .e5
0x10 1_000 1d5 1e400 -1e400 1e309 18e307 1e1.5 12a 1.0e5e5 1e99999999999 1" "1"x é
1.000000000000000000e+0x 1.00000000000000000:e+00 1.000000000000000000e/00
:.000000000000000000e+00 1.0000000/0000000000e+00 1.000000000000000000f+00
1.000000000000000000e+000x 1.000000000000000000e+00.0"""


def parse(lines: list[str], *kinds: int, end: str = "\n") -> csv_blocks.Parsed:
    text = "".join(line + end for line in lines)
    return csv_blocks.parse(text.encode(), np.array(kinds, np.int8))


@pytest.mark.parametrize("text", NOT_NUMBERS.split())
def test_text_that_is_no_number_is_reported(text):
    for kind in (NUMBER32, NUMBER64):
        for column in range(3):
            fields = ["1.5", "2.5", "3.5"]
            fields[column] = text
            lines = ["1,2,3", ",".join(fields), "4,x,6"]
            fault = parse(lines, kind, kind, kind).fault
            assert fault[:3] == (1, column, csv_blocks.NOT_A_NUMBER)


NOT_INTEGERS = """1.5 1e-1 abc inf true 9223372036854775808 -9223372036854775809
18446744073709551615 1e19 123456789012345678901 1.2.3 - + 0x10 1_0 12a"""


@pytest.mark.parametrize("text", NOT_INTEGERS.split())
@pytest.mark.parametrize("column", [0, 1])
def test_text_that_is_no_integer_is_reported(text, column):
    fields = ["7", "8"]
    fields[column] = text
    fault = parse(["1,2", ",".join(fields)], INTEGER, INTEGER).fault
    assert fault == (1, column, csv_blocks.NOT_AN_INTEGER, text)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("", -1, csv_blocks.EMPTY_LINE),
        (" ", -1, csv_blocks.EMPTY_LINE),
        ("1,a", -1, "2 fields, expected 5"),
        ("1", -1, "1 fields, expected 5"),
        ("1,a,s,4,5,6", -1, "6 fields, expected 5"),
        ("1,a,s,4,5,", -1, "6 fields, expected 5"),
        ("x,a,4", -1, "3 fields, expected 5"),
        ("1,a," + 65 * "x" + ",4,5", 2, csv_blocks.LONG_TEXT),
        ("1,a," + 65 * "x" + ",x,5", 2, csv_blocks.LONG_TEXT),
        ("1,a,,4,5", 2, csv_blocks.MISSING),
        ("1,a,s,,5", 3, csv_blocks.MISSING),
        ("1,a,s,NA,5", 3, csv_blocks.MISSING),
        ("1,a,s,4,5\r5", 4, csv_blocks.NOT_A_NUMBER),
        ("1,a,s,4,1e39", 4, csv_blocks.NOT_A_NUMBER),
        ('1,a,s,4,"5', 4, csv_blocks.NOT_A_NUMBER),
        ('1,a,s,4,"', 4, csv_blocks.NOT_A_NUMBER),
        ('1,a,"s"x,4,5', 2, csv_blocks.AFTER_QUOTE),
        ('1,"a"x,s,4,5', 1, csv_blocks.AFTER_QUOTE),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("row", [0, 3])
def test_a_fault_has_its_row_and_column(line, column, reason, end, row):
    lines = ["1,a,s,4,5"] * 4
    lines[row] = line
    kinds = NUMBER64, SKIP, TEXT, INTEGER, NUMBER32
    parsed = parse([*lines, "also wrong"], *kinds, end=end)
    assert parsed.fault[:3] == (row, column, reason)
    assert len(parsed) == 5


def test_a_quote_without_end_is_reported():
    fault = parse(['"a,1', "b,2"], TEXT, NUMBER64).fault
    assert fault[:3] == (0, -1, csv_blocks.OPEN_QUOTE)
    fault = parse(['1,"a', "2,b"], NUMBER64, SKIP).fault
    assert fault[:3] == (0, 1, csv_blocks.AFTER_QUOTE)


def test_a_decimal_comma_is_named():
    kinds = np.array([NUMBER64, NUMBER64], np.int8)
    fault = csv_blocks.parse(b"1;2\n-1,5e3;2\n", kinds, ";").fault
    assert fault == (1, 0, csv_blocks.DECIMAL_COMMA, "-1,5e3")


@pytest.mark.slow
def test_damaged_text_is_rejected_where_python_would():
    """In each line one byte is replaced; often the field is still a number."""
    rng = np.random.default_rng(5)
    values = rng.standard_normal((3000, 2))
    lines = [f"{x:.18e},{y:.18e}" for x, y in values]
    pattern = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
    for line in lines:
        letters = list(line)
        letters[rng.integers(len(line))] = rng.choice(list("0179.,+-eE/: x\x00"))
        line = "".join(letters)
        fields = [field.strip() for field in line.split(",")]
        is_number = [pattern.fullmatch(field) is not None for field in fields]
        parsed = parse([line, "1,2"], NUMBER64, NUMBER64)
        if len(fields) != 2:
            reason = f"{len(fields)} fields, expected 2"
            assert parsed.fault[:3] == (0, -1, reason), line
        elif not all(is_number):
            column = is_number.index(False)
            assert parsed.fault[:3] == (0, column, csv_blocks.NOT_A_NUMBER), line
        elif np.isfinite([float(field) for field in fields]).all():
            assert parsed.fault is None, line
            expected = np.array([float(field) for field in fields])
            np.testing.assert_array_max_ulp(parsed.number64[0], expected, 1)


def test_last_line_may_lack_its_newline():
    kinds = np.array([NUMBER32, TEXT], np.int8)
    for block in (b"1,s\n2,b", bytearray(b"1,s\r\n2,b"), memoryview(b"1,s\n2,b\n")):
        parsed = csv_blocks.parse(block, kinds)
        assert parsed.fault is None
        assert parsed.number32.tolist() == [[1], [2]]
        assert parsed.text.tolist() == [[b"s"], [b"b"]]


def test_empty_block():
    parsed = csv_blocks.parse(b"", np.array([NUMBER32, TEXT], np.int8))
    assert parsed.fault is None
    assert parsed.number32.shape == parsed.text.shape == (0, 1)
    assert parsed.number64.shape == (0, 0)
