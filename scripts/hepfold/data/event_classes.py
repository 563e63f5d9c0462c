"""Classes of events that a multi-class model distinguishes: processes or groups.

Each class is part of the signal or of the background. In training, all classes have the
same sum of weights; their shares of the expected events only enter the score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hepfold.core import columns, logs
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


def with_class(
    events: event_arrays.Events, classes: EventClasses
) -> event_arrays.Events:
    """Events with extra columns: the class, and the weight before training changes it.

    The class (n_events,) is a position in `classes.names`.
    """
    code = np.array(classes.of_process, "i8")[events.extra[columns.PROCESS]]
    added = {columns.CLASS: code, columns.EXPECTED: events.weight}
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
                "validation: give more events or join classes"
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


def check_fractions(fractions: Mapping[str, float], classes: EventClasses) -> None:
    """Check that fractions name all classes, and are positive in both labels."""
    if set(fractions) != set(classes.names):
        raise logs.InputError(f"give a number for each of {', '.join(classes.names)}")
    for label, name in columns.CLASS_NAMES.items():
        pairs = zip(classes.names, classes.labels, strict=True)
        if not sum(fractions[key] for key, of_class in pairs if of_class == label) > 0:
            raise logs.InputError(f"all {name} classes have zero; give one a fraction")
