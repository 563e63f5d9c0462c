"""Tests of analysis.bootstrap_kernels: draws are Poisson, and independent."""

import math

import numpy as np
import pytest

from hepfold.analysis import bootstrap_kernels
from hepfold.core import metrics


def drawn(n: int, replica: int = 0, seed: int = 1, positions=None) -> np.ndarray:
    positions = np.arange(n) if positions is None else positions
    counts = np.empty(len(positions), "u1")
    bootstrap_kernels.draw(np.uint64(seed), np.uint64(replica), positions, counts)
    return counts


def test_counts_are_poisson_of_mean_one():
    n = 1_000_000
    observed = np.bincount(drawn(n), minlength=12)[:9]
    expected = np.array([n * math.exp(-1) / math.factorial(k) for k in range(9)])
    chi2 = ((observed - expected)[:8] ** 2 / expected[:8]).sum()
    assert chi2 < 26  # 0.1 % of draws are above, with 8 degrees of freedom
    assert observed[8:].sum() < 40


def test_steps_hold_the_whole_distribution():
    widths = np.diff([0, *map(int, bootstrap_kernels.STEPS), 2**32]) / 2**32
    expected = [math.exp(-1) / math.factorial(k) for k in range(12)]
    np.testing.assert_allclose(widths[:-1], expected, atol=2.0**-31)
    mean = (widths * np.arange(len(widths))).sum()
    assert mean == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize(("one", "other"), [((0, 1), (1, 1)), ((0, 1), (0, 2))])
def test_replicas_and_seeds_are_independent(one, other):
    n = 200_000
    x, y = drawn(n, *one).astype(float), drawn(n, *other).astype(float)
    assert abs(np.corrcoef(x, y)[0, 1]) < 4 / math.sqrt(n)
    assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 4 / math.sqrt(n)
    for shift in (1, 2, 3):
        assert abs(np.corrcoef(x[shift:], y[:-shift])[0, 1]) < 4 / math.sqrt(n)


def test_a_count_depends_on_the_position_of_the_event_only():
    places = np.random.default_rng(0).permutation(1000)
    np.testing.assert_array_equal(drawn(0, positions=places), drawn(1000)[places])


def test_compiled_ams_is_that_of_the_metrics():
    for s, b, b_reg in [(1, 10, 10), (200, 4000, 0), (5, 0, 0), (-1, 4, 1), (3, -2, 1)]:
        with np.errstate(divide="ignore"):
            expected = metrics.clipped_ams(float(s), float(b), float(b_reg))
        compiled = bootstrap_kernels.ams(float(s), float(b), float(b_reg))
        assert compiled == pytest.approx(expected, rel=1e-15)
