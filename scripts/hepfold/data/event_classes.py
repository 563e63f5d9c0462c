"""Classes of events that a multi-class model distinguishes.

They are processes, groups of them or, where a file names no process, ranges of the
event weight. Each class is a part of the signal or of the background. All classes have
the same sum of weights in training; their shares of the expected events enter the score
alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hepfold.core import columns, logs, settings_layers
from hepfold.data import event_arrays, weights

# Value of the setting `classes` that makes every process a class.
PROCESSES = "processes"
# A column of the table of scores has this prefix and the name of a class.
PROBABILITY = "probability_"


@dataclass(frozen=True)
class EventClasses:
    """Names and labels of the classes, and the class of each process, as positions."""

    names: tuple[str, ...]
    labels: tuple[int, ...]
    of_process: tuple[int, ...]

    # The extra column that tells the classes apart.
    column = columns.PROCESS

    def codes(self, events: event_arrays.Events) -> np.ndarray:
        """Class of each event (n_events,), as a position in `names`."""
        return np.array(self.of_process, "i8")[events.extra[self.column]]


@dataclass(frozen=True)
class WeightClasses:
    """Classes by ranges of the absolute event weight, first those of the background.

    The ranges of a label lie between its edges; an edge belongs to the range above it.
    """

    background: tuple[float, ...]
    signal: tuple[float, ...]

    # No extra column is needed.
    column = None

    @classmethod
    def of(cls, setting: settings_layers.WeightClasses) -> "WeightClasses":
        """The classes of the setting `weight_classes`."""
        return cls(setting.background, setting.signal)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes: those of the labels, numbered by rising weight."""
        counts = len(self.background) + 1, len(self.signal) + 1
        return tuple(
            f"{columns.CLASS_NAMES[label]}_{i}"
            for label, n in enumerate(counts)
            for i in range(1, n + 1)
        )

    @property
    def labels(self) -> tuple[int, ...]:
        """Label of each class."""
        n_background, n_signal = len(self.background) + 1, len(self.signal) + 1
        return (columns.BACKGROUND,) * n_background + (columns.SIGNAL,) * n_signal

    def codes(self, events: event_arrays.Events) -> np.ndarray:
        """Class of each event (n_events,), as a position in `names`."""
        weight = np.abs(events.weight)
        of_background = np.searchsorted(self.background, weight, side="right")
        of_signal = np.searchsorted(self.signal, weight, side="right")
        first_signal = len(self.background) + 1
        is_signal = events.label == columns.SIGNAL
        return np.where(is_signal, first_signal + of_signal, of_background)


# What tells the class of an event.
Classes = EventClasses | WeightClasses


def of(
    setting: str | Mapping[str, Sequence[str]],
    processes: Sequence[str],
    labels: Sequence[int],
) -> EventClasses:
    """The classes of the setting `classes` for processes and their labels.

    Raises InputError if not every process is in one class, or if a class has both
    signal and background.
    """
    if setting == PROCESSES:
        names, codes = tuple(processes), range(len(processes))
        return EventClasses(names, tuple(labels), tuple(codes))
    names = tuple(setting)
    of_process = tuple(class_of(process, setting) for process in processes)
    unknown = [p for group in setting.values() for p in group if p not in processes]
    if unknown:
        known = ", ".join(processes)
        raise logs.InputError(f"no process {unknown[0]!r}; the processes are {known}")
    return EventClasses(names, common_labels(names, of_process, labels), of_process)


def class_of(process: str, groups: Mapping[str, Sequence[str]]) -> int:
    """Position of the only group that has a process."""
    codes = [i for i, group in enumerate(groups.values()) if process in group]
    if len(codes) != 1:
        raise logs.InputError(
            f"process {process!r} is in {len(codes)} classes; put it into one"
        )
    return codes[0]


def common_labels(
    names: Sequence[str], of_process: Sequence[int], labels: Sequence[int]
) -> tuple[int, ...]:
    """The label that all processes of a class share, for each class."""
    common = []
    for code, name in enumerate(names):
        pairs = zip(of_process, labels, strict=True)
        of_class = {label for place, label in pairs if place == code}
        if len(of_class) != 1:
            fault = "signal and background" if of_class else "no process"
            raise logs.InputError(
                f"class {name!r} has {fault}; give each class processes of one kind"
            )
        common += of_class
    return tuple(common)


def with_class(events: event_arrays.Events, classes: Classes) -> event_arrays.Events:
    """Events with extra columns: the class, and the weight before training changes it.

    The class (n_events,) is a position in `classes.names`.
    """
    added = {columns.CLASS: classes.codes(events), columns.EXPECTED: events.weight}
    return replace(events, extra={**events.extra, **added})


def balanced(events: event_arrays.Events, names: Sequence[str]) -> event_arrays.Events:
    """Events with training weights of mean one, and equal sums of all classes.

    Without names of classes, the two classes are signal and background.
    """
    if len(events) == 0 or not names:
        return weights.balanced(events)
    code, n = events.extra[columns.CLASS], len(names)
    sums = np.bincount(code, events.weight, n)
    factor = factors(sums, np.bincount(code, minlength=n), names)
    return events.with_weight(events.weight * factor[code])


def factors(sums: np.ndarray, counts: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Factors (n_classes,) that balance weights, from sums and counts of each class."""
    if names:
        check_sums(sums, counts, names)
    else:
        for code, total in enumerate(sums):
            weights.check_sum(code, total, counts.sum())
    return counts.sum() / len(sums) / sums


def check_sums(sums: np.ndarray, counts: np.ndarray, names: Sequence[str]) -> None:
    """Raise an error for a class whose weights have no positive sum."""
    for name, total, count in zip(names, sums, counts, strict=True):
        if not total > 0:
            raise logs.InputError(
                f"classes: the weights of {count} events of class {name} sum to "
                f"{total:g}; each class needs a positive sum in training and "
                "validation: give more events, join classes or change weight_classes"
            )


def shares(
    events: event_arrays.Events,
    names: Sequence[str],
    labels: Sequence[int],
    fractions: Mapping[str, float] | None,
) -> tuple[float, ...]:
    """Share of each class in the expected events of its label, in the order of names.

    Expected events are the given fractions or, without them, sums of signed weights.
    """
    code, n = events.extra[columns.CLASS], len(names)
    expected = np.bincount(code, events.extra[columns.EXPECTED], n)
    counts = np.bincount(code, minlength=n)
    return shares_of_sums(expected, counts, names, labels, fractions)


def shares_of_sums(
    expected: np.ndarray,
    counts: np.ndarray,
    names: Sequence[str],
    labels: Sequence[int],
    fractions: Mapping[str, float] | None,
) -> tuple[float, ...]:
    """The same from sums of signed weights, and counts, of each class (n_classes,)."""
    if fractions is None:
        check_sums(expected, counts, names)
    else:
        expected = np.array([fractions[name] for name in names])
    total = np.bincount(labels, expected)[list(labels)]
    return tuple((expected / total).tolist())


def check_fractions(fractions: Mapping[str, float], classes: Classes) -> None:
    """Check that fractions name all classes, and are positive in both labels."""
    if set(fractions) != set(classes.names):
        raise logs.InputError(f"give a number for each of {', '.join(classes.names)}")
    for label, name in columns.CLASS_NAMES.items():
        pairs = zip(classes.names, classes.labels, strict=True)
        if not sum(fractions[key] for key, of_class in pairs if of_class == label) > 0:
            raise logs.InputError(f"all {name} classes have zero; give one a fraction")
