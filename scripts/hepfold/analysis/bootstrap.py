"""Figures of merit of a sample of events and of its bootstrap replicas.

The first row of each array is the sample itself, in which every event counts once; the
other rows are replicas. The same code therefore computes a value and its uncertainty.

In a replica, the number of times that an event counts is drawn from a Poisson
distribution with mean one. For many events this is equivalent to drawing events with
replacement, and it needs only one pass (Chamandy et al. 2012, "Estimating uncertainty
for massive data streams"; Hanley and MacGibbon 2006, Comput. Methods Programs Biomed.
83:57-62).

The weights of a replica are scaled per class to the sums of the sample, i.e. the
uncertainty assumes that the total sums of weights are known.

The count of an event depends only on the seed, the replica and the position of the
event in the sample. Replicas therefore do not depend on the number of threads, and
models that are evaluated on the same events in the same order share them: differences
between such models have a paired uncertainty.

Events are sorted once, and a replica needs one byte per event.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hepfold.analysis import bootstrap_kernels, cut_choice, score_tables
from hepfold.core import columns, metrics


@dataclass(frozen=True)
class Definition:
    """Definition of the figures of merit of a sample, without its events.

    `cuts` has the cut of each figure of merit that needs one, `working_points` the
    signal efficiencies of rejections.
    """

    working_points: Sequence[float]
    cuts: dict[str, float]
    b_reg: float
    background_uncertainty: float


class Merits(NamedTuple):
    """Figures of merit by name, each (1 + n_replicas,), and sums on a grid of cuts.

    `s` and `b` are passing sums, (1 + n_replicas, n_cuts) both.
    """

    by_name: dict[str, np.ndarray]
    s: np.ndarray
    b: np.ndarray


def merits(
    events: score_tables.ScoredEvents,
    definition: Definition,
    n_replicas: int,
    seed: int,
    threads: int = 1,
    grid: np.ndarray = (),
) -> Merits:
    """Figures of merit of a sample and of its replicas, and sums on a grid of cuts.

    Names with the suffix `_weighted` use the weights (log loss and accuracy with equal
    sums for both classes); the others count events. `max_ams` is the maximum over all
    cuts of each replica, which is biased upwards, because it selects favorable
    fluctuations.
    """
    points = np.sort(definition.working_points)
    chosen = definition.cuts.values()
    cuts = np.unique([*grid, *chosen, metrics.EVEN_CUT])[::-1]
    sums = resampled(events, n_replicas, seed, threads, cuts, points, definition.b_reg)
    named = {"auc": sums.area[:, 1], "auc_weighted": sums.area[:, 0]}
    named |= losses(sums, sums.passing[:, place(cuts, metrics.EVEN_CUT)])
    rejection = rejections(sums.background_efficiency)
    for point in definition.working_points:
        name, i_point = metrics.rejection_name(point), points.tolist().index(point)
        named[name] = rejection[:, 1, i_point]
        named[f"{name}_weighted"] = rejection[:, 0, i_point]
    named["max_ams"] = sums.max_ams
    s, b = scaled_sums(sums, events)
    for name, cut in definition.cuts.items():
        at = place(cuts, cut)
        b_reg, b_unc = definition.b_reg, definition.background_uncertainty
        named[name] = cut_choice.merits(s[:, at], b[:, at], b_reg, b_unc)[name]
    on_grid = [place(cuts, cut) for cut in grid]
    return Merits(named, s[:, on_grid], b[:, on_grid])


def place(cuts: np.ndarray, cut: float) -> int:
    """Index of a cut among decreasing cuts."""
    return int(np.searchsorted(-cuts, -cut))


def losses(sums: bootstrap_kernels.Sums, passing: np.ndarray) -> dict[str, np.ndarray]:
    """Log loss and accuracy; `passing` (n_rows, 4) are sums above the even cut."""
    correct = np.where([True, False, True, False], passing, sums.total - passing)
    named = {}
    for name, part in (("log_loss", sums.loss), ("accuracy", correct)):
        named[name] = part[:, 2:].sum(axis=1) / sums.total[:, 2:].sum(axis=1)
        named[f"{name}_weighted"] = (part[:, :2] / sums.total[:, :2]).mean(axis=1)
    return named


def rejections(background_efficiency: np.ndarray) -> np.ndarray:
    """One over the background efficiency, infinite where no background passes."""
    with np.errstate(divide="ignore"):
        # Negative weights can make an efficiency negative.
        return np.where(background_efficiency <= 0, np.inf, 1 / background_efficiency)


def scaled_sums(
    sums: bootstrap_kernels.Sums, events: score_tables.ScoredEvents
) -> tuple[np.ndarray, np.ndarray]:
    """Scaled sums s and b above each cut, both (1 + n_replicas, n_cuts)."""
    s = sums.passing[:, :, 0] / sums.total[:, None, 0]
    b = sums.passing[:, :, 1] / sums.total[:, None, 1]
    full_s, full_b = metrics.class_sums(events.label, events.weight)
    return s * full_s, b * full_b


def resampled(
    events: score_tables.ScoredEvents,
    n_replicas: int,
    seed: int,
    threads: int,
    cuts: np.ndarray = (),
    points: np.ndarray = (),
    b_reg: float = 1.0,
) -> bootstrap_kernels.Sums:
    """The sums of the sample and of its replicas.

    Passing sums are given at `cuts`, in decreasing order, and background efficiencies
    at the signal efficiencies `points`, in increasing order.
    """
    cuts, points = np.asarray(cuts, "f8"), np.asarray(points, "f8")
    full = np.array(metrics.class_sums(events.label, events.weight))
    ranked = by_falling_score(events)
    n_cut = np.searchsorted(-events.score[ranked.position], -cuts, side="right")
    sums = bootstrap_kernels.empty_sums(1 + n_replicas, len(cuts), len(points))

    def fill(row: int) -> None:
        """Compute one row."""
        counts = np.ones(len(events.score), "u1")
        if row:
            key = np.uint64(seed), np.uint64(row - 1)
            bootstrap_kernels.draw(*key, ranked.position, counts)
        bootstrap_kernels.scan(row, counts, ranked, n_cut, points, full, b_reg, sums)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(1 + n_replicas)))
    return sums


def by_falling_score(events: score_tables.ScoredEvents) -> bootstrap_kernels.Ranked:
    """The events by decreasing score: the order in which they pass a falling cut."""
    order, n_passing = metrics.ranking(events.score)
    return bootstrap_kernels.Ranked(
        position=order,
        is_signal=(events.label[order] == columns.SIGNAL).astype("f8"),
        weight=events.weight[order].astype("f8"),
        loss=metrics.loss_of_events(events.score, events.label)[order],
        n_passing=n_passing,
    )
