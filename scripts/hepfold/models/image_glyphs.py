"""Bitmaps of the characters that numbers are printed with, as Pillow draws them.

The font is a monospaced one that Matplotlib ships. In Pillow's basic layout it has no
kerning, its advance is a whole number of pixels, and no character exceeds its width.
Bitmaps side by side are therefore identical to the text that Pillow draws at once.
"""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Digits are in order, so that the glyph of a digit is its value plus a constant.
CHARACTERS = " 0123456789-.?"
# Largest number of digits before the point; larger numbers are clipped.
N_WHOLE = 4
FONT = "fonts/ttf/DejaVuSansMono.ttf"
# Digits of a smaller font have four rows of pixels, too few to distinguish them.
SMALLEST_FONT = 7


def n_characters(decimals: int) -> int:
    """Characters of the longest text: sign, whole digits, point and decimals.

    Without decimals there is no point.
    """
    return 1 + N_WHOLE + (decimals + 1 if decimals else 0)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    # Imported here, as it takes 0.3 s and each start of Snakemake imports this module.
    import matplotlib

    path = Path(matplotlib.get_data_path()) / FONT
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def advance(size: int) -> int:
    """Pixels from one character to the next."""
    return int(font(size).getlength("0"))


@cache
def ink(size: int) -> tuple[int, int]:
    """First row of ink, and the row after the last one, relative to Pillow's origin."""
    _, top, _, bottom = font(size).getbbox(CHARACTERS)
    return int(top), int(bottom)


def text_size(n_characters: int, size: int) -> tuple[int, int]:
    """Width and height of a text in pixels, without empty rows above and below."""
    top, bottom = ink(size)
    return n_characters * advance(size), bottom - top


def atlas(size: int) -> np.ndarray:
    """Bitmaps of all CHARACTERS, (n_glyphs, height, advance), uint8."""
    width, height = text_size(len(CHARACTERS), size)
    image = Image.new("L", (width, height))
    place = (0, -ink(size)[0])
    ImageDraw.Draw(image).text(place, CHARACTERS, fill=255, font=font(size))
    bitmaps = np.asarray(image).reshape(height, -1, advance(size))
    return np.ascontiguousarray(bitmaps.transpose(1, 0, 2))
