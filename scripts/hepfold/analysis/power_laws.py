"""Saturating power law of a learning curve, and its extrapolation.

The law is AUC(n) = a - b n^-c for n training events, the form that Hestness et al. 2017
(arXiv:1712.00409) fit to errors, with exponents c from 0.07 to 0.35. The law is
empirical: learning curves are diverse, and no universal law is known (Viering and Loog
2023, IEEE TPAMI 45:7799, arXiv:2103.10948).

Numbers of events are relative to a reference: `ratio` is n / n_reference, and `b` the
distance from the limit at the reference. The limit `a` is at most 1, `b` is not
negative, and `c` is in `EXPONENTS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

EXPONENTS = (0.05, 2.0)
N_PARAMETERS = 3
# Number of exponents per pass of the search for the best one, and number of passes,
# each of which searches between the neighbors of the previous best exponent.
N_EXPONENTS, N_PASSES = 24, 6
# First distance from the best AUC in the search for the end of an interval, and
# accuracy of the end relative to this distance.
FIRST_STEP, ACCURACY = 1e-6, 1e-3
# Least variance of any combination of points, relative to the sum of their variances.
LEAST_VARIANCE = 1e-12


@dataclass(frozen=True)
class Points:
    """Measured AUCs (n_points,) at `ratio`, whitened by their covariance matrix."""

    ratio: np.ndarray
    auc: np.ndarray
    whitening: np.ndarray

    @classmethod
    def of(cls, ratio: np.ndarray, auc: np.ndarray, covariance: np.ndarray) -> "Points":
        """Points with the whitening matrix (n_points, n_points) of their covariance."""
        # Models with equal scores have a singular matrix.
        least = LEAST_VARIANCE * np.trace(covariance) * np.eye(len(ratio))
        cholesky = np.linalg.cholesky(covariance + least)
        return cls(ratio, auc, np.linalg.inv(cholesky))


@dataclass(frozen=True)
class Law:
    """A fitted law, with the chi-square of the points."""

    a: float
    b: float
    c: float
    chi2: float

    def at(self, ratio: np.ndarray) -> np.ndarray:
        """AUC of the law."""
        return self.a - self.b * ratio**-self.c


def fit(points: Points) -> Law:
    """The law with the smallest chi-square of correlated points.

    For a given exponent, the law is linear in `a` and `b`.
    """
    laws = {}

    def chi2(exponents: np.ndarray) -> np.ndarray:
        """Smallest chi-square for each exponent."""
        for c in exponents:
            laws[c] = of_exponent(points, c)
        return np.array([laws[c].chi2 for c in exponents])

    smallest(chi2)
    return min(laws.values(), key=lambda law: law.chi2)


def of_exponent(points: Points, c: float) -> Law:
    """The best law with a given exponent."""
    columns = np.stack([np.ones_like(points.ratio), -(points.ratio**-c)], axis=1)
    bounds = ([-np.inf, 0], [1, np.inf])
    solved = optimize.lsq_linear(
        points.whitening @ columns, points.whitening @ points.auc, bounds, method="bvls"
    )
    a, b = map(float, solved.x)
    return Law(a, b, float(c), float(2 * solved.cost))


def smallest(function: Callable[[np.ndarray], np.ndarray]) -> float:
    """Smallest value of a function of exponents (n_exponents,)."""
    low, high = EXPONENTS
    for _ in range(N_PASSES):
        exponents = np.geomspace(low, high, N_EXPONENTS)
        values = function(exponents)
        best = int(values.argmin())
        low = exponents[max(best - 1, 0)]
        high = exponents[min(best + 1, N_EXPONENTS - 1)]
    return float(values.min())


def interval(
    points: Points, law: Law, ratio: float, threshold: float
) -> tuple[float, float]:
    """AUCs at `ratio` whose chi-square exceeds the smallest one by the threshold.

    The other parameters are those with the smallest chi-square for each AUC (profile
    likelihood), so that the interval is asymmetric where the exponent is uncertain. An
    infinite ratio gives the interval of the limit `a`.
    """
    center = float(law.at(np.array(ratio)))

    def excess(auc: float) -> float:
        """Chi-square above the threshold."""
        return profile(points, ratio, auc) - law.chi2 - threshold

    return crossing(excess, center, -1.0), crossing(excess, center, 1.0)


def profile(points: Points, ratio: float, auc: float) -> float:
    """Smallest chi-square of laws that have a given AUC at `ratio`."""

    def chi2(exponents: np.ndarray) -> np.ndarray:
        """Smallest chi-square for each exponent; linear in the one parameter left."""
        end = np.float64(ratio) ** -exponents[:, None]
        largest_b = (1 - auc) / end if np.isfinite(ratio) else np.inf
        slope = (end - points.ratio ** -exponents[:, None]) @ points.whitening.T
        offset = points.whitening @ (points.auc - auc)
        b = (slope @ offset)[:, None] / np.sum(slope**2, axis=1, keepdims=True)
        return np.sum((offset - b.clip(0, largest_b) * slope) ** 2, axis=1)

    return smallest(chi2)


def crossing(excess: Callable[[float], float], center: float, sign: float) -> float:
    """First AUC on one side of the center at which a function is positive; 0 to 1."""
    limit, step = float(sign > 0), FIRST_STEP
    if excess(center) >= 0:
        return center
    while excess(outer := min(max(center + sign * step, 0.0), 1.0)) <= 0:
        if outer == limit:
            return limit
        step *= 3
    low, high = sorted([center, outer])
    return float(optimize.brentq(excess, low, high, xtol=ACCURACY * step))
