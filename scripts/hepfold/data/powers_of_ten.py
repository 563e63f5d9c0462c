"""Table of powers of ten with twice the digits of a float64."""

from fractions import Fraction

import numpy as np

# With these powers of ten, a mantissa of 19 digits gives zero or infinity.
LEAST, MOST = -343, 309


def table() -> np.ndarray:
    """Powers of ten (n, 4) as (a + b) * c * d: a is near 1, c and d powers of 2."""
    rows = []
    for ten in (Fraction(10) ** q for q in range(LEAST, MOST + 1)):
        exponent = ten.numerator.bit_length() - ten.denominator.bit_length()
        near_one = ten / Fraction(2) ** exponent
        rest, half = near_one - Fraction(float(near_one)), exponent // 2
        rows.append((near_one, rest, 2.0**half, 2.0 ** (exponent - half)))
    return np.array(rows, np.float64)


TENS = table()
