"""Event weights: scaled to full sums for figures of merit, balanced for the loss."""

import numpy as np

from hepfold.core import columns, logs
from hepfold.data import event_arrays


def scale_to_full(
    weight: np.ndarray, label: np.ndarray, signal_sum: float, background_sum: float
) -> np.ndarray:
    """Weights, shape (n_events,), that sum per class to the full data set's sums.

    The AMS does not normalize itself, so that every subset needs this first
    (Adam-Bourdarios et al. 2015, PMLR 42:19-55).
    """
    full = {columns.SIGNAL: signal_sum, columns.BACKGROUND: background_sum}
    return per_class(weight, label, full)


def balance(weight: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Training weights, shape (n_events,): both classes sum to the same, mean one."""
    half = len(weight) / 2
    return per_class(weight, label, {columns.SIGNAL: half, columns.BACKGROUND: half})


def per_class(
    weight: np.ndarray, label: np.ndarray, sums: dict[int, float]
) -> np.ndarray:
    """Weights in double precision, scaled so that each class has the given sum."""
    factor = np.empty(len(weight))
    for value, wanted in sums.items():
        of_class = label == value
        found = weight[of_class].sum(dtype="f8")
        if found <= 0:
            name = "signal" if value == columns.SIGNAL else "background"
            raise logs.InputError(
                f"the {name} weights of {len(weight)} events sum to {found:g}, "
                "which cannot be scaled"
            )
        factor[of_class] = wanted / found
    return weight * factor


def balanced(events: event_arrays.Events) -> event_arrays.Events:
    """Events with training weights: both classes sum to the same, mean one."""
    if len(events) == 0:
        return events
    return events.with_weight(balance(events.weight, events.label))
