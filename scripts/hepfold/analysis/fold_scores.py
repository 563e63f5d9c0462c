"""Scores of folds: whether one cut means the same in each, and how it is made to.

Each fold has a model of its own. Where trainings are short or small, their scores
differ, so that one cut selects different fractions in each fold.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import special

from hepfold.analysis import uncertainties
from hepfold.core import columns

# Below this probability of a larger chi-square, that of three standard deviations,
# efficiencies of folds are said to differ.
LEAST_P_VALUE = 0.0027
EFFICIENCIES = {
    "signal_efficiency": columns.SIGNAL,
    "background_efficiency": columns.BACKGROUND,
}


class Levels(NamedTuple):
    """Scores in rising order, and the fraction of the background below each.

    Half of the background with the score itself counts. Both increase strictly.
    """

    score: np.ndarray
    fraction: np.ndarray


def comparable(
    parts: list[pl.DataFrame], kind: str
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """A function that makes the scores of one fold comparable with those of others.

    Takes the scores of each fold. `raw` changes nothing. `rank` replaces a score by the
    score below which the same fraction of the out-of-fold background of all folds lies
    as of the own fold: the order within a fold stays, and its background has the
    distribution of all.
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
    """For the model of each fold, the function of its scores that `rank` applies.

    Takes the scores of each fold. The functions are for scores of further events.
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
    # Only negative weights make it fall.
    fraction = np.maximum.accumulate(fraction.clip(0, 1))
    inside = (values > 0) & (values < 1) & (fraction > 0) & (fraction < 1)
    values, fraction = values[inside], fraction[inside]
    rises = np.diff(fraction, prepend=0.0) > 0
    return Levels(
        np.concatenate([[0.0], values[rises], [1.0]]),
        np.concatenate([[0.0], fraction[rises], [1.0]]),
    )


def matched(score: np.ndarray, own: Levels, whole: Levels) -> np.ndarray:
    """Scores (n_events,) at which as much of the whole background lies below."""
    fraction = np.interp(score, own.score, own.fraction)
    return np.interp(fraction, whole.fraction, whole.score)


def consistency(parts: list[pl.DataFrame], cut: float) -> dict:
    """Efficiencies of each fold at a cut with uncertainties, and whether they agree.

    `chi2` is that of equal efficiencies, with one degree of freedom less than folds.
    Negative weights count with their sign.
    """
    trained = [part.filter(pl.col(columns.SUBSET) == columns.TRAIN) for part in parts]
    record = {"fold": [part[columns.FOLD][0] for part in trained]}
    for name, label in EFFICIENCIES.items():
        of_class = [
            (part[columns.SCORE].to_numpy() >= cut, part[columns.WEIGHT].to_numpy())
            for part in (p.filter(pl.col(columns.LABEL) == label) for p in trained)
        ]
        values, uncs = np.transpose([efficiency(*part) for part in of_class])
        record[name] = [uncertainties.finite(value) for value in values]
        record[f"{name}_unc"] = [uncertainties.finite(unc) for unc in uncs]
        record |= {f"{name}_{k}": v for k, v in agreement(of_class).items()}
    return record


def efficiency(passes: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Weighted fraction of the events that pass, and its uncertainty.

    NaN without a positive sum of weights.
    """
    total = weight.sum(dtype="f8")
    if total <= 0:
        return float("nan"), float("nan")
    value = weight[passes].sum(dtype="f8") / total
    unc = np.sqrt(np.sum(np.square(weight * (passes - value)))) / total
    return float(value), float(unc)


def agreement(
    parts: list[tuple[np.ndarray, np.ndarray]],
) -> dict[str, float | None]:
    """Chi-square of equal efficiencies, and the probability of a larger one.

    Takes which events pass and their weights for each fold. Uncertainties are those of
    equal efficiencies, so that a fold in which no event passes has one. None for one
    fold, or where all or no events pass.
    """
    sums = np.array([weight.sum(dtype="f8") for _, weight in parts])
    squares = np.array([np.sum(weight**2) for _, weight in parts])
    passes, weight = (np.concatenate(both) for both in zip(*parts, strict=True))
    _, unc = efficiency(passes, weight)
    if len(parts) < 2 or not (sums > 0).all() or not unc > 0:
        return {"chi2": None, "p_value": None}
    values = np.array([efficiency(*part)[0] for part in parts])
    variance = (unc * sums.sum()) ** 2 / squares.sum() * squares / sums**2
    mean = np.average(values, weights=1 / variance)
    chi2 = float(np.sum((values - mean) ** 2 / variance))
    return {"chi2": chi2, "p_value": float(special.chdtrc(len(parts) - 1, chi2))}


def differences(record: dict) -> list[str]:
    """A sentence for each efficiency that differs between folds beyond its errors."""
    sentences = []
    for name in EFFICIENCIES:
        p_value = record[f"{name}_p_value"]
        if p_value is not None and p_value < LEAST_P_VALUE:
            low, high = min(record[name]), max(record[name])
            sentences.append(
                f"{name.replace('_', ' ')} at the cut from {low:.4g} to {high:.4g} in "
                f"{len(record[name])} folds (chi-square "
                f"{record[f'{name}_chi2']:.1f} for {len(record[name]) - 1} degrees of "
                f"freedom, p = {p_value:.2g})"
            )
    return sentences


def log_differences(record: dict) -> None:
    """Warn if one cut selects different fractions in the folds."""
    for sentence in differences(record):
        logging.warning(
            "The scores of folds are not comparable: %s. Train longer or with more "
            "members, or set evaluation.fold_scores: rank.",
            sentence,
        )
