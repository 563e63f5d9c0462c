"""Event weights: scaled to expected events, or balanced between classes to train."""

import numpy as np

from hepfold.core import columns, logs
from hepfold.data import event_arrays


def scale_to_full(
    weight: np.ndarray, label: np.ndarray, signal_sum: float, background_sum: float
) -> np.ndarray:
    """Weights (n_events,) whose sum per class is that of the full data set.

    The AMS depends on the number of expected events, so that the weights of any subset
    have to be scaled first (Adam-Bourdarios et al. 2015, PMLR 42:19-55).
    """
    full = {columns.SIGNAL: signal_sum, columns.BACKGROUND: background_sum}
    return per_class(weight, label, full)


def balance(weight: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Training weights (n_events,) with mean one and equal sums of both classes."""
    half = len(weight) / 2
    return per_class(weight, label, {columns.SIGNAL: half, columns.BACKGROUND: half})


def per_class(
    weight: np.ndarray, label: np.ndarray, sums: dict[int, float]
) -> np.ndarray:
    """Weights (n_events,) in double precision, scaled to the given sum per class."""
    factor = np.empty(len(weight))
    for code, full_sum in sums.items():
        in_class = label == code
        class_sum = weight[in_class].sum(dtype="f8")
        if class_sum <= 0:
            raise logs.InputError(
                f"the {columns.CLASS_NAMES[code]} weights of {len(weight)} events sum "
                f"to {class_sum:g}; scaling needs a positive sum"
            )
        factor[in_class] = full_sum / class_sum
    return weight * factor


def balanced(events: event_arrays.Events) -> event_arrays.Events:
    """Events with training weights, as `balance` gives them."""
    if len(events) == 0:
        return events
    return events.with_weight(balance(events.weight, events.label))
