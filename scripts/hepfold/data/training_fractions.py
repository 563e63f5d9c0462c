"""Fractions of the training events, for learning curves."""

import numpy as np

from hepfold.core import columns, settings_models
from hepfold.data import event_arrays, event_streams, folds

# A model is not trained on fewer events, or fewer events of a class.
MIN_EVENTS, MIN_OF_CLASS = 100, columns.N_LEAST


def n_available(
    events: event_arrays.Events | event_streams.Source, model: settings_models.BaseModel
) -> int:
    """Number of events that a full training of the model uses."""
    return min(len(events), model.n_events or len(events))


def drawn(
    events: event_arrays.Events | event_streams.Source, fraction: float, seed: int
) -> event_arrays.Events | event_streams.Source:
    """A fraction of the events of each class and process, chosen by event id.

    With the same seed, a smaller fraction is a subset of a larger one. Streamed events
    are drawn with equal probability, by their row in the file.
    """
    if isinstance(events, event_streams.Source):
        return events.drawn(fraction)
    stratum = events.label.astype("i8")
    if columns.PROCESS in events.extra:
        stratum = stratum + 2 * events.extra[columns.PROCESS].astype("i8")
    shift = folds.hashed(np.array([seed], "u8"))
    key = folds.hashed(events.event_id.astype("u8") + shift)
    _, index, counts = np.unique(stratum, return_inverse=True, return_counts=True)
    order = np.lexsort((key, index))
    rank = np.empty(len(events), int)
    rank[order] = np.arange(len(events))
    rank -= (np.cumsum(counts) - counts)[index]
    return events.take((rank + 0.5) / counts[index] < fraction)


def is_trainable(parts: event_streams.Parts, n_classes: int) -> bool:
    """Whether training and validation events suffice, with weights in every class.

    The classes of a binary model are signal and background.
    """
    used = [of_classes(part, n_classes) for part in parts if len(part)]
    n_of_class = np.sum([count for _, count in used], axis=0)
    is_enough = n_of_class.sum() >= MIN_EVENTS and n_of_class.min() >= MIN_OF_CLASS
    return bool(is_enough and np.min([total for total, _ in used]) > 0)


def of_classes(
    events: event_arrays.Events | event_streams.EventStream, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of training weights, and number of events, of each class (n_classes,)."""
    if isinstance(events, event_streams.EventStream):
        return events.sums.weight, events.sums.counts
    code = events.extra.get(columns.CLASS, events.label)
    sums = np.bincount(code, events.weight, n_classes)
    return sums, np.bincount(code, minlength=n_classes)
