"""Tests of data.subset_counts: too few events of a class in a subset are reported."""

import numpy as np
import pytest

from hepfold.core import columns, logs
from hepfold.data import event_arrays, subset_counts


def counts_of(**n_events: tuple[int, int]) -> subset_counts.SubsetCounts:
    """Counts of (background, signal) events by subset, added in two parts."""
    label = np.concatenate([np.repeat([0, 1], n) for n in n_events.values()])
    codes = [columns.SUBSETS.index(name) for name in n_events]
    subset = np.repeat(codes, [sum(n) for n in n_events.values()])
    n = len(label)
    events = event_arrays.Events(
        np.zeros((n, 1), "f4"),
        label.astype("i1"),
        np.ones(n),
        np.arange(n),
        subset.astype("u1"),
    )
    counts = subset_counts.SubsetCounts()
    for rows in (slice(0, 7), slice(7, n)):
        counts.add(events.take(np.arange(n)[rows]))
    return counts


def test_enough_events_pass():
    counts_of(train=(20, 20)).check("here")
    counts_of(train=(20, 20), test=(20, 20), unused=(1, 0)).check("here")


@pytest.mark.parametrize(
    ("n_events", "message"),
    [
        ({"train": (20, 19)}, "here: 19 signal events in the subset train, but"),
        ({"train": (9, 20)}, "here: 9 background events in the subset train, but"),
        ({"test": (30, 30)}, "here: 0 signal events in the subset train, but"),
        (
            {"train": (20, 20), "public": (20, 0)},
            "here: 0 signal events in the subset p",
        ),
    ],
)
def test_too_few_events_are_reported_by_subset_and_class(n_events, message):
    with pytest.raises(logs.InputError) as error:
        counts_of(**n_events).check("here")
    assert str(error.value).startswith(message)
    assert "evaluation needs 20 of each class; " in str(error.value)
