"""Folds of cross-validation: assignment of events, and tables of scores."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from hepfold.core import columns, logs, tables
from hepfold.data import event_arrays


def assign(event_id: np.ndarray, seed: int, n_folds: int) -> np.ndarray:
    """Fold of each event (n_events,), which depends only on its id and the seed.

    An event is in the same fold on every machine and in any order of reading;
    folds are equal in size and class mix to within statistics. The hash is the
    finalizer of SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
    """
    state = event_id.astype("u8", copy=False) + hashed(np.array([seed], "u8"))
    return (hashed(state) % np.uint64(n_folds)).astype("i8")


def hashed(state: np.ndarray) -> np.ndarray:
    """Pseudorandom 64-bit integers from any 64-bit integers, element by element."""
    z = state + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def fold_seed(seed: int, i_fold: int) -> int:
    """Seed of the random draws for one fold, different from all other folds."""
    return int(hashed(np.array([seed], "u8") + hashed(np.array([i_fold], "u8")))[0])


def last_as_test(
    parts: Iterable[event_arrays.Events], n_test: int
) -> Iterator[event_arrays.Events]:
    """The same events, with the last `n_test` marked as test events."""
    held, n_held, n_passed = deque(), 0, 0
    for part in parts:
        held.append(part)
        n_held += len(part)
        while held and n_held - len(held[0]) >= n_test:
            n_held -= len(held[0])
            n_passed += len(held[0])
            yield held.popleft()
    if n_test and n_test >= n_held + n_passed:
        raise logs.InputError(
            f"test.last is {n_test}, but there are only {n_held + n_passed} events; "
            "reduce test.last"
        )
    first_test = n_held - n_test
    for part in held:
        subset = part.subset.copy()
        subset[max(first_test, 0) :] = columns.SUBSETS.index(columns.TEST)
        first_test -= len(part)
        yield replace(part, subset=subset)


def is_train(part: event_arrays.Events) -> np.ndarray:
    """Mask (n_events,) of the events that are split into folds."""
    return part.subset == columns.SUBSETS.index(columns.TRAIN)


def check_classes(counts: np.ndarray) -> None:
    """Raise an error if a fold lacks one class; `counts` is (n_folds, 2)."""
    n_folds, n_events = len(counts), counts.sum()
    if n_folds > n_events:
        raise logs.InputError(
            f"folds.n_folds is {n_folds}, but there are only {n_events} training "
            "events; reduce folds.n_folds"
        )
    for value, name in enumerate(("background", "signal")):
        empty = np.flatnonzero(counts[:, value] == 0)
        if len(empty):
            raise logs.InputError(
                f"fold {empty[0]} of {n_folds} has no {name} events; there are "
                f"{counts[:, value].sum()} in all: reduce folds.n_folds"
            )


def held_out(
    scores: np.ndarray, fold: np.ndarray, is_trained: np.ndarray
) -> np.ndarray:
    """Score (n_events,) of each event from those of all folds (n_folds, n_events).

    Events that were trained on get the score of their own fold, NaN if that fold was
    not trained; all others get the mean over the folds.
    """
    score = scores.mean(axis=0)
    chosen = np.flatnonzero(is_trained)
    has_model = fold[chosen] < len(scores)
    score[chosen[~has_model]] = np.nan
    chosen = chosen[has_model]
    score[chosen] = scores[fold[chosen], chosen]
    return score


class WeightSums:
    """Sums of weights by subset, fold and class, collected while events are read."""

    def __init__(self, n_folds: int):
        shape = len(columns.SUBSETS), n_folds, len(columns.CLASS_NAMES)
        self.counts, self.sums = np.zeros(shape, int), np.zeros(shape)

    def add(self, part: event_arrays.Events, fold: np.ndarray) -> None:
        """Add events, with the fold (n_events,) of each."""
        shape = self.sums.shape
        place = np.ravel_multi_index((part.subset, fold, part.label), shape)
        self.counts += np.bincount(place, minlength=self.sums.size).reshape(shape)
        sums = np.bincount(place, part.weight, self.sums.size)
        self.sums += sums.reshape(shape)

    def check(self) -> None:
        """Raise an error if the weights of a class have no positive sum.

        The check covers each fold of training events, and each evaluated subset of test
        events. Only negative or zero weights can make it fail.
        """
        n_folds = self.sums.shape[1]
        train = columns.SUBSETS.index(columns.TRAIN)
        for i_fold in range(n_folds):
            place = f"fold {i_fold} of {n_folds}"
            counts, sums = self.counts[train, i_fold], self.sums[train, i_fold]
            check_sums(place, counts, sums, "reduce folds.n_folds")
        for i, name in enumerate(columns.SUBSETS):
            if name not in (columns.TRAIN, columns.UNUSED):
                counts, sums = self.counts[i].sum(axis=0), self.sums[i].sum(axis=0)
                check_sums(f"subset {name}", counts, sums, "choose more test events")


def check_sums(place: str, counts: np.ndarray, sums: np.ndarray, remedy: str) -> None:
    """Raise an error if the sum of weights of a class with events is not positive."""
    for label, name in columns.CLASS_NAMES.items():
        if counts[label] and not sums[label] > 0:
            raise logs.InputError(
                f"{place}: the {name} weights of {counts[label]} events sum to "
                f"{sums[label]:g}; training and evaluation need a positive sum: "
                f"{remedy}, or check the weights"
            )


def score_table(
    part: event_arrays.Events,
    score: np.ndarray,
    names: dict[str, str | int],
    processes: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
) -> pl.DataFrame:
    """Scores with id, subset, label and weight, extra columns, and the given names.

    `processes` and `regions` are names in the order of their codes.
    """
    table = {
        columns.EVENT_ID: part.event_id,
        columns.SUBSET: pl.Series(columns.SUBSETS).gather(part.subset),
        columns.LABEL: part.label,
        columns.WEIGHT: part.weight.astype("f8"),
        **with_names(part.extra, processes, regions),
        columns.SCORE: score,
    }
    return tables.named_rows(table, names)


def with_names(
    extra: dict[str, np.ndarray], processes: tuple[str, ...], regions: tuple[str, ...]
) -> dict[str, np.ndarray | pl.Series]:
    """Extra columns with names of processes and regions instead of their codes."""
    named = {columns.PROCESS: processes, columns.REGION: ("none", *regions)}
    texts = {
        name: pl.Series(named[name], dtype=pl.String).gather(extra[name])
        for name in named.keys() & extra.keys()
    }
    return {**extra, **texts}
