"""Tests of data.powers_of_ten: each entry is a power of ten with twice the digits."""

from fractions import Fraction

from hepfold.data import powers_of_ten


def test_powers_of_ten_have_twice_the_digits_of_a_float64():
    exponents = range(powers_of_ten.LEAST, powers_of_ten.MOST + 1)
    for q, row in zip(exponents, powers_of_ten.TENS, strict=True):
        a, b, c, d = map(Fraction, map(float, row))
        ten = Fraction(10) ** q
        assert abs((a + b) * c * d - ten) <= ten / 2**105
        assert 0.5 <= a <= 2
