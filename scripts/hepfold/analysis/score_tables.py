"""From the scores of all events to figures of merit.

A table of scores has the columns dataset, model, fold, event_id, subset, label, weight
and score: train events with their out-of-fold score, test events with the mean over
folds. Weights are scaled to the full sums of the data set in every subset alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.core import columns, logs, tables
from hepfold.data import datasets, event_arrays, weights

# Of each class. With as many, one replica in 10^8 of the bootstrap has none.
N_LEAST = 20
# Column of the mass of events with scores.
MASS = "mass"
# How the scores of a subset are called where they are judged.
JUDGED_AS = {
    columns.TRAIN: "oof",
    columns.PUBLIC: "public",
    columns.PRIVATE: "private",
    columns.TEST: "test",
}


@dataclass(frozen=True)
class ScoredEvents:
    """Events of one subset: score, label, weight, each (n_events,); weights scaled."""

    score: np.ndarray
    label: np.ndarray
    weight: np.ndarray


def refuse_wrong(parts: dict[str, pl.DataFrame], n_train: int, n_test: int) -> None:
    """Refuse scores that are no probabilities, or are not one per event.

    `parts` holds the scores of every fold by the path of their file; each fold scores
    its share of the `n_train` events and all `n_test`.
    """
    for path, part in parts.items():
        is_right = pl.col(columns.SCORE).is_between(0, 1).fill_null(False)
        for event in part.filter(~is_right).head(1).rows(named=True):
            raise logs.InputError(
                f"{path}: the score of event {event[columns.EVENT_ID]} is "
                f"{event[columns.SCORE]}, not a number from 0 to 1"
            )
        n_found = (part[columns.SUBSET] != columns.TRAIN).sum()
        if n_found != n_test:
            raise logs.InputError(f"{path}: {n_found} scores of {n_test} test events")
    scores = pl.concat(parts.values())
    is_train = scores[columns.SUBSET] == columns.TRAIN
    oof, test = (scores.filter(x)[columns.EVENT_ID] for x in (is_train, ~is_train))
    if not len(oof) == oof.n_unique() == n_train:
        raise logs.InputError(
            f"{', '.join(parts)}: {len(oof)} out-of-fold scores of {oof.n_unique()} "
            f"events, but there are {n_train} train events"
        )
    if test.n_unique() != n_test:
        raise logs.InputError(f"{', '.join(parts)} score different test events")


def merge_scores(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """One score per event: out-of-fold for train events, the mean over folds for test.

    Takes the scores of every fold; in the result `fold` is null for test events.
    """
    scores = pl.concat(parts)
    oof = scores.filter(pl.col(columns.SUBSET) == columns.TRAIN)
    test = scores.filter(pl.col(columns.SUBSET) != columns.TRAIN)
    by_event = test.group_by(columns.EVENT_ID, maintain_order=True)
    mean = by_event.agg(
        pl.col(columns.SCORE).mean(),
        pl.lit(None, oof.schema[columns.FOLD]).alias(columns.FOLD),
        pl.exclude(columns.SCORE, columns.FOLD).first(),
    )
    return pl.concat([oof, mean.select(oof.columns)])


def with_mass(
    scores: pl.DataFrame, parts: Iterable[event_arrays.Events], i_feature: int
) -> pl.DataFrame:
    """The scores with the feature of their events that is a mass, NaN where missing.

    `parts` are events of a fold file that hold all those with scores.
    """
    found = pl.concat(
        pl.DataFrame({columns.EVENT_ID: part.event_id, MASS: part.inputs[:, i_feature]})
        for part in parts
    )
    joined = scores.join(found, on=columns.EVENT_ID, maintain_order="left")
    if len(joined) != len(scores):
        raise logs.InputError(
            f"of {len(scores)} events with scores, {len(joined)} are in the fold files"
        )
    return joined


def judged_subsets(
    scores: pl.DataFrame, definition: datasets.Dataset
) -> dict[str, ScoredEvents]:
    """The scored events of `oof` and, where the data have them, `public`, `private`."""
    present = set(scores[columns.SUBSET])
    return {
        name: scored_events(scores, subset, definition)
        for subset, name in JUDGED_AS.items()
        if subset in present
    }


def scored_events(
    scores: pl.DataFrame, subset: str, definition: datasets.Dataset
) -> ScoredEvents:
    """The events of one subset, weights scaled to the full sums."""
    part = scores.filter(pl.col(columns.SUBSET) == subset)
    label = part[columns.LABEL].to_numpy()
    refuse_unfit(subset, label, part[columns.WEIGHT].to_numpy())
    weight = weights.scale_to_full(
        part[columns.WEIGHT].to_numpy(),
        label,
        definition.signal_sum,
        definition.background_sum,
    )
    return ScoredEvents(part[columns.SCORE].to_numpy(), label, weight)


def refuse_unfit(subset: str, label: np.ndarray, weight: np.ndarray) -> None:
    """Refuse events of a subset that no figure of merit can be found from."""
    for value, name in columns.CLASS_NAMES.items():
        of_class = label == value
        if of_class.sum() < N_LEAST:
            raise logs.InputError(
                f"subset {subset} has {of_class.sum()} {name} events, "
                f"and evaluation needs {N_LEAST}"
            )
        total = weight[of_class].sum(dtype="f8")
        if not (np.isfinite(total) and total > 0):
            raise logs.InputError(
                f"the {name} weights of subset {subset} sum to {total:g}, "
                "which cannot be scaled to a number of expected events"
            )


def each_subset(
    scores: pl.DataFrame,
    definition: datasets.Dataset,
    curve: Callable[[ScoredEvents], pl.DataFrame],
) -> pl.DataFrame:
    """A curve of every subset, one below the other, with dataset, model and subset."""
    names = scores.select("dataset", "model").row(0, named=True)

    def parts() -> Iterator[pl.DataFrame]:
        """The curve of each subset in turn."""
        for subset, events in judged_subsets(scores, definition).items():
            yield tables.named_rows(curve(events), {**names, "subset": subset})

    return pl.concat(parts())
