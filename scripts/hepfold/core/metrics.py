"""Figures of merit for a classifier.

`s` and `b` are the sums of event weights that pass a cut, i.e. expected counts. The AMS
is not normalized: for a subset of the events, scale the weights first
(`weights.scale_to_full`). All sums are in double precision; in single precision, the
sum of ten million weights is 0.6 % too small.

Negative weights enter every sum with their sign. An event of weight w is therefore
equivalent to two equal events of weights 2w and -w. Sums of signed weights can
fluctuate below zero, and efficiencies above one; a figure of merit that then has no
meaning is NaN.

This module holds the formulas and the figures of merit of a single sample, as used in
training and permutations. Published figures of merit come from `analysis.bootstrap`,
which treats the sample and its replicas alike.
"""

import numpy as np

from hepfold.core import columns

# Score at which signal and background are equally probable.
EVEN_CUT = 0.5
# Half the distance from 1 to the next smaller float32.
LEAST_PROBABILITY = 2.0**-25
# Number of signal efficiencies at which the smoothed AMS is computed.
N_SMOOTHED = 1001


def ams(s: np.ndarray, b: np.ndarray, b_reg: float) -> np.ndarray:
    """Approximate median significance, regularized as in the Higgs ML challenge.

    Cowan et al. 2011, arXiv:1007.1727, equation 97, with b + b_reg for b
    (Adam-Bourdarios et al. 2015, PMLR 42:19-55). NaN where b is negative; a negative s
    counts as zero.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.less(b, 0.0), np.nan, clipped_ams(s, b, b_reg))


def clipped_ams(s: np.ndarray, b: np.ndarray, b_reg: float) -> np.ndarray:
    """AMS where negative sums of either class count as zero; Numba compiles it."""
    s, b = np.maximum(s, 0.0), np.maximum(b, 0.0) + b_reg
    return np.sqrt(2 * ((s + b) * np.log1p(s / b) - s))


def significance(s: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Median discovery significance of s over an exactly known background b.

    For the Asimov data of a counting experiment: Cowan et al. 2011, arXiv:1007.1727,
    equation 97. Infinite without background, NaN where b is negative.
    """
    s = np.maximum(s, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((s == 0) & np.greater_equal(b, 0.0), 0.0, ams(s, b, 0.0))


def significance_syst(s: np.ndarray, b: np.ndarray, b_unc: np.ndarray) -> np.ndarray:
    """Median discovery significance of s over a background b +- b_unc.

    A Poisson-distributed auxiliary measurement constrains the background to this
    standard deviation: Cowan 2012, "Discovery sensitivity for a counting experiment
    with background uncertainty", equation 20 (the likelihood ratio of Li and Ma 1983).
    For large b it tends to s / sqrt(b + b_unc^2). NaN where b is negative.
    """
    s = np.maximum(s, 0.0)
    variance = np.square(b_unc)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = (s + b) * np.log1p(s * b / (b**2 + (s + b) * variance))
        second = b**2 / variance * np.log1p(variance * s / (b * (b + variance)))
        # Rounding can make a small difference negative.
        uncertain = np.sqrt(2 * np.maximum(first - second, 0.0))
    is_known = (variance == 0) | np.less_equal(b, 0.0)
    return np.where(is_known, significance(s, b), uncertain)


def ams_at_cut(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray, cut: float, b_reg: float
) -> float:
    """AMS of the selection `score >= cut`."""
    passes = score >= cut
    return float(ams(*class_sums(label[passes], weight[passes]), b_reg))


def smoothed_best(s: np.ndarray, ams: np.ndarray, width: float) -> int:
    """Index of the cut that maximizes the smoothed AMS; both arrays are (n_cuts,).

    The AMS is averaged over a window of signal efficiency of the given width, which
    stays within the range from 0 to 1. The plain maximum depends on a handful of
    events. The result is the nearest cut whose AMS is not NaN.
    """
    center, mean = smoothed(s, ams, width)
    i_best = np.searchsorted(signal_efficiency(s), center[mean.argmax()])
    i_best = min(int(i_best), len(s) - 1)
    defined = np.flatnonzero(~np.isnan(ams))
    return int(defined[np.abs(defined - i_best).argmin()])


def smoothed(
    s: np.ndarray, ams: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Centers of windows of signal efficiency, and the mean AMS in each of them."""
    # With b_reg = 0, the AMS is infinite where no background passes.
    ams = np.where(np.isfinite(ams), ams, 0.0)
    efficiency = np.append(0.0, signal_efficiency(s))
    integral = np.append(0.0, np.cumsum(ams * np.diff(efficiency)))
    center = np.linspace(width / 2, 1 - width / 2, N_SMOOTHED)
    low, high = (
        np.interp(center + side * width / 2, efficiency, integral) for side in (-1, 1)
    )
    return center, (high - low) / width


def signal_efficiency(s: np.ndarray) -> np.ndarray:
    """Signal efficiency of falling cuts from passing sums; the largest one so far."""
    return np.maximum.accumulate(s) / s.max()


def smoothing_width(n_signal: int) -> float:
    """Width of the smoothing window in signal efficiency, from the signal statistics.

    The power is the optimal one for locating a maximum, i.e. the zero of a derivative,
    in noisy data. `benchmarks/cut.py` shows that a prefactor of 1 is close to optimal.
    """
    return n_signal ** (-1 / 7)


def auc(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """Area under the ROC curve.

    This is the probability that a signal event has a higher score than a background
    event, each drawn in proportion to its weight; a tie counts one half. With negative
    weights, it is the signed sum over all pairs (the Mann-Whitney statistic), which is
    the area under the curve of signed efficiencies without an envelope. NaN if a class
    has no positive sum of weights.
    """
    _, s, b = passing_sums(score, label, weight)
    if min(s[-1], b[-1]) <= 0:
        return float("nan")
    area = np.trapezoid(np.append(0.0, s), np.append(0.0, b))
    return float(area / (s[-1] * b[-1]))


def rejection_name(signal_efficiency: float) -> str:
    """Name of the background rejection at a signal efficiency, e.g. rejection_50."""
    return f"rejection_{100 * signal_efficiency:g}"


def log_loss(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """Mean cross entropy, in nats."""
    return float(np.average(loss_of_events(score, label), weights=weight))


def accuracy(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """Weighted fraction of events that a cut at 0.5 classifies correctly."""
    is_correct = (score >= EVEN_CUT) == (label == columns.SIGNAL)
    return float(np.average(is_correct, weights=weight))


def loss_of_events(score: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Cross entropy of each event, (n_events,), in nats.

    Probabilities are clipped at LEAST_PROBABILITY, so that scores that single precision
    rounds to 0 or 1 have a finite loss.
    """
    probability = np.where(label == columns.SIGNAL, score, 1 - score)
    return -np.log(np.maximum(probability, LEAST_PROBABILITY))


def passing_sums(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct scores as cuts in falling order, with s and b of the passing events."""
    order, n_passing = ranking(score)
    is_signal, weight = label[order] == columns.SIGNAL, weight[order]
    s = np.cumsum(weight * is_signal, dtype="f8")[n_passing - 1]
    b = np.cumsum(weight * ~is_signal, dtype="f8")[n_passing - 1]
    return score[order[n_passing - 1]], s, b


def ranking(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order of falling score, (n_events,), and events that pass each cut, (n_cuts,)."""
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    ends = np.flatnonzero(falling[1:] != falling[:-1]) + 1
    return order, np.append(ends, len(score))


def class_sums(label: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Sums of the signal weights and of the background weights."""
    is_signal = label == columns.SIGNAL
    return weight[is_signal].sum(dtype="f8"), weight[~is_signal].sum(dtype="f8")
