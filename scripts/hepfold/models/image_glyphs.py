"""Bitmaps of the characters that numbers are printed with, as Pillow draws them.

The font is one of equal widths that matplotlib brings. With Pillow's basic layout it
has no kerning, whole pixels between characters, and no ink outside of them, so that
bitmaps side by side are pixel for pixel the text that Pillow draws at once.
"""

from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

# The first one has no ink: it is zero, in a number that holds a text as positions here.
CHARACTERS = " 0123456789-.?"
# Digits before the point that are printed at most; what is beyond is clipped.
N_WHOLE = 4
FONT = "fonts/ttf/DejaVuSansMono.ttf"
# The digits of a smaller font have four rows of pixels, too few to tell them apart.
SMALLEST_FONT = 7


def n_characters(decimals: int) -> int:
    """Characters of the longest text: a sign, whole digits, and those behind the point.

    Without decimals there is no point.
    """
    return 1 + N_WHOLE + (decimals + 1 if decimals else 0)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    path = Path(matplotlib.get_data_path()) / FONT
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def advance(size: int) -> int:
    """Pixels from one character to the next."""
    return int(font(size).getlength("0"))


@cache
def ink(size: int) -> tuple[int, int]:
    """First and last row of ink, of any character, below where Pillow draws."""
    _, top, _, bottom = font(size).getbbox(CHARACTERS)
    return int(top), int(bottom)


def text_size(n_characters: int, size: int) -> tuple[int, int]:
    """Width and height in pixels of a text, of which only rows with ink count."""
    top, bottom = ink(size)
    return n_characters * advance(size), bottom - top


def atlas(size: int) -> np.ndarray:
    """Bitmaps of all characters, shape (n_characters, height, width), from 0 to 255."""
    width, height = text_size(len(CHARACTERS), size)
    image = Image.new("L", (width, height))
    place = (0, -ink(size)[0])
    ImageDraw.Draw(image).text(place, CHARACTERS, fill=255, font=font(size))
    bitmaps = np.asarray(image).reshape(height, -1, advance(size))
    return np.ascontiguousarray(bitmaps.transpose(1, 0, 2))
