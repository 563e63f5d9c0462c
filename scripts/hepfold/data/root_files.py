"""Raw events in ROOT files: trees or RNTuples."""

from collections.abc import Iterator

import numpy as np
import uproot

from hepfold.core import logs
from hepfold.data import event_arrays

# Events that are read at once, so that memory does not grow with the file.
BATCH_EVENTS = 262_144


def read(
    path: str, raw_columns: event_arrays.RawColumns, trees: dict[str, str], labels: dict
) -> Iterator[event_arrays.RawEvents]:
    """Events of a ROOT file in parts.

    `trees` names one tree with a label branch, `{"events": ...}`, or one tree per
    class, `{"signal": ..., "background": ...}`, whose events get the value in `labels`.
    """
    try:
        with uproot.open(path) as file:
            for role, name in trees.items():
                tree = tree_of(path, file, name)
                label = labels.get(role) if raw_columns.label else None
                yield from tree_events(path, tree, raw_columns, label)
    except (OSError, ValueError, IndexError, KeyError, EOFError) as error:
        if isinstance(error, logs.InputError):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise logs.InputError(
            f"{path}: truncated or corrupt ROOT file ({type(error).__name__} {reason})"
        ) from error


def tree_of(path: str, file, name: str):
    """The tree of that name."""
    if name not in file:
        raise logs.InputError(
            f"{path}: no tree {name!r} (setting `trees`); the file contains "
            f"{', '.join(sorted(set(file.keys())))}"
        )
    return file[name]


def tree_events(
    path: str, tree, raw_columns: event_arrays.RawColumns, label: float | str | None
) -> Iterator[event_arrays.RawEvents]:
    """Events of one tree; all have the given label, unless it is None."""
    place = f"{path}, tree {tree.name!r}, event"
    names = [n for n in raw_columns.all() if label is None or n != raw_columns.label]
    branches = set(tree.keys())  # of a tree as well as of an RNTuple
    missing = [name for name in names if name not in branches]
    if missing:
        raise logs.InputError(
            f"{path}, tree {tree.name!r}: no branch {missing[0]!r} (setting "
            f"`columns`); the tree contains {', '.join(sorted(branches))[:200]}"
        )
    first = 0
    # By `filter_name`: as an expression, `jet1_b-tag` would be a difference.
    for batch in tree.iterate(
        filter_name=lambda name: name in names, step_size=BATCH_EVENTS, library="np"
    ):
        n_events = len(batch[names[0]])
        if label is not None:
            batch[raw_columns.label] = np.full(n_events, label)
        yield event_arrays.raw_events(batch, raw_columns, place, first)
        first += n_events
