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
from math import exp, factorial, log1p
from typing import NamedTuple

import numpy as np

from hepfold import columns, compiling, metrics

# In compiled code, what meets an unsigned integer has to be one.
u64, u32 = np.uint64, np.uint32
# The generator SplitMix64 (Steele et al. 2014, OOPSLA): state i is i * GOLDEN.
GOLDEN = u64(0x9E3779B97F4A7C15)
FACTORS = u64(0xBF58476D1CE4E5B9), u64(0x94D049BB133111EB)
SHIFTS = u64(30), u64(27), u64(31)
# How many of these a draw of 32 bits reaches is Poisson distributed, with mean one.
STEPS = tuple(
    u32(
        min(2**32 - 1, round(2**32 * exp(-1) * sum(1 / factorial(j) for j in range(k))))
    )
    for k in range(1, 13)
)


class Ranked(NamedTuple):
    """Events of falling score, each (n_events,), and where ties end, (n_cuts,)."""

    position: np.ndarray
    is_signal: np.ndarray
    weight: np.ndarray
    loss: np.ndarray
    n_passing: np.ndarray


class Sums(NamedTuple):
    """What one pass over each of n replicas finds; the last axis is s, b, n_s, n_b.

    `passing`, (n, n_cuts, 4), holds sums of weights and numbers of events that pass a
    cut, `total` and `loss`, (n, 4), those of all events and of their losses. `area`
    is below the ROC curve and `background_efficiency`, (n, n_points, 2), on it, both
    with and without weights; `max_ams`, (n,), is the largest over all cuts.
    """

    total: np.ndarray
    loss: np.ndarray
    passing: np.ndarray
    area: np.ndarray
    background_efficiency: np.ndarray
    max_ams: np.ndarray


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
    band[:, order] = sums.background_efficiency[:, :, 0]
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
        found[metrics.rejection_name(point)] = rejection[:, i, 1]
        found[f"{metrics.rejection_name(point)}_weighted"] = rejection[:, i, 0]
    found["max_ams"] = sums.max_ams
    found["ams"] = metrics.ams(s, b, b_reg)
    found["significance"] = metrics.significance(s, b)
    found["significance_syst"] = metrics.significance_syst(
        s, b, background_uncertainty * b
    )
    return found


def scaled(
    sums: Sums, weight: np.ndarray, label: np.ndarray
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
) -> Sums:
    """The sums of all replicas; cuts fall and signal efficiencies rise."""
    events, n_cut = ranked(score, label, weight, np.asarray(cuts, "f8"))
    full = np.array(metrics.class_sums(label, weight))
    sums = empty_sums(n_replicas, len(cuts), len(points))
    points = np.asarray(points, "f8")

    def fill(replica: int) -> None:
        """One replica, whose counts need a byte an event."""
        counts = np.empty(len(score), "u1")
        draw(u64(seed), u64(replica), events.position, counts)
        scan(replica, counts, events, n_cut, points, full, b_reg, sums)

    for_each(fill, n_replicas, threads)
    return sums


def for_each(function: Callable[[int], None], n: int, threads: int) -> None:
    """Call a function with 0 ... n - 1 in threads."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(function, range(n)):
            pass


def ranked(
    score: np.ndarray, label: np.ndarray, weight: np.ndarray, cuts: np.ndarray
) -> tuple[Ranked, np.ndarray]:
    """Events of falling score, and how many of them pass each cut, (n_cuts,)."""
    order, n_passing = metrics.ranking(score)
    events = Ranked(
        position=order,
        is_signal=(label[order] == columns.SIGNAL).astype("f8"),
        weight=weight[order].astype("f8"),
        loss=metrics.loss_of_events(score, label)[order],
        n_passing=n_passing,
    )
    return events, np.searchsorted(-score[order], -cuts, side="right")


def empty_sums(n_replicas: int, n_cuts: int, n_points: int) -> Sums:
    """Room for the sums of all replicas."""
    return Sums(
        total=np.empty((n_replicas, 4)),
        loss=np.empty((n_replicas, 4)),
        passing=np.empty((n_replicas, n_cuts, 4)),
        area=np.empty((n_replicas, 2)),
        background_efficiency=np.empty((n_replicas, n_points, 2)),
        max_ams=np.empty(n_replicas),
    )


@compiling.part
def mixed(x):
    """A bijection of 64 bits in which every bit of the result hangs on every bit."""
    x = (x ^ (x >> SHIFTS[0])) * FACTORS[0]
    x = (x ^ (x >> SHIFTS[1])) * FACTORS[1]
    return x ^ (x >> SHIFTS[2])


@compiling.compiled
def draw(seed, replica, position, counts):
    """How often each event counts in a replica."""
    key = mixed(mixed(seed + GOLDEN) + (replica + u64(1)) * GOLDEN)
    for i in range(len(position)):
        bits = u32(mixed(key + u64(position[i]) * GOLDEN) >> u64(32))
        count = 0
        for step in STEPS:
            count += bits >= step
        counts[i] = count


@compiling.part
def sum_up(counts, events, total, loss):
    """Sums over all events."""
    total[:], loss[:] = 0.0, 0.0
    for i in range(len(counts)):
        n_s = counts[i] * events.is_signal[i]
        n_b = counts[i] - n_s
        s, b = n_s * events.weight[i], n_b * events.weight[i]
        total[0] += s
        total[1] += b
        total[2] += n_s
        total[3] += n_b
        loss[0] += s * events.loss[i]
        loss[1] += b * events.loss[i]
        loss[2] += n_s * events.loss[i]
        loss[3] += n_b * events.loss[i]


@compiling.part
def crossing(wanted, s0, s, b0, b):
    """Background where signal, that rises from s0 to s between two cuts, is wanted."""
    return b0 + (b - b0) * (wanted - s0) / (s - s0) if s > s0 else b0


@compiling.part
def half_square(s, b):
    """Half the square of `metrics.ams`, of which b has the b_reg already."""
    return (s + b) * log1p(s / b) - s if b > 0.0 else np.inf


@compiling.compiled
def scan(replica, counts, events, n_cut, points, full, b_reg, sums):
    """Fill one row of all sums; NaN where chance leaves a class without weight."""
    total, efficiency = sums.total[replica], sums.background_efficiency[replica]
    sum_up(counts, events, total, sums.loss[replica])
    if min(total) <= 0.0:
        sums.passing[replica], sums.area[replica] = np.nan, np.nan
        efficiency[:], sums.max_ams[replica] = np.nan, np.nan
        return
    sums.passing[replica], efficiency[:] = 0.0, 1.0
    s = b = n_s = n_b = area = n_area = best = 0.0
    scale_s, scale_b = full[0] / total[0], full[1] / total[1]
    i = i_cut = i_point = i_n_point = 0
    while i_cut < len(n_cut) and n_cut[i_cut] == 0:
        i_cut += 1
    for end in events.n_passing:
        s0, b0, n_s0, n_b0 = s, b, n_s, n_b
        while i < end:
            signal = counts[i] * events.is_signal[i]
            n_s += signal
            n_b += counts[i] - signal
            s += signal * events.weight[i]
            b += (counts[i] - signal) * events.weight[i]
            i += 1
        area += (b - b0) * (s + s0)
        n_area += (n_b - n_b0) * (n_s + n_s0)
        while i_point < len(points) and s >= points[i_point] * total[0]:
            wanted = points[i_point] * total[0]
            efficiency[i_point, 0] = crossing(wanted, s0, s, b0, b) / total[1]
            i_point += 1
        while i_n_point < len(points) and n_s >= points[i_n_point] * total[2]:
            wanted = points[i_n_point] * total[2]
            efficiency[i_n_point, 1] = crossing(wanted, n_s0, n_s, n_b0, n_b) / total[3]
            i_n_point += 1
        while i_cut < len(n_cut) and n_cut[i_cut] == end:
            sums.passing[replica, i_cut] = (s, b, n_s, n_b)
            i_cut += 1
        s_here, b_here = s * scale_s, max(b * scale_b, 0.0) + b_reg
        # No AMS is above s / sqrt(b), so that few logarithms are needed.
        if s_here > 0.0 and s_here * s_here > 2.0 * best * b_here:
            best = max(best, half_square(s_here, b_here))
    sums.area[replica] = area / (2 * total[0] * total[1]), n_area / (2 * n_s * n_b)
    sums.max_ams[replica] = np.sqrt(2 * best)
