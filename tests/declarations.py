"""Data sets that tests declare: their events, as `ingest` reads them."""

from collections.abc import Iterator

import numpy as np

from hepfold.core import parsing, settings_datasets
from hepfold.data import (
    event_arrays,
    event_reader,
    event_samples,
    fold_file,
    folds,
    ingestion,
    reading_plan,
)

NAME = "own"
Declared = settings_datasets.Dataset


def parse(declared: dict | Declared, **changes) -> Declared:
    """A declaration with changes, checked."""
    if not isinstance(declared, dict):
        declared = parsing.as_dict(declared)
    return parsing.parse(declared | changes, Declared, f"datasets.{NAME}")


def plan(declared: Declared) -> reading_plan.ReadingPlan:
    """What is read of the files of a declaration."""
    return reading_plan.ReadingPlan(NAME, declared)


def samples(declared: Declared) -> list[event_samples.EventSample]:
    """The samples with truth of a declaration, all of local files."""
    return event_samples.of(NAME, declared, "toys.csv.gz", "downloads")


def parts(
    declared: Declared, reader: event_reader.EventReader
) -> Iterator[event_arrays.Events]:
    """Selected events in the order of the files, counted; ids are checked at the end.

    There may be too few for a training.
    """
    n_last = event_samples.n_last(declared)
    for part in folds.last_as_test(reader.read(samples(declared)), n_last):
        reader.count_subsets(part, folds.is_train(part))
        yield part
    reader.check_keys()


def read(
    declared: Declared,
) -> tuple[event_arrays.Events, event_reader.EventReader]:
    """All selected events of a declaration, and their reader."""
    reader = event_reader.EventReader(NAME, declared)
    return event_arrays.concatenated(list(parts(declared, reader))), reader


def events(declared: Declared) -> event_arrays.Events:
    """All selected events of a declaration."""
    return read(declared)[0]


def layout(declared: Declared) -> fold_file.Layout:
    """Layout of the fold files of a declaration."""
    processes = event_samples.process_names(declared)
    return ingestion.layout_of(plan(declared), processes)


def made_by(declared: Declared, **further) -> dict:
    """What a fold file says of its origin, as far as readers of it need it."""
    return {"settings": {"dataset": parsing.as_dict(declared)}, "toy": True, **further}


def blank_events(declared: Declared, n_events: int) -> event_arrays.Events:
    """Training events of zeros, labels and processes alternating from background."""
    names = layout(declared).extra
    n = np.arange(n_events)
    return event_arrays.Events(
        inputs=np.zeros((n_events, len(layout(declared).features)), "f4"),
        label=(n % 2).astype("i1"),
        weight=np.ones(n_events),
        event_id=n,
        subset=np.zeros(n_events, "u1"),
        extra={
            name: (n % 2).astype(fold_file.EXTRA_TYPES.get(name, "f8"))
            for name in names
        },
    )
