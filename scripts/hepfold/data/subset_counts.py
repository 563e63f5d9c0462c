"""Numbers of events of each class in each subset, and whether they suffice."""

import numpy as np

from hepfold.core import columns, logs


def check(counts: np.ndarray, setting: str) -> None:
    """Raise an error for a subset with too few events of a class to be evaluated.

    `counts` (n_subsets, n_classes) are numbers of events. Subsets without events are
    left out, but training events are required.
    """
    for subset, of_class in zip(columns.SUBSETS, counts, strict=True):
        is_needed = subset == columns.TRAIN or of_class.any()
        if subset == columns.UNUSED or not is_needed:
            continue
        for label, class_name in columns.CLASS_NAMES.items():
            if of_class[label] < columns.N_LEAST:
                raise logs.InputError(
                    f"{setting}: {of_class[label]} {class_name} events in the subset "
                    f"{subset}, but evaluation needs {columns.N_LEAST} of each "
                    f"class; {remedy(subset)}"
                )


def remedy(subset: str) -> str:
    """What to do about a subset with too few events."""
    if subset == columns.TRAIN:
        return "give more events, loosen `select`, or declare fewer test events"
    return "declare more test events, or none by `test: null`"
