"""Tests of analysis.power_laws: exact points, profile intervals, and limits."""

import numpy as np
import pytest

from hepfold.analysis import power_laws

RATIO = np.array([0.01, 0.03, 0.1, 0.3, 1.0])


def points(a: float, b: float, c: float, unc: float) -> power_laws.Points:
    """Points exactly on a law, with independent uncertainties."""
    auc = a - b * RATIO**-c
    return power_laws.Points.of(RATIO, auc, unc**2 * np.eye(len(RATIO)))


@pytest.mark.parametrize(("a", "b", "c"), [(0.9, 0.02, 0.35), (0.8, 0.05, 0.2)])
def test_points_on_a_law_give_it_back_and_a_vanishing_band(a, b, c):
    exact = points(a, b, c, unc=1e-6)
    law = power_laws.fit(exact)
    assert (law.a, law.b, law.c) == pytest.approx((a, b, c), rel=1e-3)
    for ratio in (0.1, 1.0, 10.0):
        low, high = power_laws.interval(exact, law, ratio, 1.0)
        truth = a - b * ratio**-c
        assert low <= truth + 1e-6 and truth - 1e-6 <= high
        assert high - low < 1e-5


def test_small_uncertainties_propagate_linearly():
    """The interval is that of the covariance matrix of a linear fit."""
    a, b, c = 0.9, 0.02, 0.35
    unc = 2e-5
    exact = points(a, b, c, unc)
    law = power_laws.fit(exact)

    def gradient(ratio):
        power = ratio**-c
        return np.stack([np.ones_like(ratio), -power, b * power * np.log(ratio)], -1)

    at_points = gradient(RATIO)
    covariance = unc**2 * np.linalg.inv(at_points.T @ at_points)
    there = gradient(np.array(10.0))
    expected = np.sqrt(there @ covariance @ there)
    low, high = power_laws.interval(exact, law, 10.0, 1.0)
    assert (high - low) / 2 == pytest.approx(expected, rel=0.05)


def test_a_common_shift_of_all_points_moves_the_limit_alone():
    """Uncertainties that all points share leave the exponent as certain as it was."""
    a, b, c = 0.9, 0.02, 0.35
    auc = a - b * RATIO**-c
    shared = 1e-6 * np.ones((5, 5)) + 1e-12 * np.eye(5)
    correlated = power_laws.Points.of(RATIO, auc, shared)
    law = power_laws.fit(correlated)
    low, high = power_laws.interval(correlated, law, np.inf, 1.0)
    assert (high - low) / 2 == pytest.approx(1e-3, rel=0.05)


def test_the_limit_is_at_most_one_and_more_events_do_no_harm():
    """Points on a line in the logarithm, and points that fall."""
    rising = 0.7 + 0.03 * np.log10(RATIO)
    falling = 0.7 - 0.01 * np.log10(RATIO)
    covariance = 1e-6 * np.eye(len(RATIO))
    straight = power_laws.Points.of(RATIO, rising, covariance)
    law = power_laws.fit(straight)
    assert law.a <= 1
    assert power_laws.interval(straight, law, np.inf, 1.0)[1] <= 1
    flat = power_laws.fit(power_laws.Points.of(RATIO, falling, covariance))
    assert flat.b == pytest.approx(0, abs=1e-8)
    assert flat.a == pytest.approx(falling.mean(), abs=1e-6)


def test_the_profile_touches_the_smallest_chi_square():
    noise = np.array([1, -1, 0.5, -0.3, 0.2]) * 1e-3
    auc = 0.9 - 0.02 * RATIO**-0.35 + noise
    noisy = power_laws.Points.of(RATIO, auc, 1e-6 * np.eye(len(RATIO)))
    law = power_laws.fit(noisy)
    best = power_laws.profile(noisy, 10.0, float(law.at(np.float64(10.0))))
    assert best == pytest.approx(law.chi2, rel=1e-4)
    low, high = power_laws.interval(noisy, law, 10.0, 1.0)
    for end in (low, high):
        assert power_laws.profile(noisy, 10.0, end) - law.chi2 == pytest.approx(
            1, rel=0.02
        )


def test_points_with_the_same_scores_have_a_law():
    """Their covariance matrix is singular."""
    auc = 0.9 - 0.02 * RATIO**-0.35
    shared = power_laws.Points.of(RATIO, auc, 1e-6 * np.ones((5, 5)))
    assert power_laws.fit(shared).c == pytest.approx(0.35, rel=1e-2)
