"""A fold file in the order of its classes, and streams of its events."""

import dataclasses

import declarations
import numpy as np
import public_sets
import samples

from hepfold.core import columns, settings_models
from hepfold.data import event_arrays, event_streams, fold_file

N_FOLDS = 5
HIGGSML = declarations.parse(public_sets.VALUES["higgsml"])


def weight(n_events: int) -> np.ndarray:
    """Signed weights; a tenth is negative."""
    rng = np.random.default_rng(1)
    return rng.uniform(0.5, 1.5, n_events) * np.where(rng.random(n_events) < 0.1, -1, 1)


def source(
    path: str, n_events: int, n_buffer: int, first_value: float = 0.0
) -> event_streams.Source:
    """A source of the first two features of numbered events, written to a file.

    The first feature is the number, the second the negative number. Signal is last.
    """
    blank = declarations.blank_events(HIGGSML, n_events)
    inputs, number = blank.inputs.copy(), np.arange(n_events)
    inputs[:, 0], inputs[:, 1] = number, -number
    inputs[0, 0] = first_value
    label = (number >= n_events // 2).astype("i1")
    events = dataclasses.replace(
        blank, inputs=inputs, label=label, weight=weight(n_events), event_id=number
    )
    return written(path, events, n_buffer)


def written(
    path: str, events: event_arrays.Events, n_buffer: int
) -> event_streams.Source:
    """A source of events that are written to a file."""
    with fold_file.writing(path, N_FOLDS, declarations.layout(HIGGSML), {}) as writer:
        writer.append(events, np.arange(len(events)) % N_FOLDS)
    return event_streams.Source(
        path=path,
        folds=tuple(range(N_FOLDS)),
        n_rows=len(events),
        selected=first_two,
        extra=(),
        negative_weights="absolute",
        classes=(),
        n_buffer=n_buffer,
    )


def gaussians(
    path: str, n_events: int, n_buffer: int, seed: int = 0
) -> event_streams.Source:
    """A source of `samples.two_gaussians`, in the order of their labels."""
    events = samples.two_gaussians(n_events, seed)
    events = events.take(np.argsort(events.label, kind="stable"))
    blank = declarations.blank_events(HIGGSML, n_events)
    inputs = blank.inputs.copy()
    inputs[:, :4] = events.inputs
    filled = dataclasses.replace(
        blank, inputs=inputs, label=events.label, weight=events.weight
    )
    return dataclasses.replace(written(path, filled, n_buffer), selected=first_four)


def with_spectrum(source: event_streams.Source) -> event_streams.Source:
    """The source with its second feature as spectrum."""
    return dataclasses.replace(source, selected=first_four_and_spectrum)


def first_four(events: event_arrays.Events) -> event_arrays.Events:
    """Events with the first four features."""
    return events.with_features([0, 1, 2, 3])


def first_four_and_spectrum(events: event_arrays.Events) -> event_arrays.Events:
    """The same with the second feature as spectrum."""
    extra = {columns.SPECTRUM: 100 + 9 * events.inputs[:, 1]}
    return dataclasses.replace(first_four(events), extra=extra)


def first_two(events: event_arrays.Events) -> event_arrays.Events:
    """Events with the first two features."""
    return events.with_features([0, 1])


def background_only(events: event_arrays.Events) -> event_arrays.Events:
    """Background events with the first two features."""
    return first_two(events.take(events.label == 0))


def model(**changes) -> settings_models.Model:
    """Settings of small perceptrons."""
    return samples.model(**changes)
