"""Scores of a blend, computed from the scores of its parts.

The weights for a fold are fitted to out-of-fold scores of the other folds only, so that
no event influences the weights that it is scored with. (As in any stacking of this
kind, the models that gave those scores saw its label in their training; a few weights
cannot learn it.)
"""

import numpy as np
import polars as pl

from hepfold.core import columns
from hepfold.data import event_classes, weights
from hepfold.models import blends
from hepfold.training import blend_weights


def without_fold(
    tables: list[list[pl.DataFrame]], i_fold: int, negative_weights: str
) -> tuple[blend_weights.Fit, dict]:
    """The fit to out-of-fold scores of all folds but one, and a record of its events.

    `tables` has the scores of each fold by part. Event weights are as in training:
    changed by the rule `negative_weights`, and with equal sums of both classes. The log
    loss of each part, as that of the blend, is computed with the best scale and offset.
    """
    is_train = pl.col(columns.SUBSET) == columns.TRAIN
    of_parts = [
        pl.concat(t.filter(is_train) for i, t in enumerate(folds) if i != i_fold)
        for folds in tables
    ]
    check_same_events(of_parts)
    label, weight = (
        of_parts[0][name].to_numpy() for name in (columns.LABEL, columns.WEIGHT)
    )
    weights.log_negative(weight, negative_weights)
    weight = weights.balance(weights.for_training(weight, negative_weights), label)
    scores = np.array([part[columns.SCORE].to_numpy() for part in of_parts])
    logits = blends.logits(scores)
    alone = [blend_weights.minimum(part[None], label, weight)[1] for part in logits]
    fit = blend_weights.fitted(logits, label, weight)
    return fit, {"n_events": len(label), "log_loss_of_parts": alone}


def check_same_events(parts: list[pl.DataFrame]) -> None:
    """Check that all parts have scores of the same events, in the same order."""
    keys = [part.select(columns.EVENT_ID, columns.SUBSET) for part in parts]
    if not all(key.equals(keys[0]) for key in keys):
        raise RuntimeError("the parts of a blend have scored different events")


def table(
    parts: list[pl.DataFrame], name: str, part_weights: np.ndarray
) -> pl.DataFrame:
    """Table of scores of the named blend in one fold, from the scores of its parts.

    A blend has no classes, so class probabilities of a part are left out.
    """
    check_same_events(parts)
    scores = np.array([part[columns.SCORE].to_numpy() for part in parts])
    score = blends.blended(scores, part_weights)
    blended = (
        parts[0]
        .drop(columns.GROUP_SCORES, f"^{event_classes.PROBABILITY}.*$", strict=False)
        .with_columns(pl.lit(name).alias("model"), pl.Series(columns.SCORE, score))
    )
    groups = common_groups(parts)
    if groups is None:
        return blended
    of_groups = group_scores(scores, groups, part_weights)
    kind = pl.Array(pl.Float32, len(of_groups))
    by_event = pl.Series(columns.GROUP_SCORES, of_groups.T.astype("f4"), kind)
    return blended.with_columns(by_event)


def common_groups(parts: list[pl.DataFrame]) -> np.ndarray | None:
    """Scores of groups of members (n_parts, n_groups, n_events), as many in each part.

    Groups are merged to the greatest common divisor of their numbers; None if this is
    one, or if a part has no groups.
    """
    if not all(columns.GROUP_SCORES in part.columns for part in parts):
        return None
    groups = [part[columns.GROUP_SCORES].to_numpy().T.astype("f8") for part in parts]
    n_groups = np.gcd.reduce([len(of_part) for of_part in groups])
    if n_groups == 1:
        return None
    n_events = len(parts[0])
    return np.array(
        [of_part.reshape(-1, n_groups, n_events).mean(axis=0) for of_part in groups]
    )


def group_scores(
    scores: np.ndarray, groups: np.ndarray, part_weights: np.ndarray
) -> np.ndarray:
    """Contributions (n_groups, n_events) of groups of members to scores of a blend.

    Takes scores (n_parts, n_events) and those of groups (n_parts, n_groups, n_events).
    The jackknife takes the mean of all groups but one as the score without this group.
    A blend is not a mean of groups; these numbers are defined such that this mean is
    the blend of all parts without the group.
    """
    n_groups = groups.shape[1]
    whole = blends.blended(scores, part_weights)
    without = (n_groups * scores[:, None] - groups) / (n_groups - 1)
    lost = [
        blends.blended(without[:, i].clip(0, 1), part_weights) for i in range(n_groups)
    ]
    return n_groups * whole - (n_groups - 1) * np.array(lost)
