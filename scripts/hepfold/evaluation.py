"""From the scores of all events to figures of merit.

A table of scores has the columns dataset, model, fold, event_id, subset, label, weight
and score: train events with their out-of-fold score, test events with the mean over
folds. Weights are scaled to the full sums of the data set in every subset alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold import columns, datasets, metrics, tables, weights

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

    def aucs(self) -> dict[str, float]:
        """Number of events and area under the ROC curve without and with weights."""
        return {
            "n_events": len(self.score),
            "auc": metrics.auc(self.score, self.label, np.ones(len(self.score))),
            "auc_weighted": metrics.auc(self.score, self.label, self.weight),
        }


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
    weight = weights.scale_to_full(
        part[columns.WEIGHT].to_numpy(),
        label,
        definition.signal_sum,
        definition.background_sum,
    )
    return ScoredEvents(part[columns.SCORE].to_numpy(), label, weight)


def figures_of_merit(
    scores: pl.DataFrame, definition: datasets.Dataset, b_reg: float
) -> dict:
    """AUC and AMS of each subset; the cut is the best on out-of-fold scores.

    ASSUME: the mean score of all folds, which test events have, is distributed as the
    score of one fold, which out-of-fold events have, so that one cut serves both.
    A test subset has the AMS at that cut. A maximum over test cuts would be fitted to
    the events it is quoted for, and is not computed.
    """
    subsets = judged_subsets(scores, definition)
    oof = subsets.pop("oof")
    cut, ams = metrics.ams_scan(oof.score, oof.label, oof.weight, b_reg)
    best = ams.argmax()
    record = {
        "oof": {**oof.aucs(), "max_ams": float(ams[best])},
        "cut": float(cut[best]),
    }
    for name, events in subsets.items():
        at_cut = metrics.ams_at_cut(
            events.score, events.label, events.weight, cut[best], b_reg
        )
        record[name] = {**events.aucs(), "ams": at_cut}
    return record


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
