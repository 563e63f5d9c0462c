"""Figures of merit for a classifier.

`s` and `b` are sums of event weights that pass a cut, that is expected counts. AMS
does not normalize itself: on a part of the events, scale the weights first
(`weights.scale_to_full`). All sums are in double precision: in single, the sum of ten
million weights is 0.6 % short.

Events are sorted once, by `ranking`. The sums of what passes each cut follow from it
with any weights, and all else but the log loss follows from these sums.
"""

import numpy as np

from hepfold.core import columns

# The cut at which a score takes signal and background to be equally probable.
EVEN_CUT = 0.5
# Half the distance of the largest float32 below one from one.
LEAST_PROBABILITY = 2.0**-25
# Signal efficiencies at which a smoothed AMS is looked at.
N_SMOOTHED = 1001


def ams(s: np.ndarray, b: np.ndarray, b_reg: float) -> np.ndarray:
    """Approximate median significance, regularized as in the Higgs ML challenge.

    Cowan et al. 2011, arXiv:1007.1727, equation 97, with b + b_reg for b
    (Adam-Bourdarios et al. 2015, PMLR 42:19-55).
    """
    # ASSUME: a sum that negative weights make negative is an expectation of zero.
    s, b = np.maximum(s, 0.0), np.maximum(b, 0.0) + b_reg
    return np.sqrt(2 * ((s + b) * np.log1p(s / b) - s))


def significance(s: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Median significance of the discovery of s over a background b that is known.

    That of the Asimov data of a counting experiment: Cowan et al. 2011,
    arXiv:1007.1727, equation 97. Infinite without background.
    """
    s = np.maximum(s, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(s == 0, 0.0, ams(s, b, 0.0))


def significance_syst(s: np.ndarray, b: np.ndarray, b_unc: np.ndarray) -> np.ndarray:
    """Median significance of the discovery of s over a background b +- b_unc.

    The background is measured beside, as a Poisson count that gives it this standard
    deviation: Cowan 2012, "Discovery sensitivity for a counting experiment with
    background uncertainty", equation 20 (the same likelihood ratio as in Li and Ma
    1983). For large b it tends to s / sqrt(b + b_unc^2).
    """
    s, b = np.maximum(s, 0.0), np.maximum(b, 0.0)
    variance = np.square(b_unc)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = (s + b) * np.log1p(s * b / (b**2 + (s + b) * variance))
        second = b**2 / variance * np.log1p(variance * s / (b * (b + variance)))
        # Rounding can leave less than nothing of a difference that is near zero.
        found = np.sqrt(2 * np.maximum(first - second, 0.0))
    is_known = (variance == 0) | (b == 0)
    return np.where(is_known, significance(s, b), found)


def ams_scan(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray, b_reg: float
) -> tuple[np.ndarray, np.ndarray]:
    """AMS of the selection `score >= cut`, with every distinct score as cut.

    Takes arrays of shape (n_events,); returns cut, falling, and ams, both (n_cuts,).
    """
    cut, s, b = passing_sums(score, label, weight)
    return cut, ams(s, b, b_reg)


def ams_at_cut(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray, cut: float, b_reg: float
) -> float:
    """AMS of the selection `score >= cut`."""
    passes = score >= cut
    return float(ams(*class_sums(label[passes], weight[passes]), b_reg))


def smoothed_best(s: np.ndarray, ams: np.ndarray, width: float) -> int:
    """Position of the cut where the AMS, smoothed, is largest; both arrays (n_cuts,).

    Smoothed is its mean over a window of signal efficiency, of the given width. The
    window lies between none and all of the signal, so that no handful of events
    decides, as it does where the plain maximum is.
    """
    # Without b_reg, it is infinite as long as no background passes.
    ams = np.where(np.isfinite(ams), ams, 0.0)
    efficiency = np.append(0.0, np.maximum.accumulate(s) / s.max())
    integral = np.append(0.0, np.cumsum(ams * np.diff(efficiency)))
    center = np.linspace(width / 2, 1 - width / 2, N_SMOOTHED)
    low, high = (
        np.interp(center + side * width / 2, efficiency, integral) for side in (-1, 1)
    )
    best = center[(high - low).argmax()]
    return min(int(np.searchsorted(efficiency[1:], best)), len(s) - 1)


def smoothing_width(n_signal: int) -> float:
    """Width of the window in signal efficiency that suits a number of signal events.

    It shrinks as is best where a maximum, the zero of a slope, is looked for in points
    that scatter. `benchmarks/cut.py` shows the factor, 1, to be near the best.
    """
    return n_signal ** (-1 / 7)


def roc(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut, signal efficiency and background efficiency of every distinct score.

    Takes arrays of shape (n_events,); returns three of shape (n_cuts,), the cut
    falling, so that both efficiencies rise to one.
    """
    cut, s, b = passing_sums(score, label, weight)
    return cut, s / s[-1], b / b[-1]


def auc(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """Area under the ROC curve.

    The probability that a signal event scores above a background event, each drawn
    in proportion to its weight; a tie counts one half.
    """
    _, s, b = passing_sums(score, label, weight)
    return area(s, b)


def area(s: np.ndarray, b: np.ndarray) -> float:
    """Area under the ROC curve of sums that pass each cut, both (n_cuts,)."""
    under = np.trapezoid(np.append(0.0, s), np.append(0.0, b))
    return float(under / (s[-1] * b[-1]))


def background_rejection(
    s: np.ndarray, b: np.ndarray, signal_efficiency: float
) -> float:
    """One over the background efficiency at a signal efficiency.

    Takes the sums that pass each cut, both (n_cuts,). Between two cuts the ROC curve
    is a straight line; infinite where no background passes.
    """
    first = int(np.argmax(s >= signal_efficiency * s[-1]))
    s0, b0 = (s[first - 1], b[first - 1]) if first else (0.0, 0.0)
    share = (signal_efficiency * s[-1] - s0) / (s[first] - s0)
    passing = b0 + share * (b[first] - b0)
    return float(b[-1] / passing) if passing > 0 else np.inf


def rejection_name(signal_efficiency: float) -> str:
    """How the background rejection at a signal efficiency is called: in per cent."""
    return f"rejection_{100 * signal_efficiency:g}"


def log_loss(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """Mean cross entropy, in nats."""
    return float(np.average(loss_of_events(score, label), weights=weight))


def accuracy(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """Part of the weight that is on its side of a score of one half."""
    is_right = (score >= EVEN_CUT) == (label == columns.SIGNAL)
    return float(np.average(is_right, weights=weight))


def loss_of_events(score: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Minus the logarithm of the probability that the score gives the true class.

    A score that single precision has rounded to zero or one would be infinitely
    wrong: no probability is below half of what is left to one.
    """
    given = np.where(label == columns.SIGNAL, score, 1 - score)
    return -np.log(np.maximum(given, LEAST_PROBABILITY))


def passing_sums(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every distinct score as cut, falling, with s and b of the events that pass it."""
    order, n_passing = ranking(score)
    s, b = ranked_sums(order, n_passing, label, weight)
    return score[order[n_passing - 1]], s, b


def ranking(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order of falling score, (n_events,), and how many pass each cut, (n_cuts,)."""
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    ends = np.flatnonzero(falling[1:] != falling[:-1]) + 1
    return order, np.append(ends, len(score))


def ranked_sums(
    order: np.ndarray, n_passing: np.ndarray, label: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of signal and of background that pass each cut of a ranking, (n_cuts,)."""
    is_signal, weight = label[order] == columns.SIGNAL, weight[order]
    s = np.cumsum(weight * is_signal, dtype="f8")[n_passing - 1]
    return s, np.cumsum(weight * ~is_signal, dtype="f8")[n_passing - 1]


def ranked_counts(
    order: np.ndarray, n_passing: np.ndarray, label: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of signal and background events that pass each cut of a ranking."""
    n_s = np.cumsum(label[order] == columns.SIGNAL)[n_passing - 1]
    return n_s.astype("f8"), (n_passing - n_s).astype("f8")


def class_sums(label: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Sums of the weights of signal and of background."""
    is_signal = label == columns.SIGNAL
    return weight[is_signal].sum(dtype="f8"), weight[~is_signal].sum(dtype="f8")
