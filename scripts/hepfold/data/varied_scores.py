"""Tables of the events of a variation: their scores, or only their weights."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from hepfold.core import columns
from hepfold.data import (
    event_arrays,
    event_ids,
    event_reader,
    event_samples,
    fold_file,
    folds,
    further_scores,
)

# Scores (n_folds, n_events) of inputs by the models of all folds.
Scorer = Callable[[np.ndarray], np.ndarray]
TRAIN, TEST, UNUSED = (
    columns.SUBSETS.index(name)
    for name in (columns.TRAIN, columns.TEST, columns.UNUSED)
)


def scored(
    reader: event_reader.EventReader,
    samples: list[event_samples.EventSample],
    train_path: str,
    scorer: Scorer,
    seed: int,
    n_folds: int,
) -> Iterator[pl.DataFrame]:
    """Id, process, subset, weight, region, spectrum and score of varied events.

    An event that was trained on, according to its id, is scored by the fold that held
    it out, any other event by the mean over the models of all folds. Events that no
    model can score, and events of no subset, are left out.
    """
    layout, declared = fold_file.read_layout(train_path), reader.plan.declared
    trained = event_ids.trained_by_process(train_path, declared.id)
    n_last = event_samples.n_last(declared)
    for sample in samples:
        for part in reader.read([sample]):
            further_scores.check_categories(part, sample, layout)
            is_trained = among_trained(part, trained)
            fold = folds.assign(part.event_id, seed, n_folds)
            score = folds.held_out(scorer(part.inputs), fold, is_trained)
            subset = subsets(part, is_trained, n_last)
            is_kept = ~np.isnan(score) & (subset != UNUSED)
            yield table(part, subset, score, reader, layout).filter(is_kept)
    reader.check_keys()


def among_trained(part: event_arrays.Events, trained: list[np.ndarray]) -> np.ndarray:
    """Mask (n_events,) of the events whose ids are among the training events."""
    process, is_trained = part.extra[columns.PROCESS], np.zeros(len(part), bool)
    for code in np.unique(process):
        of_process = process == code
        is_trained[of_process] = event_ids.is_among(
            part.event_id[of_process], trained[code]
        )
    return is_trained


def subsets(
    part: event_arrays.Events, is_trained: np.ndarray, n_last: int
) -> np.ndarray:
    """Code of the subset (n_events,) of varied events.

    If the last events of the files are test events, they are identified by their ids.
    """
    return np.where(is_trained, TRAIN, TEST) if n_last else part.subset


def table(
    part: event_arrays.Events,
    subset: np.ndarray,
    score: np.ndarray,
    reader: event_reader.EventReader,
    layout: fold_file.Layout,
) -> pl.DataFrame:
    """The columns of `scored`, for a part of the events."""
    spectrum = further_scores.spectrum(part, reader.plan)
    return pl.DataFrame(
        {
            columns.EVENT_ID: part.event_id,
            columns.SUBSET: pl.Series(columns.SUBSETS).gather(subset),
            columns.LABEL: part.label,
            columns.WEIGHT: part.weight,
            **folds.with_names(
                {**spectrum, **part.extra}, layout.processes, layout.regions
            ),
            columns.SCORE: score,
        }
    )


def weights(
    reader: event_reader.EventReader, samples: list[event_samples.EventSample]
) -> Iterator[pl.DataFrame]:
    """Id, process and weight of the events of samples with varied weights."""
    processes = pl.Series(reader.processes, dtype=pl.String)
    for part in reader.read(samples):
        yield pl.DataFrame(
            {
                columns.EVENT_ID: part.event_id,
                columns.PROCESS: processes.gather(part.extra[columns.PROCESS]),
                columns.WEIGHT: part.weight,
            }
        )
