"""Text of numbers: what `%.18e` gives, for any float32."""

import numpy as np
import pytest

from hepfold.toys import csv_floats


def expected(values):
    return b"".join(b",".join(b"%.18e" % v for v in row) + b"\n" for row in values)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_text_of_usual_numbers(rng):
    values = rng.standard_normal((3_000, 29)) * 10.0 ** rng.integers(-8, 2, (3_000, 29))
    values = values.astype("f4")
    values[:, 0] = rng.integers(0, 2, 3_000)
    assert csv_floats.lines(values) == expected(values)


def test_text_of_any_bits_in_range(rng):
    values = rng.integers(0, 2**32, (60_000, 1), np.uint32).view("f4")
    with np.errstate(invalid="ignore"):
        magnitude = np.abs(values[:, 0])
    easy = (magnitude >= csv_floats.SMALLEST) & (magnitude < csv_floats.LIMIT)
    assert easy.sum() > 5_000
    assert csv_floats.lines(values[easy]) == expected(values[easy])


def test_text_beside_powers_of_two_and_ten():
    """Few digits, many digits, and the last halfway between two, as of 2^-20."""
    powers = [10.0**i for i in range(-9, 3)] + [2.0**i for i in range(-31, 8)]
    values = np.array([*powers, *(3 * np.array(powers))], "f4")
    down, up = np.nextafter(values, np.float32([[0], [1e9]]))
    values = np.concatenate([values, down, up, -values, [0, -0.0]])[:, None]
    values = values.astype("f4")
    assert csv_floats.lines(values) == expected(values)


@pytest.mark.parametrize("odd", [100.0, 1e-9, 1e-40, 3e38, np.nan, np.inf, -np.inf])
def test_text_of_unusual_numbers_and_their_neighbors(odd):
    values = np.array([[0.5, odd], [-1.25, 7.0]], "f4")
    assert csv_floats.lines(values) == expected(values)


def test_rows_are_the_same_in_any_number(rng):
    values = rng.standard_normal((2 * csv_floats.MOST_ROWS + 3, 2)).astype("f4")
    assert csv_floats.lines(values) == expected(values)
    assert csv_floats.lines(values[:0]) == b""
