"""Tests of data.csv_numbers: values of numbers and text."""

import io

import numpy as np
import polars as pl
import pytest

from hepfold.data import csv_blocks, csv_numbers

NUMBER32, NUMBER64 = csv_numbers.NUMBER32, csv_numbers.NUMBER64
INTEGER, TEXT, SKIP = csv_numbers.INTEGER, csv_numbers.TEXT, csv_numbers.SKIP

EDGES = """0 -0 0.0 -0.0 +1 5. .5 -.5 1e5 1E5 1e+5 1.5e-05 00012.50 1e0000000005 0e999
0.000000000000000000e+00 -0.000000000000000000e+00 9.999999999999999999e-01 1e-400
1.797693134862315708e+308 2.225073858507201383e-308 4.940656458412465442e-324 1e-45
1.7976931348623157e308 2.2250738585072014e-308 5e-324 3.4028234e38 1.1754944e-38
123456789012345678901234567890 0.1234567890123456789012345 18446744073709551615
100000000000000000000000000000000000 0.00000000000000000000000000000000000012 16777217
9007199254740993 9007199254740992.5 1.000000059604644775390625 9999999999999999999
-999.0 138.47 0.00265331133733 1.0000000000000000e+00 1.234567890123456789e-100"""


def parse(lines: list[str], *kinds: int, end: str = "\n") -> csv_blocks.Parsed:
    text = "".join(line + end for line in lines)
    return csv_blocks.parse(text.encode(), np.array(kinds, np.int8))


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


@pytest.mark.slow
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
            "set": rng.choice(
                ["t", "private", "a label of 28 letters, long".replace(",", ";")],
                n_rows,
            ),
        }
    )
    lines = table.write_csv(include_header=False, quote_style="never").splitlines()
    kinds = NUMBER64, NUMBER32, SKIP, TEXT, NUMBER64, NUMBER32, TEXT
    for end in ("\n", "\r\n"):
        parsed = parse(lines, *kinds, end=end)
        assert parsed.fault is None
        np.testing.assert_array_equal(parsed.number64, table["id", "weight"].to_numpy())
        np.testing.assert_array_equal(parsed.number32, table["mass", "jets"].to_numpy())
        assert parsed.text.dtype == "S64"
        expected = table["label", "set"].to_numpy().astype("S64")
        np.testing.assert_array_equal(parsed.text, expected)


def test_block_size_changes_nothing():
    """The fast path reads ahead, but never beyond the block."""
    values, lines = higgs_like(np.random.default_rng(4), 60, 3)
    for size in (1, 2, 7, 59, 60):
        blocks = [lines[i : i + size] for i in range(0, 60, size)]
        parts = [parse(block, *[NUMBER32] * 3).number32 for block in blocks]
        assert_same_bits(np.concatenate(parts), values)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("007", 7),
        ("9007199254740993", 2**53 + 1),
        ("999999999999999999", 10**18 - 1),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("5.0", 5),
        ("1.000020000000000000e+05", 100002),
        ("-1e5", -100_000),
        ("0e999", 0),
        ("9.223372036854775807e18", 2**63 - 1),
        (' "42" ', 42),
    ],
)
def test_integers_are_exact(text, value, end):
    parsed = parse([f"{text},{text}"], INTEGER, INTEGER, end=end)
    assert parsed.fault is None
    assert parsed.integer.tolist() == [[value, value]]


def test_random_integers_are_exact():
    rng = np.random.default_rng(6)
    values = rng.integers(-(2**63), 2**63, 2000) >> rng.integers(0, 64, 2000)
    parsed = parse([str(value) for value in values], INTEGER)
    np.testing.assert_array_equal(parsed.integer[:, 0], values)


MISSING = ["nan", "NaN", "-nan", "NA", "N/A", "n/a", "<NA>", "null", "NULL", "None"]


@pytest.mark.parametrize("text", ["", " ", '""', *MISSING])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_missing_numbers_are_nan(text, end):
    lines = [f"{text},2,3,{text}", f"1,{text},{text},4"]
    parsed = parse(lines, NUMBER32, NUMBER64, NUMBER32, NUMBER64, end=end)
    assert parsed.fault is None
    np.testing.assert_array_equal(parsed.number32, [[np.nan, 3], [1, np.nan]])
    np.testing.assert_array_equal(parsed.number64, [[2, np.nan], [np.nan, 4]])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"1.5"', 1.5),
        (" 1.5", 1.5),
        ("1.5 ", 1.5),
        (' "-2e3" ', -2000),
        ("true", 1),
        ("False", 0),
        ('"TRUE"', 1),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quoted_and_spaced_numbers_and_truth(text, value, end):
    parsed = parse([f"{text},7,{text}"], NUMBER32, SKIP, NUMBER64, end=end)
    assert parsed.fault is None
    assert parsed.number32 == parsed.number64 == value


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes_enclose_separators(end):
    lines = ['"a, b","say ""x"", y",1', " background , free text,2"]
    parsed = parse(lines, TEXT, SKIP, NUMBER64, end=end)
    assert parsed.fault is None
    assert parsed.text.tolist() == [[b"a, b"], [b"background"]]
    assert parsed.number64.tolist() == [[1], [2]]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(separator):
    text = separator.join(["1.5", "a,b", "7", ""]) + "\n"
    kinds = np.array([NUMBER32, TEXT, INTEGER, NUMBER64], np.int8)
    parsed = csv_blocks.parse(text.encode(), kinds, separator)
    assert parsed.fault is None
    assert (parsed.number32, parsed.text, parsed.integer) == (1.5, b"a,b", 7)
    assert np.isnan(parsed.number64)
