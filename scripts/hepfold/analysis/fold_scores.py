"""Scores of folds, made comparable so that a cut has the same meaning in each.

Each fold has its own model. After short trainings, or trainings on few events, the
scores of folds differ, so that the same cut selects different fractions of the folds.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from hepfold.core import columns


class Levels(NamedTuple):
    """Scores in rising order, and the fraction of the background below each.

    Background with exactly this score counts one half. Both increase strictly.
    """

    score: np.ndarray
    fraction: np.ndarray


def comparable(
    parts: list[pl.DataFrame], kind: str
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """A function that makes the scores of one fold comparable with those of others.

    Takes the scores of each fold. `raw` changes nothing. `rank` replaces a score by the
    score below which the same fraction of the out-of-fold background of all folds lies:
    the order within a fold stays the same, and its background gets the distribution of
    all folds.
    """
    if kind == "raw":
        return lambda part: part
    whole = levels(pl.concat(map(background, parts)))

    def adjusted(part: pl.DataFrame) -> pl.DataFrame:
        """The scores of a fold, of training and test events alike."""
        score = part[columns.SCORE].to_numpy()
        matched_score = matched(score, levels(background(part)), whole)
        return part.with_columns(pl.Series(columns.SCORE, matched_score))

    return adjusted


def maps(parts: list[pl.DataFrame]) -> list[Callable[[np.ndarray], np.ndarray]]:
    """The function that `rank` applies to the scores of each fold's model.

    Takes the scores of each fold. The functions apply to scores of other events.
    """
    whole = levels(pl.concat(map(background, parts)))
    return [
        partial(matched, own=levels(background(part)), whole=whole) for part in parts
    ]


def background(part: pl.DataFrame) -> pl.DataFrame:
    """Scores and weights of the out-of-fold background of a fold."""
    is_background = pl.col(columns.LABEL) == columns.BACKGROUND
    is_train = pl.col(columns.SUBSET) == columns.TRAIN
    chosen = part.filter(is_background & is_train)
    return chosen.select(columns.SCORE, columns.WEIGHT)


def levels(events: pl.DataFrame) -> Levels:
    """Levels of background events, from a score of zero to a score of one."""
    score, weight = events[columns.SCORE].to_numpy(), events[columns.WEIGHT].to_numpy()
    values, index = np.unique(score, return_inverse=True)
    sums = np.bincount(index, weight)
    fraction = (np.cumsum(sums) - sums / 2) / sums.sum()
    # Only negative weights can make it fall.
    fraction = np.maximum.accumulate(fraction.clip(0, 1))
    inside = (values > 0) & (values < 1) & (fraction > 0) & (fraction < 1)
    values, fraction = values[inside], fraction[inside]
    rises = np.diff(fraction, prepend=0.0) > 0
    return Levels(
        np.concatenate([[0.0], values[rises], [1.0]]),
        np.concatenate([[0.0], fraction[rises], [1.0]]),
    )


def matched(score: np.ndarray, own: Levels, whole: Levels) -> np.ndarray:
    """Scores (n_events,) with the same fraction of all background below."""
    fraction = np.interp(score, own.score, own.fraction)
    return np.interp(fraction, whole.fraction, whole.score)
