"""Uncertainty of the difference of two AUCs on the same events, in closed form.

E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson 1988, Biometrics 44:837 (from
memory). It is valid for events of equal weight only, and serves as a check of the
bootstrap.
"""

import numpy as np

from hepfold.core import columns


def placements(score: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Fraction (n_events,) of the other class ranked on the right side of each event.

    For a signal event, the background with a smaller score; for a background event, the
    signal with a larger one. Ties count one half.
    """
    is_signal = label == columns.SIGNAL
    result = np.empty(len(score))
    for chosen in (is_signal, ~is_signal):
        others = np.sort(score[~chosen])
        below, up_to = (
            np.searchsorted(others, score[chosen], side) for side in ("left", "right")
        )
        fraction = (below + up_to) / (2 * len(others))
        result[chosen] = fraction if chosen is is_signal else 1 - fraction
    return result


def difference(
    first: np.ndarray, second: np.ndarray, label: np.ndarray
) -> tuple[float, float]:
    """AUC of the first model less that of the second, and its standard deviation.

    Takes the placements of each model.
    """
    away, is_signal = first - second, label == columns.SIGNAL
    variance = sum(np.var(away[c], ddof=1) / c.sum() for c in (is_signal, ~is_signal))
    return float(away[is_signal].mean()), float(np.sqrt(variance))
