"""Tests of models.image_glyphs: bitmaps side by side equal a text of Pillow."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from hepfold.models import image_glyphs

SIZES = [*range(image_glyphs.SMALLEST_FONT, 48), 64, 100]


def drawn(text: str, size: int) -> np.ndarray:
    """A text as Pillow draws it, with a margin of its height around it."""
    width, height = image_glyphs.text_size(len(text), size)
    image = Image.new("L", (width + 2 * height, 3 * height))
    place = (height, height - image_glyphs.ink(size)[0])
    ImageDraw.Draw(image).text(place, text, fill=255, font=image_glyphs.font(size))
    return np.asarray(image)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_bitmaps_side_by_side_are_the_text(size):
    rng = np.random.default_rng(size)
    atlas = image_glyphs.atlas(size)
    for _ in range(30):
        characters = rng.integers(0, len(image_glyphs.CHARACTERS), 9)
        text = "".join(image_glyphs.CHARACTERS[i] for i in characters)
        height = atlas.shape[1]
        expected = np.pad(np.hstack(list(atlas[characters])), height)
        np.testing.assert_array_equal(drawn(text, size), expected)


@pytest.mark.parametrize("size", SIZES)
def test_all_characters_differ_and_only_the_first_is_blank(size):
    atlas = image_glyphs.atlas(size)
    assert len({bitmap.tobytes() for bitmap in atlas}) == len(image_glyphs.CHARACTERS)
    assert atlas.any(axis=(1, 2)).tolist() == [False] + [True] * (len(atlas) - 1)
    assert atlas.shape[1:] == image_glyphs.text_size(1, size)[::-1]


def test_characters_of_the_longest_text():
    assert image_glyphs.n_characters(3) == len("-9999.999")
    assert image_glyphs.n_characters(0) == len("-9999")
