"""Tests of models.image_digits: texts are those of Python, to the last character."""

import numpy as np
import pytest
import torch

from hepfold.models import image_digits, image_glyphs

LARGEST = 10**image_glyphs.N_WHOLE


def printed(values: np.ndarray, decimals: int) -> list[str]:
    """Texts of float32 numbers, blanks taken away."""
    text = image_digits.printed(torch.from_numpy(values), image_digits.parts(decimals))
    places = image_digits.BITS * torch.arange(64 // image_digits.BITS)
    codes = (text[:, None] >> places) & (2**image_digits.BITS - 1)
    characters = np.array(list(image_glyphs.CHARACTERS))[codes.numpy()]
    return ["".join(row).rstrip() for row in characters]


def in_python(values: np.ndarray, decimals: int) -> list[str]:
    return [f"{float(value):.{decimals}f}" for value in values]


@pytest.mark.parametrize("decimals", range(6))
def test_random_numbers_are_printed_as_by_python(decimals):
    rng = np.random.default_rng(decimals)
    size = 10 ** rng.uniform(-6, 3.99, 100_000)
    values = (rng.choice([-1, 1], len(size)) * size).astype("f4")
    assert printed(values, decimals) == in_python(values, decimals)


@pytest.mark.parametrize("decimals", range(6))
def test_ties_zeros_and_limits_are_printed_as_by_python(decimals):
    """Halves of a last digit that float32 holds exactly go to the even digit."""
    ties = np.arange(1, 2000) / 2 ** (decimals + 1)
    near = np.nextafter(np.arange(1, 999, dtype="f4") / 2, np.float32(0))
    powers = 10.0 ** np.arange(-decimals - 2, image_glyphs.N_WHOLE)
    values = np.concatenate([[0.0, 1e-45], ties, near, powers, powers - 1e-4])
    values = np.concatenate([values, -values]).astype("f4")
    assert "-0" + "." * (decimals > 0) + "0" * decimals in printed(values, decimals)
    assert printed(values, decimals) == in_python(values, decimals)


def test_what_is_too_long_is_clipped():
    values = np.array([9999.999, 1e4, -1e4, 3e38, np.inf, -np.inf], "f4")
    texts = ["9999.999", "9999.999", "-9999.999"] + ["9999.999"] * 2 + ["-9999.999"]
    assert printed(values, 3) == texts


def test_missing_is_a_question_mark_whatever_its_sign():
    values = np.array([np.nan, -np.nan, 1.0], "f4")
    assert printed(values, 2) == ["?", "?", "1.00"]


def test_shape_is_kept():
    values = torch.zeros(2, 3, 4)
    assert image_digits.printed(values, image_digits.parts(1)).shape == (2, 3, 4)
