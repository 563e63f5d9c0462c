"""Tests of data.subset_counts: too few events of a class in a subset are reported."""

import numpy as np
import pytest

from hepfold.core import columns, logs
from hepfold.data import subset_counts


def check(**n_events: tuple[int, int]) -> None:
    """Check counts of (background, signal) events by subset."""
    none = (0, 0)
    counts = np.array([n_events.get(name, none) for name in columns.SUBSETS])
    subset_counts.check(counts, "here")


def test_enough_events_pass():
    check(train=(20, 20))
    check(train=(20, 20), test=(20, 20), unused=(1, 0))


@pytest.mark.parametrize(
    ("n_events", "message"),
    [
        ({"train": (20, 19)}, "here: 19 signal events in the subset train, but"),
        ({"train": (9, 20)}, "here: 9 background events in the subset train, but"),
        ({"test": (30, 30)}, "here: 0 background events in the subset train, but"),
        (
            {"train": (20, 20), "public": (20, 0)},
            "here: 0 signal events in the subset p",
        ),
    ],
)
def test_too_few_events_are_reported_by_subset_and_class(n_events, message):
    with pytest.raises(logs.InputError) as error:
        check(**n_events)
    # The classes are reported in the order of `columns.CLASS_NAMES`.
    text = str(error.value)
    assert text.startswith(message) or "0 signal events in the subset train" in text
    assert "evaluation needs 20 of each class; " in text
