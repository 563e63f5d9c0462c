"""Change of figures of merit if the training were repeated.

Out-of-fold figures: each fold has an ensemble of independently trained members. Leaving
out one group of members of one fold at a time (the jackknife: Efron and Stein 1981,
Ann. Stat. 9:586) gives the variance from the training of that fold; the variances of
all folds are added. Without members, whole folds are left out. The resulting variance
includes both the finite number of events and the training; the excess over the variance
from the events is attributed to the training.

Test events: their score is the mean over folds, whose models are left out one by one.
They differ in the initial weights and in a part of the training events. With a single
fold, groups of its members are left out.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from hepfold.analysis import score_tables
from hepfold.core import columns

MEMBERS, FOLDS = "members", "folds"
# Not a smooth function of the scores, so a jackknife does not give its variance.
LEFT_OUT = ("max_ams",)
# Column with the score of the fold that is left out.
LEFT = "left"

Values = dict[str, float]
Variances = dict[str, float]


@dataclass(frozen=True)
class FoldScores:
    """Scores of each fold as written by its training.

    Parameters
    ----------
    parts
        Table of scores of each fold: its own training events and all test events.
    read_groups
        Scores of groups of members (n_rows, n_groups) in a fold; None for one group.
    adjusted
        Makes the scores of a fold comparable with those of others.
    """

    parts: list[pl.DataFrame]
    read_groups: Callable[[int], np.ndarray | None] = field(default=lambda i: None)
    adjusted: Callable[[pl.DataFrame], pl.DataFrame] = field(default=lambda part: part)

    @cached_property
    def comparable(self) -> list[pl.DataFrame]:
        """Comparable scores of each fold."""
        return [self.adjusted(part) for part in self.parts]

    def without_members(self, i_fold: int) -> Iterator[pl.DataFrame]:
        """Comparable scores of a fold without each group of members in turn.

        Groups have equal weight; with `member_weights`, their true weights differ
        slightly.
        """
        part, groups = self.parts[i_fold], self.read_groups(i_fold)
        if groups is None:
            return
        n_groups = groups.shape[1]
        score = part[columns.SCORE].to_numpy()
        for i_group in range(n_groups):
            others = (n_groups * score - groups[:, i_group]) / (n_groups - 1)
            # Groups are stored in single precision.
            others = pl.Series(columns.SCORE, others.clip(0, 1))
            yield self.adjusted(part.with_columns(others))

    def without_folds(self) -> Iterator[pl.DataFrame]:
        """Out-of-fold scores of all folds but one."""
        for i_left in range(len(self.parts)):
            yield pl.concat(p for i, p in enumerate(self.comparable) if i != i_left)

    def test_without_folds(self, subset: str) -> Iterator[pl.DataFrame]:
        """Mean scores of the events of a test subset without each fold in turn."""
        tests = [
            part.filter(pl.col(columns.SUBSET) == subset) for part in self.comparable
        ]
        mean, n_folds = score_tables.mean_scores(tests), len(tests)
        keys = score_tables.event_keys(mean)
        for test in tests:
            of_fold = test.select(*keys, pl.col(columns.SCORE).alias(LEFT))
            joined = mean.join(of_fold, on=keys, maintain_order="left")
            others = (n_folds * pl.col(columns.SCORE) - pl.col(LEFT)) / (n_folds - 1)
            yield joined.with_columns(others.clip(0, 1).alias(columns.SCORE))


def of_folds(
    folds: FoldScores, merits_of: Callable[[pl.DataFrame], Values]
) -> list[Values]:
    """Out-of-fold figures of merit of each fold; none if a fold has too few events."""
    if not all(map(score_tables.has_enough, folds.parts)):
        return []
    return [merits_of(part) for part in folds.comparable]


def out_of_fold(
    folds: FoldScores,
    of_fold: list[Values],
    events: Variances,
    merits_of: Callable[[pl.DataFrame], Values],
    pooled: Callable[[list[Values]], Values],
) -> tuple[Variances, str | None]:
    """Variances of out-of-fold figures of merit from the training, and their source.

    `of_fold` has the figures of each fold, which `pooled` combines; `events` has the
    variances of the combined figures from the finite number of events.
    """
    if not of_fold:
        return {}, None

    def without_members(i_fold: int) -> Iterator[Values]:
        """Figures of all folds without each group of members of one fold."""
        for part in folds.without_members(i_fold):
            yield pooled([*of_fold[:i_fold], merits_of(part), *of_fold[i_fold + 1 :]])

    by_fold = [jackknife(without_members(i)) for i in range(len(of_fold))]
    if all(by_fold):
        sums = {name: sum(part[name] for part in by_fold) for name in by_fold[0]}
        return sums, MEMBERS
    if len(of_fold) < 2:
        return {}, None
    spread = jackknife(map(merits_of, folds.without_folds()))
    excess = {n: max(v - events[n], 0.0) for n, v in spread.items() if n in events}
    return excess, FOLDS


def of_tests(
    folds: FoldScores, subset: str, merits_of: Callable[[pl.DataFrame], Values]
) -> tuple[Variances, str | None]:
    """Variances of figures of a test subset from the training, and their source.

    `merits_of` takes a table in which events of the subset have one score each.
    """
    if len(folds.parts) > 1:
        return jackknife(map(merits_of, folds.test_without_folds(subset))), FOLDS
    variances = jackknife(map(merits_of, folds.without_members(0)))
    return variances, MEMBERS if variances else None


def jackknife(left_out: Iterable[Values]) -> Variances:
    """Variance of each figure of merit from its values without one of n equal parts."""
    values = stacked(list(left_out))
    with np.errstate(invalid="ignore"):
        return {n: (len(v) - 1) * np.var(v) for n, v in values.items() if len(v) > 1}


def stacked(values: list[Values]) -> dict[str, np.ndarray]:
    """Values of each figure of merit as an array."""
    names = [n for n in values[0] if n not in LEFT_OUT] if values else []
    return {name: np.array([v[name] for v in values]) for name in names}
