"""Figures of merit for a classifier.

`s` and `b` are sums of event weights that pass a cut, that is expected counts. AMS
does not normalize itself: on a part of the events, scale the weights first
(`weights.scale_to_full`). All sums are in double precision: in single, the sum of ten
million weights is 0.6 % short.
"""

import numpy as np

from hepfold import columns


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
    order = np.argsort(-score, kind="stable")
    score, label, weight = score[order], label[order], weight[order]
    last_of_tie = np.append(score[1:] != score[:-1], True)
    s = np.cumsum(weight * (label == columns.SIGNAL), dtype="f8")[last_of_tie]
    b = np.cumsum(weight * (label == columns.BACKGROUND), dtype="f8")[last_of_tie]
    return score[last_of_tie], s, b
