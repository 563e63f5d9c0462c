"""Tables of scores, and the scored events of each subset.

A table of scores has the columns dataset, model, fold, event_id, subset, label, weight
and score. Training events have out-of-fold scores, test events the mean score of all
folds. The weights of each subset are scaled to the full sums of the data set.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.core import columns, logs, parsing, settings_datasets, tables
from hepfold.data import event_classes, fold_file, weights

# Expected events of each class.
Expected = settings_datasets.Normalization

# Column with the mass of each event.
MASS = "mass"
# Key of each subset in records of figures of merit.
SUBSET_KEYS = {
    columns.TRAIN: "oof",
    columns.PUBLIC: "public",
    columns.PRIVATE: "private",
    columns.TEST: "test",
}


@dataclass(frozen=True)
class ScoredEvents:
    """Score, label and scaled weight of the events of a subset, each (n_events,).

    `process` and `region` are names, None if no table has them.
    """

    score: np.ndarray
    label: np.ndarray
    weight: np.ndarray
    process: pl.Series | None = None
    region: pl.Series | None = None

    def take(self, chosen: np.ndarray) -> "ScoredEvents":
        """The events where a mask (n_events,) is true."""
        return ScoredEvents(
            self.score[chosen],
            self.label[chosen],
            self.weight[chosen],
            None if self.process is None else self.process.filter(chosen),
            None if self.region is None else self.region.filter(chosen),
        )


def check_complete(parts: dict[str, pl.DataFrame], n_train: int, n_test: int) -> None:
    """Check that every event has one score, and that scores are probabilities.

    `parts` holds the scores of each fold by the path of their file. A fold scores its
    part of the `n_train` training events and all `n_test` test events.

    Raises
    ------
    logs.InputError
        With the file, and the event if a score is not a probability.
    """
    for path, part in parts.items():
        is_valid = pl.col(columns.SCORE).is_between(0, 1).fill_null(False)
        for event in part.filter(~is_valid).head(1).rows(named=True):
            raise logs.InputError(
                f"{path}: the score of event {event[columns.EVENT_ID]} is "
                f"{event[columns.SCORE]}, not a number from 0 to 1"
            )
        n_scores = (part[columns.SUBSET] != columns.TRAIN).sum()
        if n_scores != n_test:
            raise logs.InputError(f"{path}: {n_scores} scores for {n_test} test events")
    scores = pl.concat(parts.values())
    is_train = scores[columns.SUBSET] == columns.TRAIN
    keys = event_keys(scores)
    oof, test = (scores.filter(x).select(keys) for x in (is_train, ~is_train))
    if not len(oof) == oof.n_unique() == n_train:
        raise logs.InputError(
            f"{', '.join(parts)}: {len(oof)} out-of-fold scores of {oof.n_unique()} "
            f"events, expected one for each of {n_train} training events"
        )
    if test.n_unique() != n_test:
        raise logs.InputError(f"{', '.join(parts)}: different test events")


def merge_scores(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """One score per event: out-of-fold, or the mean over folds for test events.

    Takes the scores of each fold. In the result, `fold` is null for test events.
    """
    scores = pl.concat(parts)
    oof = scores.filter(pl.col(columns.SUBSET) == columns.TRAIN)
    test = scores.filter(pl.col(columns.SUBSET) != columns.TRAIN)
    return pl.concat([oof, mean_scores([test])])


def mean_scores(tests: list[pl.DataFrame]) -> pl.DataFrame:
    """The mean over folds of the score of each test event; `fold` is null.

    Class probabilities of a multi-class model are averaged too.
    """
    scores = pl.concat(tests)
    by_event = scores.group_by(event_keys(scores), maintain_order=True)
    start = event_classes.PROBABILITY
    averaged = [c for c in scores.columns if c.startswith(start)]
    averaged.append(columns.SCORE)
    mean = by_event.agg(
        pl.col(averaged).mean(),
        pl.lit(None, scores.schema[columns.FOLD]).alias(columns.FOLD),
        pl.exclude(*averaged, columns.FOLD).first(),
    )
    return mean.select(scores.columns)


def event_keys(scores: pl.DataFrame) -> list[str]:
    """Columns that identify an event, since ids are only unique within a process."""
    return [c for c in (columns.PROCESS, columns.EVENT_ID) if c in scores.columns]


def with_mass(scores: pl.DataFrame, paths: list[str], feature: str) -> pl.DataFrame:
    """The scores with the mass of each event, which is a feature; NaN if missing.

    `paths` are the fold files that hold the events.
    """
    masses = pl.concat(mass_table(path, feature) for path in paths)
    joined = scores.join(masses, on=event_keys(scores), maintain_order="left")
    if len(joined) != len(scores):
        raise logs.InputError(
            f"only {len(joined)} of {len(scores)} scored events are in the fold file"
        )
    return joined


def mass_table(path: str, feature: str) -> pl.DataFrame:
    """Process, id and mass of the events of a fold file."""
    layout = fold_file.read_layout(path)
    i_feature = layout.features.index(feature)
    processes = pl.Series(layout.processes, dtype=pl.String)
    return pl.concat(
        pl.DataFrame(
            {
                columns.PROCESS: processes.gather(part.extra[columns.PROCESS]),
                columns.EVENT_ID: part.event_id,
                MASS: part.inputs[:, i_feature],
            }
        )
        for part in fold_file.read_parts(path)
    )


def normalization(setting: str | dict[str, float], made_by: dict) -> dict[str, float]:
    """Expected events of each class: from settings, or sums of weights."""
    return made_by["expected"] if setting == "weights" else setting


def expected(normalization: dict[str, float]) -> Expected:
    """Expected events of each class, from a record of metrics."""
    return parsing.parse(normalization, settings_datasets.Normalization)


def evaluated_subsets(
    scores: pl.DataFrame, expected: Expected
) -> dict[str, ScoredEvents]:
    """The scored events of each subset of the data, by its key in SUBSET_KEYS."""
    present = set(scores[columns.SUBSET])
    return {
        name: scored_events(scores, subset, expected)
        for subset, name in SUBSET_KEYS.items()
        if subset in present
    }


def scored_events(
    scores: pl.DataFrame, subset: str, expected: Expected
) -> ScoredEvents:
    """The events of one subset, with weights scaled to the expected events."""
    part = scores.filter(pl.col(columns.SUBSET) == subset)
    label = part[columns.LABEL].to_numpy()
    weight = part[columns.WEIGHT].to_numpy()
    check_classes(subset, label, weight)
    weight = weights.scale_to_full(weight, label, expected.signal, expected.background)
    named = {
        name: part[name]
        for name in (columns.PROCESS, columns.REGION)
        if name in part.columns
    }
    return ScoredEvents(part[columns.SCORE].to_numpy(), label, weight, **named)


def check_classes(subset: str, label: np.ndarray, weight: np.ndarray) -> None:
    """Check that both classes of a subset have enough events and a positive weight."""
    for value, name in columns.CLASS_NAMES.items():
        of_class = label == value
        if of_class.sum() < columns.N_LEAST:
            raise logs.InputError(
                f"subset {subset} has {of_class.sum()} {name} events: "
                f"evaluation needs at least {columns.N_LEAST}"
            )
        total = weight[of_class].sum(dtype="f8")
        if not (np.isfinite(total) and total > 0):
            raise logs.InputError(
                f"the {name} weights of subset {subset} sum to {total:g}: "
                "only a positive sum can be scaled to the expected events"
            )


def in_subset(scores: pl.DataFrame, name: str) -> pl.DataFrame:
    """The scores of the subset with this key in records of metrics."""
    (subset,) = (subset for subset, key in SUBSET_KEYS.items() if key == name)
    return scores.filter(pl.col(columns.SUBSET) == subset)


def order_digests(scores: pl.DataFrame) -> dict[str, str]:
    """Checksum of the ids of the events of each subset in their order, by its key.

    Models with equal checksums share bootstrap replicas.
    """
    keys = event_keys(scores)
    digests = {}
    for subset, name in SUBSET_KEYS.items():
        part = scores.filter(pl.col(columns.SUBSET) == subset).select(keys)
        if len(part):
            hashes = part.hash_rows(seed=0).to_numpy().tobytes()
            digests[name] = f"{zlib.crc32(hashes):08x}"
    return digests


def has_enough(part: pl.DataFrame) -> bool:
    """Whether a fold has enough out-of-fold events of both classes to be evaluated."""
    trained = part.filter(pl.col(columns.SUBSET) == columns.TRAIN)
    label, weight = (trained[n].to_numpy() for n in (columns.LABEL, columns.WEIGHT))
    counts = np.bincount(label, minlength=2)
    sums = np.bincount(label, weight, minlength=2)
    return counts.min() >= columns.N_LEAST and sums.min() > 0


def each_subset(
    scores: pl.DataFrame,
    expected: Expected,
    curve: Callable[[ScoredEvents], pl.DataFrame],
) -> pl.DataFrame:
    """One table of the curves of all subsets, with dataset, model and subset."""
    names = scores.select("dataset", "model").row(0, named=True)
    return pl.concat(
        tables.named_rows(curve(events), {**names, "subset": subset})
        for subset, events in evaluated_subsets(scores, expected).items()
    )
