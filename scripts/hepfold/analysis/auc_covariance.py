"""Covariance of the AUCs of several models on the same events, in closed form.

An AUC is a sum over pairs of events; to first order, it is a sum over events. The
covariance due to the finite number of events follows from the terms of this sum
(infinitesimal jackknife). With equal weights it is the one of DeLong, DeLong and
Clarke-Pearson (`delong`), except for factors n / (n - 1).
"""

import numpy as np

from hepfold.core import columns, metrics


def influences(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """First-order change (n_events,) of the weighted AUC if an event counted twice."""
    area, result = metrics.auc(score, label, weight), np.empty(len(score))
    is_signal = label == columns.SIGNAL
    for chosen in (is_signal, ~is_signal):
        below = fraction_below(score[chosen], score[~chosen], weight[~chosen])
        right = below if chosen is is_signal else 1 - below
        total = weight[chosen].sum(dtype="f8")
        result[chosen] = weight[chosen] * (right - area) / total
    return result


def fraction_below(
    score: np.ndarray, others: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Weighted fraction of the others with a smaller score; ties count one half."""
    order = np.argsort(others)
    sums = np.append(0.0, np.cumsum(weight[order], dtype="f8"))
    low, high = (
        np.searchsorted(others, score, side, sorter=order) for side in ("left", "right")
    )
    return (sums[low] + sums[high]) / (2 * sums[-1])


def aucs(
    scores: np.ndarray, label: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted AUCs (n_models,), and their covariance matrix from the events.

    Takes scores (n_models, n_events).
    """
    areas = np.array([metrics.auc(score, label, weight) for score in scores])
    parts = np.stack([influences(score, label, weight) for score in scores])
    return areas, parts @ parts.T
