"""Figures of merit for a classifier.

`s` and `b` are sums of event weights that pass a cut, that is expected counts. AMS
does not normalize itself: on a part of the events, scale the weights first
(`weights.scale_to_full`). All sums are in double precision: in single, the sum of ten
million weights is 0.6 % short.
"""

import numpy as np

from hepfold import columns

# The cut at which signal and background are taken to be equally probable.
EVEN_CUT = 0.5
LEAST_PROBABILITY = 2.0**-24


def ams(s: np.ndarray, b: np.ndarray, b_reg: float) -> np.ndarray:
    """Approximate median significance, regularized as in the Higgs ML challenge.

    Cowan et al. 2011, arXiv:1007.1727, equation 97, with b + b_reg for b
    (Adam-Bourdarios et al. 2015, PMLR 42:19-55).
    """
    # ASSUME: a sum that negative weights make negative is an expectation of zero.
    s, b = np.maximum(s, 0.0), np.maximum(b, 0.0) + b_reg
    return np.sqrt(2 * ((s + b) * np.log1p(s / b) - s))


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
    s = weight[passes & (label == columns.SIGNAL)].sum(dtype="f8")
    b = weight[passes & (label == columns.BACKGROUND)].sum(dtype="f8")
    return float(ams(s, b, b_reg))


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
    _, signal_efficiency, background_efficiency = roc(score, label, weight)
    return float(
        np.trapezoid(
            np.append(0.0, signal_efficiency), np.append(0.0, background_efficiency)
        )
    )


def passing_sums(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every distinct score as cut, falling, with s and b of the events that pass it."""
    order, n_passing = ranking(score)
    last = n_passing - 1
    is_signal, weight = label[order] == columns.SIGNAL, weight[order]
    s = np.cumsum(weight * is_signal, dtype="f8")[last]
    b = np.cumsum(weight * ~is_signal, dtype="f8")[last]
    return score[order][last], s, b


def ranking(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order of falling score, (n_events,), and number that pass each distinct cut."""
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    ends = np.flatnonzero(falling[1:] != falling[:-1]) + 1
    return order, np.append(ends, len(score))


def class_sums(label: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Sums of the weights of signal and of background."""
    is_signal = label == columns.SIGNAL
    return weight[is_signal].sum(dtype="f8"), weight[~is_signal].sum(dtype="f8")


def loss_of_events(score: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Minus the logarithm of the probability that the score gives the true class.

    No probability is below that which float32 tells from zero on the side of one.
    """
    true = np.where(label == columns.SIGNAL, score, 1 - score)
    return -np.log(np.maximum(true, LEAST_PROBABILITY, dtype="f8"))


def significance(s: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Median discovery significance of a counting experiment with known background.

    Cowan et al. 2011, arXiv:1007.1727, equation 97.
    """
    return ams(s, b, 0.0)


def significance_syst(s, b, b_unc):
    """."""
    s, b = np.maximum(s, 0.0), np.maximum(b, 0.0)
    v = np.square(b_unc)
    first = (s + b) * np.log((s + b) * (b + v) / (b**2 + (s + b) * v))
    second = b**2 / v * np.log1p(v * s / (b * (b + v)))
    return np.sqrt(2 * (first - second))


def rejection_name(signal_efficiency: float) -> str:
    """How the background rejection at a signal efficiency is called: in per cent."""
    return f"rejection_{100 * signal_efficiency:g}"
