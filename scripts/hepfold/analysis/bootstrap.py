"""The bootstrap over events: figures of merit and curves of many replicas of a sample.

In a replica each event counts as often as a number drawn from a Poisson distribution
of mean one says: for many events this is as good as to draw events with replacement,
and needs one pass (Chamandy et al. 2012, "Estimating uncertainty for massive data
streams"; Hanley and MacGibbon 2006, Comput. Methods Programs Biomed. 83:57-62).

The weights of a replica are scaled per class to the sums of the sample, as those of
every subset are: the uncertainty is that of a sample whose full sums are known.

A count depends on the seed, the replica and the place of the event among those given,
and on nothing else. So replicas do not depend on the number of threads; models that
were judged on the same events in the same order share their replicas, and so do all
figures of merit, so that differences have an uncertainty of their own.

A replica needs one byte an event, and events are sorted once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hepfold.analysis import bootstrap_kernels
from hepfold.core import columns, metrics


def roc_band(
    score: np.ndarray,
    label: np.ndarray,
    weight: np.ndarray,
    signal_efficiency: np.ndarray,
    n_replicas: int,
    seed: int,
    threads: int = 1,
) -> np.ndarray:
    """Weighted background efficiency of each replica at given signal efficiencies.

    Takes events, (n_events,), and n_points efficiencies; returns (n_replicas,
    n_points).
    """
    order = np.argsort(signal_efficiency)
    sums = resampled(
        score, label, weight, n_replicas, seed, threads, points=signal_efficiency[order]
    )
    band = np.empty((n_replicas, len(order)))
    band[:, order] = sums.background_efficiency[:, 0]
    return band


def ams_band(
    score: np.ndarray,
    label: np.ndarray,
    weight: np.ndarray,
    cut: np.ndarray,
    b_reg: float,
    n_replicas: int,
    seed: int,
    threads: int = 1,
) -> np.ndarray:
    """AMS of each replica at given cuts, (n_cuts,); returns (n_replicas, n_cuts)."""
    order = np.argsort(-cut, kind="stable")
    sums = resampled(
        score, label, weight, n_replicas, seed, threads, cuts=cut[order], b_reg=b_reg
    )
    s, b = scaled(sums, weight, label)
    band = np.empty((n_replicas, len(order)))
    band[:, order] = metrics.ams(s, b, b_reg)
    return band


def merits(
    score: np.ndarray,
    label: np.ndarray,
    weight: np.ndarray,
    working_points: list[float],
    cut: float,
    b_reg: float,
    background_uncertainty: float,
    n_replicas: int,
    seed: int,
    threads: int = 1,
) -> dict[str, np.ndarray]:
    """The figures of merit of each replica, (n_replicas,), by the names of `metrics`.

    `max_ams` is the maximum of each replica, at its own cut: it tells how far the
    procedure spreads. The mean over replicas is above the value of the sample, as
    that is above the truth, since each maximum is taken where chance is kind.
    """
    points = np.sort(working_points)
    cuts = np.sort([cut, metrics.EVEN_CUT])[::-1]
    sums = resampled(
        score, label, weight, n_replicas, seed, threads, cuts, points, b_reg
    )
    s, b = scaled(sums, weight, label)
    at_cut = cuts.tolist().index(cut)
    s, b = s[:, at_cut], b[:, at_cut]
    passing = sums.passing[:, cuts.tolist().index(metrics.EVEN_CUT)]
    right = np.where([True, False, True, False], passing, sums.total - passing)
    found = {"auc": sums.area[:, 1], "auc_weighted": sums.area[:, 0]}
    for name, part in (("log_loss", sums.loss), ("accuracy", right)):
        found[name] = part[:, 2:].sum(axis=1) / sums.total[:, 2:].sum(axis=1)
        found[f"{name}_weighted"] = (part[:, :2] / sums.total[:, :2]).mean(axis=1)
    with np.errstate(divide="ignore"):
        rejection = 1 / sums.background_efficiency
    for i, point in enumerate(points):
        found[metrics.rejection_name(point)] = rejection[:, 1, i]
        found[f"{metrics.rejection_name(point)}_weighted"] = rejection[:, 0, i]
    found["max_ams"] = sums.max_ams
    found["ams"] = metrics.ams(s, b, b_reg)
    found["significance"] = metrics.significance(s, b)
    found["significance_syst"] = metrics.significance_syst(
        s, b, background_uncertainty * b
    )
    return found


def scaled(
    sums: bootstrap_kernels.Sums, weight: np.ndarray, label: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Passing s and b, both (n_replicas, n_cuts), scaled to the sums of the sample."""
    s = sums.passing[:, :, 0] / sums.total[:, None, 0]
    b = sums.passing[:, :, 1] / sums.total[:, None, 1]
    full_s, full_b = metrics.class_sums(label, weight)
    return s * full_s, b * full_b


def resampled(
    score: np.ndarray,
    label: np.ndarray,
    weight: np.ndarray,
    n_replicas: int,
    seed: int,
    threads: int,
    cuts: np.ndarray = (),
    points: np.ndarray = (),
    b_reg: float = 1.0,
) -> bootstrap_kernels.Sums:
    """The sums of all replicas; cuts fall and signal efficiencies rise."""
    events, n_cut = ranked(score, label, weight, np.asarray(cuts, "f8"))
    full = np.array(metrics.class_sums(label, weight))
    sums = bootstrap_kernels.empty_sums(n_replicas, len(cuts), len(points))
    points = np.asarray(points, "f8")

    def fill(replica: int) -> None:
        """One replica, whose counts need a byte an event."""
        counts = np.empty(len(score), "u1")
        key = np.uint64(seed), np.uint64(replica)
        bootstrap_kernels.draw(*key, events.position, counts)
        bootstrap_kernels.scan(
            replica, counts, events, n_cut, points, full, b_reg, sums
        )

    for_each(fill, n_replicas, threads)
    return sums


def for_each(function: Callable[[int], None], n: int, threads: int) -> None:
    """Call a function with 0 ... n - 1 in threads."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(function, range(n)):
            pass


def ranked(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray, cuts: np.ndarray
) -> tuple[bootstrap_kernels.Ranked, np.ndarray]:
    """Events of falling score, and how many of them pass each cut, (n_cuts,)."""
    order, n_passing = metrics.ranking(score)
    events = bootstrap_kernels.Ranked(
        position=order,
        is_signal=(label[order] == columns.SIGNAL).astype("f8"),
        weight=weight[order].astype("f8"),
        loss=metrics.loss_of_events(score, label)[order],
        n_passing=n_passing,
    )
    return events, np.searchsorted(-score[order], -cuts, side="right")
