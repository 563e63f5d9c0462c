"""Compiled code of the bootstrap: one pass over the sorted events of one replica.

How often an event counts depends on the seed, the replica and the place of the event
alone, by a generator that can be asked for any one of its numbers.
"""

from math import exp, factorial, log1p
from typing import NamedTuple

import numpy as np

from hepfold.core import jit

# In compiled code, what meets an unsigned integer has to be one.
u64, u32 = np.uint64, np.uint32
# The generator SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195), of
# which number i is the mix of i * GOLDEN.
GOLDEN = u64(0x9E3779B97F4A7C15)
FACTORS = u64(0xBF58476D1CE4E5B9), u64(0x94D049BB133111EB)
SHIFTS = u64(30), u64(27), u64(31)
# How many of these 32 uniform bits reach has a Poisson distribution of mean one.
STEPS = tuple(
    u32(round(2**32 * exp(-1) * sum(1 / factorial(j) for j in range(k))))
    for k in range(1, 13)
)


class Ranked(NamedTuple):
    """Events of falling score, each (n_events,), and where ties end, (n_cuts,).

    `position` is the place of the event among those given, `is_signal` one or zero.
    """

    position: np.ndarray
    is_signal: np.ndarray
    weight: np.ndarray
    loss: np.ndarray
    n_passing: np.ndarray


class Sums(NamedTuple):
    """What one pass over each replica finds.

    `total` and `loss`, (n_replicas, 4), hold s, b, n_s, n_b - sums of weights and
    numbers of events - of all events and of their losses, `passing`, (n_replicas,
    n_cuts, 4), of those that pass each cut. `area`, (n_replicas, 2), is below the ROC
    curve and `background_efficiency`, (n_replicas, 2, n_points), on it, with weights
    and without. `max_ams`, (n_replicas,), is the largest over all cuts.
    """

    total: np.ndarray
    loss: np.ndarray
    passing: np.ndarray
    area: np.ndarray
    background_efficiency: np.ndarray
    max_ams: np.ndarray


def empty_sums(n_replicas: int, n_cuts: int, n_points: int) -> Sums:
    """Room for the sums of all replicas."""
    return Sums(
        total=np.empty((n_replicas, 4)),
        loss=np.empty((n_replicas, 4)),
        passing=np.empty((n_replicas, n_cuts, 4)),
        area=np.empty((n_replicas, 2)),
        background_efficiency=np.empty((n_replicas, 2, n_points)),
        max_ams=np.empty(n_replicas),
    )


@jit.part
def mixed(x):
    """A bijection of 64 bits in which every bit of the result hangs on every bit."""
    x = (x ^ (x >> SHIFTS[0])) * FACTORS[0]
    x = (x ^ (x >> SHIFTS[1])) * FACTORS[1]
    return x ^ (x >> SHIFTS[2])


@jit.compiled
def draw(seed, replica, position, counts):
    """Fill in how often each event counts in a replica."""
    key = mixed(mixed(seed + GOLDEN) + (replica + u64(1)) * GOLDEN)
    for i in range(len(position)):
        bits = u32(mixed(key + u64(position[i]) * GOLDEN) >> u64(32))
        count = 0
        for step in STEPS:
            count += bits >= step
        counts[i] = count


@jit.part
def sum_up(counts, events, total, loss):
    """Fill in the sums over all events."""
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


@jit.part
def follow(points, i, last_s, s, last_b, b, background):
    """Fill in the background at points, from the i-th on, between two cuts.

    Points are sums of signal, and rise; between two cuts the ROC curve is straight.
    Returns the number of the next point.
    """
    while i < len(points) and s >= points[i]:
        share = (points[i] - last_s) / (s - last_s) if s > last_s else 0.0
        background[i] = last_b + (b - last_b) * share
        i += 1
    return i


@jit.part
def half_square(s, b):
    """Half the square of `metrics.ams`, of a b to which b_reg was added."""
    return (s + b) * log1p(s / b) - s if b > 0.0 else np.inf


@jit.compiled
def scan(replica, counts, events, n_cut, points, full, b_reg, sums):
    """Fill the row of one replica in all sums; NaN if a class has no weight there.

    `n_cut` tells how many events pass each cut and rises, as the signal efficiencies
    `points` do; `full` are the sums to which s and b are scaled for the AMS.
    """
    total, passing = sums.total[replica], sums.passing[replica]
    efficiency, n_efficiency = sums.background_efficiency[replica]
    sum_up(counts, events, total, sums.loss[replica])
    if min(total) <= 0.0:
        total[:], passing[:] = np.nan, np.nan
        efficiency[:], n_efficiency[:] = np.nan, np.nan
        sums.area[replica], sums.max_ams[replica] = np.nan, np.nan
        return
    passing[:], efficiency[:], n_efficiency[:] = 0.0, total[1], total[3]
    scale_s, scale_b = full[0] / total[0], full[1] / total[1]
    s = b = n_s = n_b = area = n_area = best = 0.0
    wanted, n_wanted = points * total[0], points * total[2]
    i = at = n_at = 0
    i_cut = np.searchsorted(n_cut, 0, side="right")
    for end in events.n_passing:
        last_s, last_b, last_n_s, last_n_b = s, b, n_s, n_b
        while i < end:
            signal = counts[i] * events.is_signal[i]
            background = counts[i] - signal
            n_s, s = n_s + signal, s + signal * events.weight[i]
            n_b, b = n_b + background, b + background * events.weight[i]
            i += 1
        area += (b - last_b) * (s + last_s)
        n_area += (n_b - last_n_b) * (n_s + last_n_s)
        at = follow(wanted, at, last_s, s, last_b, b, efficiency)
        n_at = follow(n_wanted, n_at, last_n_s, n_s, last_n_b, n_b, n_efficiency)
        while i_cut < len(n_cut) and n_cut[i_cut] == end:
            passing[i_cut] = (s, b, n_s, n_b)
            i_cut += 1
        s_full, b_full = s * scale_s, max(b * scale_b, 0.0) + b_reg
        # No AMS is above s / sqrt(b), so that few logarithms are taken.
        if s_full > 0.0 and s_full * s_full > 2.0 * best * b_full:
            best = max(best, half_square(s_full, b_full))
    efficiency /= total[1]
    n_efficiency /= total[3]
    sums.area[replica] = area / (2 * s * b), n_area / (2 * n_s * n_b)
    sums.max_ams[replica] = np.sqrt(2 * best)
