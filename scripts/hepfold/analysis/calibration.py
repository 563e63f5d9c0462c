"""Calibration of scores to probabilities of signal, for equal sums of both classes.

A calibration is fitted to out-of-fold scores. The scores of a fold are calibrated by a
fit to the other folds, so that no event is calibrated by a fit to itself; test events
are calibrated by a fit to all folds. There are two forms: `platt` is a logistic
function of the logit of the score (Platt 1999), `isotonic` the best monotonic function
(Zadrozny and Elkan 2002, doi:10.1145/775047.775151). Both keep the order of scores, up
to ties. Fits use sums of signed weights in narrow bins of the score, so that negative
weights cancel positive ones of similar scores.
"""

import logging
from collections.abc import Callable

import numpy as np
import polars as pl
from scipy import optimize, special

from hepfold.core import columns, metrics
from hepfold.data import folds, weights

RAW, PLATT, ISOTONIC, BEST = "none", "platt", "isotonic", "best"
# Bins of equal numbers of events; a bin needs MIN_EVENTS.
N_BINS, MIN_EVENTS = 500, 20
# Scores 0 and 1 have no logit.
LEAST = metrics.LEAST_PROBABILITY

# A function that maps scores to probabilities, and its parameters for a record.
Fit = tuple[Callable[[np.ndarray], np.ndarray], dict]


def with_calibrated(scores: pl.DataFrame, kind: str) -> tuple[pl.DataFrame, dict]:
    """The scores with the column `calibrated`, and a record of the calibration.

    `kind` is one of the forms, RAW, or BEST, which is whichever has the lowest log loss
    of out-of-fold events. The record has the log loss of each form, and the parameters
    of the fit to all folds.
    """
    is_oof = (scores[columns.SUBSET] == columns.TRAIN).to_numpy()
    sums = GroupSums(scores.filter(is_oof))
    score = scores[columns.SCORE].to_numpy()
    candidates, losses = {RAW: score}, {}
    for name in (PLATT, ISOTONIC):
        candidates[name] = sums.whole_fit(name)[0](score)
        candidates[name][is_oof] = sums.out_of_fold(name)
    for name, probability in candidates.items():
        losses[name] = balanced_loss(sums, probability[is_oof])
    chosen = min(losses, key=losses.get) if kind == BEST else kind
    logging.info(
        "Out-of-fold log loss with balanced classes: %s; calibration: %s.",
        ", ".join(f"{name} {loss:.5f}" for name, loss in losses.items()),
        chosen,
    )
    record = {"kind": chosen, "log_loss": losses, **sums.whole_fit(chosen)[1]}
    column = pl.Series(columns.CALIBRATED, candidates[chosen])
    return scores.with_columns(column), record


def balanced_loss(sums: "GroupSums", probability: np.ndarray) -> float:
    """Log loss of out-of-fold events, both classes with the same sum of weights."""
    weight = weights.balance(sums.weight, sums.label)
    return metrics.log_loss(probability, sums.label, weight)


class GroupSums:
    """Sums of weights in bins of the score for each fold of out-of-fold events.

    Bins have equal numbers of events. If a single fold was trained, its events are
    divided by their ids into two groups, which take the role of folds.
    """

    def __init__(self, oof: pl.DataFrame):
        self.score = oof[columns.SCORE].to_numpy()
        self.label = oof[columns.LABEL].to_numpy()
        self.weight = oof[columns.WEIGHT].to_numpy().astype("f8")
        self.group = groups(oof)
        n_bins = int(np.clip(len(oof) // MIN_EVENTS, 1, N_BINS))
        edges = np.quantile(self.score, np.arange(1, n_bins) / n_bins)
        i_bin = np.searchsorted(edges, self.score, side="right")
        cell = self.group * n_bins + i_bin
        shape = self.group.max() + 1, n_bins
        is_signal = self.label == columns.SIGNAL
        parts = (
            self.weight * is_signal,
            self.weight * ~is_signal,
            np.ones(len(oof)),
            self.score,
        )
        self.sums = np.stack(
            [np.bincount(cell, part, np.prod(shape)).reshape(shape) for part in parts]
        )

    def whole_fit(self, kind: str) -> Fit:
        """The fit to all groups."""
        return fit(kind, *self.sums.sum(axis=1))

    def out_of_fold(self, kind: str) -> np.ndarray:
        """Probability (n_events,) from the fit to the groups without the event."""
        result, whole = np.empty(len(self.score)), self.sums.sum(axis=1)
        for i_group in range(self.sums.shape[1]):
            inside = self.group == i_group
            function, _ = fit(kind, *(whole - self.sums[:, i_group]))
            result[inside] = function(self.score[inside])
        return result


def groups(oof: pl.DataFrame) -> np.ndarray:
    """The position (n_events,) of the fold of each event among those trained."""
    group = oof[columns.FOLD].rank("dense").to_numpy().astype("i8") - 1
    if group.max() == 0:
        event_id = oof[columns.EVENT_ID].to_numpy()
        return (folds.hashed(event_id.view("u8")) % np.uint64(2)).astype("i8")
    return group


def fit(
    kind: str, s: np.ndarray, b: np.ndarray, n: np.ndarray, score: np.ndarray
) -> Fit:
    """The fit of a form to sums (n_bins,) of signal, background, events and scores.

    There is no fit without a positive sum of weights of both classes.
    """
    if min(s.sum(), b.sum()) <= 0:
        return unchanged(score, s, b)
    scaled = [sums / sums.sum() for sums in (s, b)]
    bins = merged(*scaled, n, score)
    return {RAW: unchanged, PLATT: platt, ISOTONIC: isotonic}[kind](*bins)


def merged(
    s: np.ndarray, b: np.ndarray, n: np.ndarray, score: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean score, signal and background of bins (n_merged,).

    A bin in which a class has a negative sum, or both sums are zero, is merged with the
    next one.
    """
    rows, part = [], np.zeros(4)
    for row in np.column_stack([s, b, n, score]):
        part = part + row
        if min(part[:2]) >= 0 and part[:2].sum() > 0:
            rows.append(part)
            part = np.zeros(4)
    if part[2] and rows:
        rows[-1] = rows[-1] + part
    s, b, n, score = np.array(rows).T
    return score / n, s, b


def unchanged(mean: np.ndarray, s: np.ndarray, b: np.ndarray) -> Fit:
    """No calibration."""
    return lambda score: score, {}


def platt(mean: np.ndarray, s: np.ndarray, b: np.ndarray) -> Fit:
    """The logistic function of the logit that maximizes the likelihood of the bins."""
    x = logit(mean)

    def loss(line: np.ndarray) -> float:
        """Negative logarithm of the likelihood."""
        z = line[0] * x + line[1]
        return s @ np.logaddexp(0, -z) + b @ np.logaddexp(0, z)

    slope, intercept = optimize.minimize(loss, [1.0, 0.0], method="BFGS").x.tolist()
    return (
        lambda score: special.expit(slope * logit(score) + intercept),
        {"slope": slope, "intercept": intercept},
    )


def isotonic(mean: np.ndarray, s: np.ndarray, b: np.ndarray) -> Fit:
    """The monotonic fractions of signal that are nearest to those of the bins.

    Between the mean scores of the bins, the function is linear; outside, constant.
    """
    fraction = optimize.isotonic_regression(s / (s + b), weights=s + b).x
    nodes = {"scores": mean.tolist(), "probabilities": fraction.tolist()}
    return lambda score: np.interp(score, mean, fraction), nodes


def logit(score: np.ndarray) -> np.ndarray:
    """Logarithm of the odds."""
    return special.logit(np.clip(score, LEAST, 1 - LEAST))
