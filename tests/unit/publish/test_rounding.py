"""Tests of publish.rounding: the rule of the Particle Data Group."""

from decimal import Decimal

import numpy as np
import pytest

from hepfold.publish import rounding


@pytest.mark.parametrize(
    ("value", "unc", "told"),
    [
        # The first two are the examples of section 5.3, from memory.
        (0.827, 0.119, ("0.83", "0.12")),
        (0.827, 0.367, ("0.8", "0.4")),
        (12.2135, 0.03215, ("12.214", "0.032")),
        (12.2135, 0.06515, ("12.21", "0.07")),
        # Both sides of each border, whatever digits follow the third.
        (1.0, 0.100, ("1.00", "0.10")),
        (1.0, 0.3549, ("1.00", "0.35")),
        (1.0, 0.355, ("1.0", "0.4")),
        (1.0, 0.9499, ("1.0", "0.9")),
        (1.0, 0.950, ("1.0", "1.0")),
        (1.0, 0.9999, ("1.0", "1.0")),
        (1.0, 1.0, ("1.0", "1.0")),
        (-3.46892, 0.0961, ("-3.47", "0.10")),
        (12345.0, 678.0, ("12300", "700")),
        (12345.0, 123.0, ("12350", "120")),
        (2e-9, 3e-10, ("0.00000000200", "0.00000000030")),
    ],
)
def test_values_are_rounded_by_the_rule(value, unc, told):
    assert rounding.pdg(value, unc) == told


def test_halves_are_rounded_away_from_zero():
    assert rounding.pdg(0.5, 4.0) == ("1", "4")
    assert rounding.pdg(-0.5, 4.0) == ("-1", "4")


@pytest.mark.parametrize("power", range(-8, 9))
def test_an_uncertainty_is_hardly_changed_and_ends_with_its_value(power):
    for unc in np.random.default_rng(power + 8).uniform(1, 10, 50) * 10.0**power:
        value, rounded = map(Decimal, rounding.pdg(np.pi * unc, unc))
        assert abs(float(rounded) / unc - 1) < 0.16
        assert value.as_tuple().exponent == rounded.as_tuple().exponent
        assert abs(float(value) - np.pi * unc) <= 0.51 * float(rounded)


def test_what_has_no_uncertainty_or_no_value():
    assert rounding.text(0.92346, None) == "0.9235"
    assert rounding.text(0.92346, 0.0) == "0.9235"
    assert rounding.text(0.92346, 0.0021) == "0.9235 ± 0.0021"
    assert rounding.text(None, None) is None
