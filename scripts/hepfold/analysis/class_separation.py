"""Events of the classes of a multi-class model, and the confusion of these classes.

All sums are of signed weights, scaled to the expected events.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.analysis import process_rejection, score_tables
from hepfold.core import columns, tables
from hepfold.data import declared_processes, event_classes

CONFUSION_SCHEMA = {
    "class": pl.String,
    "chosen": pl.String,
    "n_events": pl.Int64,
    "before": pl.Float64,
    "before_unc": pl.Float64,
    "after": pl.Float64,
    "after_unc": pl.Float64,
    "efficiency": pl.Float64,
    "efficiency_unc": pl.Float64,
}


@dataclass(frozen=True)
class ClassifiedEvents:
    """Events of a subset: true class and scaled weight (n_events,), and probabilities.

    Probabilities (n_classes, n_events) are those for equal sums of all classes.
    """

    code: np.ndarray
    weight: np.ndarray
    probability: np.ndarray


def classes_of(
    setting: str | dict, processes: tuple[declared_processes.DeclaredProcess, ...]
) -> event_classes.EventClasses:
    """The classes of a model for the processes of a data set."""
    names = [process.name for process in processes]
    return event_classes.of(setting, names, [process.label for process in processes])


def subsets(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    processes: tuple[declared_processes.DeclaredProcess, ...],
    classes: event_classes.EventClasses,
) -> Iterator[tuple[dict, ClassifiedEvents]]:
    """Names of each evaluated subset (dataset, model, subset), and its events."""
    pairs = zip(processes, classes.of_process, strict=True)
    code_of = {process.name: code for process, code in pairs}
    names = scores.select("dataset", "model").row(0, named=True)
    evaluated = score_tables.evaluated_subsets(scores, expected)
    for subset, events in evaluated.items():
        part = score_tables.in_subset(scores, subset)
        probability = [part[event_classes.PROBABILITY + n] for n in classes.names]
        code = part[columns.PROCESS].replace_strict(code_of, return_dtype=pl.Int64)
        classified = ClassifiedEvents(
            code.to_numpy(), events.weight, np.array(probability, "f8")
        )
        yield {**names, "subset": subset}, classified


def confusion(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    processes: tuple[declared_processes.DeclaredProcess, ...],
    setting: str | dict,
) -> pl.DataFrame:
    """Most probable class of the events of each class: rows by subset and pair.

    `chosen` is the class of the largest probability, for equal sums of all classes.
    `after` are the expected events of `class` with this choice, `before` those with any
    choice, and `efficiency` is their ratio; uncertainties are those of weighted events.
    """
    classes = classes_of(setting, processes)
    parts = []
    for names, events in subsets(scores, expected, processes, classes):
        chosen = events.probability.argmax(axis=0)
        rows = [
            {"class": name, "chosen": other} | row_of(events, chosen, code, place)
            for code, name in enumerate(classes.names)
            for place, other in enumerate(classes.names)
        ]
        table = pl.DataFrame(rows, schema=CONFUSION_SCHEMA)
        parts.append(tables.named_rows(table, names))
    return pl.concat(parts)


def row_of(
    events: ClassifiedEvents, chosen: np.ndarray, code: int, place: int
) -> dict[str, float | None]:
    """Expected events of a class, those for which a class is chosen, and their ratio.

    `chosen` (n_events,) is the choice for each event.
    """
    in_class = events.code == code
    before = events.weight[in_class]
    after = events.weight[in_class & (chosen == place)]
    row = {
        "n_events": len(after),
        "before": before.sum(),
        "before_unc": np.sqrt((before**2).sum()),
        "after": after.sum(),
        "after_unc": np.sqrt((after**2).sum()),
    }
    ratio = process_rejection.efficiency(row)
    return row | {name: ratio[name] for name in ("efficiency", "efficiency_unc")}
