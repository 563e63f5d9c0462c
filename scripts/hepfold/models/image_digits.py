"""Numbers as printed text, computed for whole arrays on their device.

A text is one integer of 64 bits, four for each character, the first character lowest.
Behind its end there are zeros, which are blank.

What is missing is printed as a question mark. B. Sun et al. 2019, arXiv:1903.06246, say
in the abstract that SuperTML needs no numbers in its place; how they print it could not
be looked up. G. Strong (github.com/GilesStrong/SuperTML_HiggsML_Test) printed 0.000.
"""

import torch
from torch import Tensor

from hepfold.models import image_glyphs

# Bits of a character.
BITS = 4
ZERO, MINUS, POINT, MISSING = (image_glyphs.CHARACTERS.index(c) for c in "0-.?")


def parts(decimals: int) -> tuple[Tensor, Tensor, Tensor]:
    """Texts of all whole numbers, the bits of each, and texts of all that follow.

    A whole number has no zeros in front, and the point behind it.
    """
    whole = torch.arange(10**image_glyphs.N_WHOLE)
    n_digits = 1 + sum(whole >= 10**k for k in range(1, image_glyphs.N_WHOLE))
    text = with_digits(whole, image_glyphs.N_WHOLE, torch.zeros_like(whole))
    text >>= BITS * (image_glyphs.N_WHOLE - n_digits)
    n_bits = BITS * n_digits
    if decimals:
        text += POINT << n_bits
        n_bits += BITS
    fraction = torch.arange(10**decimals)
    return text, n_bits, with_digits(fraction, decimals, torch.zeros_like(fraction))


def with_digits(number: Tensor, n_digits: int, text: Tensor) -> Tensor:
    """Texts with the last digits of numbers in front."""
    for _ in range(n_digits):
        text = (text << BITS) + number % 10 + ZERO
        number = number // 10
    return text


def printed(values: Tensor, tables: tuple[Tensor, ...]) -> Tensor:
    """Texts of numbers, in the same shape, int64; missing (NaN) is a question mark.

    The text is that of Python, `f"{value:.{decimals}f}"`, for every float32: times a
    power of ten it is exact in double precision, and from the rounding on there are
    integers alone. `tables` are `parts` of the same decimals.
    """
    whole, n_bits, fraction = tables
    scale, largest = len(fraction), len(whole) * len(fraction) - 1
    exact = values.float().double().abs() * scale
    number = exact.nan_to_num().round().clamp(max=largest).long()
    before = number // scale
    behind = fraction.take(number - scale * before) << n_bits.take(before)
    text = whole.take(before) + behind
    text = torch.where(values.signbit(), (text << BITS) + MINUS, text)
    return text.masked_fill_(values.isnan(), MISSING)
