"""Figures of merit of a sample of events and of its bootstrap replicas.

The first row of each array is the sample itself, in which every event counts once; the
other rows are replicas. The same code therefore computes a value and its uncertainty.

In a replica, the number of times that an event counts is drawn from a Poisson
distribution with mean one. For many events this is equivalent to drawing events with
replacement, and it needs only one pass (Chamandy et al. 2012, "Estimating uncertainty
for massive data streams"; Hanley and MacGibbon 2006, Comput. Methods Programs Biomed.
83:57-62).

The weights of a replica are scaled per class to the sums of the sample: the uncertainty
is that of a sample whose total sums of weights are known.

The count of an event depends only on the seed, the replica and the position of the
event in the sample. Replicas therefore do not depend on the number of threads, and
models that are evaluated on the same events in the same order share them: differences
between such models have a paired uncertainty.

Events are sorted once, and a replica needs one byte per event.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hepfold.analysis import bootstrap_kernels, score_tables
from hepfold.core import columns, metrics


def merits(
    events: score_tables.ScoredEvents,
    working_points: list[float],
    cut: float,
    b_reg: float,
    background_uncertainty: float,
    n_replicas: int,
    seed: int,
    threads: int = 1,
) -> dict[str, np.ndarray]:
    """Figures of merit by name, each (1 + n_replicas,).

    Names with the suffix `_weighted` use the weights (log loss and accuracy with equal
    sums for both classes); the others count events. `max_ams` is the maximum over all
    cuts of each replica, which is biased upwards: it selects favorable fluctuations.
    """
    points = np.sort(working_points)
    cuts = np.sort([cut, metrics.EVEN_CUT])[::-1]
    sums = resampled(events, n_replicas, seed, threads, cuts, points, b_reg)
    passing = sums.passing[:, cuts.tolist().index(metrics.EVEN_CUT)]
    correct = np.where([True, False, True, False], passing, sums.total - passing)
    named = {"auc": sums.area[:, 1], "auc_weighted": sums.area[:, 0]}
    for name, part in (("log_loss", sums.loss), ("accuracy", correct)):
        named[name] = part[:, 2:].sum(axis=1) / sums.total[:, 2:].sum(axis=1)
        named[f"{name}_weighted"] = (part[:, :2] / sums.total[:, :2]).mean(axis=1)
    rejection = rejections(sums.background_efficiency)
    for point in working_points:
        name, i_point = metrics.rejection_name(point), points.tolist().index(point)
        named[name] = rejection[:, 1, i_point]
        named[f"{name}_weighted"] = rejection[:, 0, i_point]
    named["max_ams"] = sums.max_ams
    s, b = (x[:, cuts.tolist().index(cut)] for x in scaled_sums(sums, events))
    named["ams"] = metrics.ams(s, b, b_reg)
    named["significance"] = metrics.significance(s, b)
    b_unc = background_uncertainty * b
    named["significance_syst"] = metrics.significance_syst(s, b, b_unc)
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
