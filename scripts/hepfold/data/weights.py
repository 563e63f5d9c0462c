"""Event weights: scaled to expected events, or balanced between classes for training.

Generators at next-to-leading order give some events a negative weight. Sums, histograms
and figures of merit always use the signed weights; only training may change them, by a
rule that the settings name.
"""

import logging

import numpy as np

from hepfold.core import columns, logs
from hepfold.data import event_arrays

ABSOLUTE, ZERO, KEEP = "absolute", "zero", "keep"


def for_training(weight: np.ndarray, rule: str) -> np.ndarray:
    """Weights (n_events,) that a training uses instead of the signed ones.

    `absolute` takes absolute values, `zero` sets negative weights to zero, and `keep`
    changes nothing.
    """
    if rule == ABSOLUTE:
        return np.abs(weight)
    if rule == ZERO:
        return np.maximum(weight, np.zeros(1, weight.dtype))
    if rule == KEEP:
        return weight
    raise logs.InputError(
        f"negative_weights is {rule!r}; choose {ABSOLUTE}, {ZERO} or {KEEP}"
    )


def with_training_weights(
    events: event_arrays.Events, rule: str
) -> event_arrays.Events:
    """Events with the weights that `for_training` gives; logs how many change."""
    log_negative(events.weight, rule)
    return events.with_weight(for_training(events.weight, rule))


def log_negative(weight: np.ndarray, rule: str) -> None:
    """Log how many weights (n_events,) are negative, if any, and the rule for them."""
    log_negative_sums(negative_sums(weight), rule)


def negative_sums(weight: np.ndarray) -> np.ndarray:
    """Numbers of negative and of all weights, and the sums of their absolute values."""
    is_negative = weight < 0
    counts = np.count_nonzero(is_negative), len(weight)
    sums = -weight[is_negative].sum(dtype="f8"), np.abs(weight).sum(dtype="f8")
    return np.array([*counts, *sums])


def log_negative_sums(sums: np.ndarray, rule: str) -> None:
    """Log the result of `negative_sums`, which may be added up over parts of events."""
    n_negative, n_events, negative_sum, absolute_sum = sums.tolist()
    if not n_negative:
        return
    logging.info(
        "%d of %d training events (%.2f %%) have negative weights, with %.2f %% of the "
        "sum of absolute weights. Rule in training: negative_weights: %s.",
        n_negative,
        n_events,
        100 * n_negative / n_events,
        100 * negative_sum / absolute_sum,
        rule,
    )


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
        check_sum(code, class_sum, len(weight))
        factor[in_class] = full_sum / class_sum
    return weight * factor


def check_sum(code: int, class_sum: float, n_events: int) -> None:
    """Raise an error unless the weights of a class have a positive sum."""
    if class_sum <= 0:
        raise logs.InputError(
            f"the {columns.CLASS_NAMES[code]} weights of {n_events} events sum "
            f"to {class_sum:g}; scaling needs a positive sum"
        )


def balanced(events: event_arrays.Events) -> event_arrays.Events:
    """Events with the training weights of `balance`."""
    if len(events) == 0:
        return events
    return events.with_weight(balance(events.weight, events.label))
