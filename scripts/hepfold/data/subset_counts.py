"""Numbers of events of each class in each subset, and whether they suffice."""

import numpy as np

from hepfold.core import columns, logs
from hepfold.data import event_arrays


class SubsetCounts:
    """Counts events by subset, a position in `columns.SUBSETS`, and label."""

    def __init__(self):
        self.counts = np.zeros((len(columns.SUBSETS), len(columns.CLASS_NAMES)), "i8")

    def add(self, part: event_arrays.Events) -> None:
        """Add events."""
        cell = part.subset.astype("i8") * self.counts.shape[1] + part.label
        counts = np.bincount(cell, minlength=self.counts.size)
        self.counts += counts.reshape(self.counts.shape)

    def check(self, setting: str) -> None:
        """Raise an error for a subset with too few events of a class to be evaluated.

        Subsets without any events are left out, but training events are needed.
        """
        for subset, counts in zip(columns.SUBSETS, self.counts, strict=True):
            is_needed = subset == columns.TRAIN or counts.any()
            if subset == columns.UNUSED or not is_needed:
                continue
            for label, class_name in columns.CLASS_NAMES.items():
                if counts[label] < columns.N_LEAST:
                    raise logs.InputError(
                        f"{setting}: {counts[label]} {class_name} events in the subset "
                        f"{subset}, but evaluation needs {columns.N_LEAST} of each "
                        f"class; {remedy(subset)}"
                    )


def remedy(subset: str) -> str:
    """What to do about a subset with too few events."""
    if subset == columns.TRAIN:
        return "give more events, loosen `select`, or declare fewer test events"
    return "declare more test events, or none by `test: null`"
