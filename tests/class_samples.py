"""Events of four processes with known densities, and a model of their classes."""

import dataclasses

import numpy as np
import samples

from hepfold.core import columns
from hepfold.data import event_arrays, event_classes, event_streams, fold_file
from hepfold.models import feature_schema

NAMES = ("ttH", "ttbar", "ttW", "ttZ")
LABELS = (columns.SIGNAL, *[columns.BACKGROUND] * 3)
CLASSES = event_classes.of(event_classes.PROCESSES, NAMES, LABELS)
# Mean of the first two of four features, and expected events per generated event.
MEANS = np.array([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5], [-1.5, -0.5]])
EXPECTED = np.array([1.0, 20.0, 4.0, 2.0])
MODEL = {"classes": event_classes.PROCESSES}


def events(n: int, seed: int = 0) -> event_arrays.Events:
    """Equally many events of each process, with weights of their expected events."""
    rng = np.random.default_rng(seed)
    code = np.arange(n) % len(NAMES)
    inputs = rng.normal(size=(n, 4))
    inputs[:, :2] += MEANS[code]
    weight = EXPECTED[code] * rng.uniform(0.5, 1.5, n)
    plain = samples.events_of(inputs, np.array(LABELS)[code], weight)
    with_process = dataclasses.replace(plain, extra={columns.PROCESS: code})
    return event_classes.with_class(with_process, CLASSES)


def source(path: str, of_events: event_arrays.Events) -> event_streams.Source:
    """A source of events, from a fold file of one fold."""
    features = tuple(f"x{i}" for i in range(of_events.inputs.shape[1]))
    layout = fold_file.Layout(features, {}, processes=NAMES, extra=(columns.PROCESS,))
    with fold_file.writing(path, 1, layout, {}) as writer:
        writer.append(of_events, np.zeros(len(of_events), int))
    return event_streams.Source(
        path=path,
        folds=(0,),
        n_rows=len(of_events),
        selected=with_classes,
        extra=(columns.PROCESS,),
        negative_weights="absolute",
        classes=NAMES,
        n_buffer=1000,
    )


def with_classes(of_events: event_arrays.Events) -> event_arrays.Events:
    """Events with their classes."""
    return event_classes.with_class(of_events, CLASSES)


def schema(shares: tuple[float, ...] = ()) -> feature_schema.Schema:
    """Four features and the classes."""
    return dataclasses.replace(
        samples.schema(4), class_names=NAMES, class_labels=LABELS, class_shares=shares
    )


def likelihood_ratio(inputs: np.ndarray, expected: np.ndarray = EXPECTED) -> np.ndarray:
    """Density of the signal over that of the mixture of all backgrounds (n_events,)."""
    distance = ((inputs[:, None, :2] - MEANS) ** 2).sum(axis=2)
    density = np.exp(-distance / 2)
    return density[:, 0] / (density[:, 1:] @ (expected[1:] / expected[1:].sum()))


def train(events, seed=1, base=samples.MODEL, **changes):
    """A short training of all classes: the model and its history."""
    return samples.train(events, seed, schema(), base=base, **MODEL | changes)
