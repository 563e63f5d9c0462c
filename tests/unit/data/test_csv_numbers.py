"""Tests of data.csv_numbers: correct values, and the place of every invalid one."""

import io
import re

import numpy as np
import polars as pl
import pytest

from hepfold.data import csv_numbers
from hepfold.data.csv_numbers import NUMBER32, NUMBER64, SKIP, TEXT

EDGES = """0 -0 0.0 -0.0 +1 5. .5 -.5 1e5 1E5 1e+5 1.5e-05 00012.50 1e0000000005 0e999
0.000000000000000000e+00 -0.000000000000000000e+00 9.999999999999999999e-01 1e-400
1.797693134862315708e+308 2.225073858507201383e-308 4.940656458412465442e-324 1e-45
1.7976931348623157e308 2.2250738585072014e-308 5e-324 3.4028234e38 1.1754944e-38
123456789012345678901234567890 0.1234567890123456789012345 18446744073709551615
100000000000000000000000000000000000 0.00000000000000000000000000000000000012 16777217
9007199254740993 9007199254740992.5 1.000000059604644775390625 9999999999999999999
-999.0 138.47 0.00265331133733 1.0000000000000000e+00 1.234567890123456789e-100"""
NOT_NUMBERS = """nan NaN inf -inf Infinity abc 1.2.3 1e 1e+ 1e- --1 +-1 -+1 - + . e5 .e5
0x10 1_000 1d5 1e400 -1e400 1e309 18e307 1e1.5 12a 1.0e5e5 1e99999999999 "1" é
1.000000000000000000e+0x 1.00000000000000000:e+00 1.000000000000000000e/00
:.000000000000000000e+00 1.0000000/0000000000e+00 1.000000000000000000f+00
1.000000000000000000e+000x 1.000000000000000000e+00.0"""


def parse(lines: list[str], *kinds: int, end: str = "\n") -> csv_numbers.Parsed:
    text = "".join(line + end for line in lines)
    return csv_numbers.parse(text.encode(), np.array(kinds, np.int8))


def higgs_like(rng, n_rows: int, n_columns: int = 29) -> tuple[np.ndarray, list[str]]:
    """Float32 values as HIGGS has them, and the text of each row."""
    values = rng.standard_normal((n_rows, n_columns)).astype("f4")
    values[rng.random(values.shape) < 0.1] = 0
    values[:, 0] = rng.integers(0, 2, n_rows)
    return values, [",".join(f"{value:.18e}" for value in row) for row in values]


def random_texts(rng) -> list[str]:
    """Numbers of many magnitudes and lengths."""
    bits = rng.integers(0, 2**64, 20_000, np.uint64, endpoint=False).view("f8")
    any_float = bits[np.isfinite(bits)]
    usual = rng.standard_normal(5000) * 10.0 ** rng.integers(-30, 30, 5000)
    texts = [f"{x:.{n}e}" for x in any_float[:5000] for n in (0, 7, 16, 17, 18, 25)]
    texts += [f"{x:.{n}g}" for x in usual for n in (3, 6, 9, 12, 15, 17)]
    return texts + [repr(x) for x in [*any_float.tolist(), *usual.tolist()]]


def float32(values) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.array(values, np.float64).astype("f4")


def assert_same_bits(values: np.ndarray, expected: np.ndarray) -> None:
    unsigned = f"u{values.itemsize}"
    np.testing.assert_array_equal(values.view(unsigned), expected.view(unsigned))


@pytest.mark.parametrize("text", EDGES.split())
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_edge_values(text, end):
    parsed = parse([f"{text},{text}"], NUMBER64, SKIP, end=end)
    assert parsed.fault is None
    expected = np.array([[float(text)]])
    np.testing.assert_array_max_ulp(parsed.number64, expected, 1)
    assert np.signbit(parsed.number64) == np.signbit(expected)
    if np.isfinite(float32(expected)).all():
        parsed = parse([f"{text},{text}"], NUMBER32, NUMBER32, end=end)
        assert_same_bits(parsed.number32, float32([[float(text)] * 2]))


def test_numbers_of_all_magnitudes():
    texts = random_texts(np.random.default_rng(1))
    expected = np.array([float(text) for text in texts])
    parsed = parse(texts, NUMBER64)
    assert parsed.fault is None
    np.testing.assert_array_max_ulp(parsed.number64[:, 0], expected, 1)
    is_tiny = np.abs(expected) < 1e-306
    assert_same_bits(parsed.number64[~is_tiny, 0], expected[~is_tiny])
    fits = np.isfinite(float32(expected))
    parsed = parse([t for t, f in zip(texts, fits, strict=True) if f], NUMBER32)
    assert_same_bits(parsed.number32[:, 0], float32(expected[fits]))


def test_higgs_like_text_gives_its_float32_as_polars_does():
    values, lines = higgs_like(np.random.default_rng(2), 500)
    parsed = parse(lines, *[NUMBER32] * 29)
    assert parsed.number32.flags.c_contiguous
    assert_same_bits(parsed.number32, values)
    text = "\n".join(lines).encode()
    schema = {f"column_{i}": pl.Float32 for i in range(29)}
    table = pl.read_csv(io.BytesIO(text), has_header=False, schema=schema)
    np.testing.assert_array_equal(parsed.number32, table.to_numpy())


def test_mixed_columns_go_to_their_matrices_as_polars_reads_them():
    rng = np.random.default_rng(3)
    n_rows = 500
    table = pl.DataFrame(
        {
            "id": np.arange(100_000, 100_000 + n_rows, dtype="f8"),
            "mass": np.round(rng.exponential(100, n_rows), 3).astype("f4"),
            "comment": [
                "any text, no end"[: i % 9].replace(",", "") for i in range(n_rows)
            ],
            "label": rng.choice(["s", "b"], n_rows),
            "weight": rng.random(n_rows).round(14),
            "jets": rng.integers(0, 4, n_rows).astype("f4"),
            "set": rng.choice(["t", "private", "12345678", ""], n_rows),
        }
    )
    lines = table.write_csv(include_header=False, quote_style="never").splitlines()
    kinds = NUMBER64, NUMBER32, SKIP, TEXT, NUMBER64, NUMBER32, TEXT
    for end in ("\n", "\r\n"):
        parsed = parse(lines, *kinds, end=end)
        assert parsed.fault is None
        np.testing.assert_array_equal(parsed.number64, table["id", "weight"].to_numpy())
        np.testing.assert_array_equal(parsed.number32, table["mass", "jets"].to_numpy())
        assert parsed.text.dtype == "S8"
        expected = table["label", "set"].to_numpy().astype("S8")
        np.testing.assert_array_equal(parsed.text, expected)


@pytest.mark.parametrize("text", ["", *NOT_NUMBERS.split()])
@pytest.mark.parametrize("kind", [NUMBER32, NUMBER64])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_text_that_is_no_number_is_reported(text, kind, column):
    fields = ["1.5", "2.5", "3.5"]
    fields[column] = text
    lines = ["1,2,3", ",".join(fields), "4,x,6"]
    fault = parse(lines, kind, kind, kind).fault
    assert fault == (1, column, csv_numbers.NOT_A_NUMBER)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("", -1, csv_numbers.EMPTY_LINE),
        ("1,a", -1, csv_numbers.WRONG_FIELDS),
        ("1", -1, csv_numbers.WRONG_FIELDS),
        ("1,a,s,4,5", -1, csv_numbers.WRONG_FIELDS),
        ("1,a,s,4,", -1, csv_numbers.WRONG_FIELDS),
        ("x,a,4", -1, csv_numbers.WRONG_FIELDS),
        ("1,a,123456789,4", 2, csv_numbers.LONG_TEXT),
        ("1,a,123456789,x", 2, csv_numbers.LONG_TEXT),
        ("1,a,s,4 ", 3, csv_numbers.NOT_A_NUMBER),
        (" 1,a,s,4", 0, csv_numbers.NOT_A_NUMBER),
        ("1,a,s,4\r5", 3, csv_numbers.NOT_A_NUMBER),
        ("1,a,s,1e39", 3, csv_numbers.NOT_A_NUMBER),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("row", [0, 1, 3])
def test_a_fault_has_its_row_and_column(line, column, reason, end, row):
    lines = ["1,a,s,4"] * 4
    lines[row] = line
    parsed = parse([*lines, "also wrong"], NUMBER64, SKIP, TEXT, NUMBER32, end=end)
    assert parsed.fault == (row, column, reason)
    assert len(parsed.number64) == 5


def test_damaged_text_is_rejected_where_python_would():
    """In each line one byte is replaced; often the field is still a number."""
    rng = np.random.default_rng(5)
    _, lines = higgs_like(rng, 3000, 2)
    pattern = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
    for line in lines:
        letters = list(line)
        letters[rng.integers(len(line))] = rng.choice(list("0179.,+-eE/: x\x00"))
        line = "".join(letters)
        fields = line.split(",")
        is_number = [pattern.fullmatch(field) is not None for field in fields]
        parsed = parse([line, "1,2"], NUMBER64, NUMBER64)
        if len(fields) != 2:
            assert parsed.fault == (0, -1, csv_numbers.WRONG_FIELDS), line
        elif not all(is_number):
            column = is_number.index(False)
            assert parsed.fault == (0, column, csv_numbers.NOT_A_NUMBER), line
        elif np.isfinite([float(field) for field in fields]).all():
            assert parsed.fault is None, line
            expected = np.array([float(field) for field in fields])
            np.testing.assert_array_max_ulp(parsed.number64[0], expected, 1)


def test_last_line_may_lack_its_newline():
    kinds = np.array([NUMBER32, TEXT], np.int8)
    for block in (b"1,s\n2,b", bytearray(b"1,s\r\n2,b"), memoryview(b"1,s\n2,b\n")):
        parsed = csv_numbers.parse(block, kinds)
        assert parsed.fault is None
        assert parsed.number32.tolist() == [[1], [2]]
        assert parsed.text.tolist() == [[b"s"], [b"b"]]


def test_empty_block():
    parsed = csv_numbers.parse(b"", np.array([NUMBER32, TEXT], np.int8))
    assert parsed.fault is None
    assert parsed.number32.shape == parsed.text.shape == (0, 1)
    assert parsed.number64.shape == (0, 0)


def test_block_size_changes_nothing():
    """The fast path reads ahead, but never beyond the block."""
    values, lines = higgs_like(np.random.default_rng(4), 60, 3)
    for size in (1, 2, 7, 59, 60):
        blocks = [lines[i : i + size] for i in range(0, 60, size)]
        parts = [parse(block, *[NUMBER32] * 3).number32 for block in blocks]
        assert_same_bits(np.concatenate(parts), values)
