"""Compiled code of the bootstrap: one pass over the sorted events of a replica.

A counter-based generator computes the count of an event directly from the seed, the
replica and the position of the event.
"""

from math import exp, factorial
from typing import NamedTuple

import numpy as np

from hepfold.core import jit, metrics

# In compiled code, unsigned integers only combine with unsigned integers.
u64, u32 = np.uint64, np.uint32
# Number i of the generator SplitMix64 (Steele, Lea, Flood 2014,
# doi:10.1145/2660193.2660195) is the mix of i * GOLDEN.
GOLDEN = u64(0x9E3779B97F4A7C15)
FACTORS = u64(0xBF58476D1CE4E5B9), u64(0x94D049BB133111EB)
SHIFTS = u64(30), u64(27), u64(31)
# The number of steps that 32 uniform bits reach has a Poisson distribution of mean one.
STEPS = tuple(
    u32(round(2**32 * exp(-1) * sum(1 / factorial(j) for j in range(k))))
    for k in range(1, 13)
)

# Compiled copy. Numba does not notice changes of `metrics.clipped_ams`: after an edit,
# delete the `__pycache__` next to this file.
ams = jit.part(metrics.clipped_ams)


class Ranked(NamedTuple):
    """Events by decreasing score, each (n_events,); ties end at `n_passing` (n_cuts,).

    `position` is the position of an event in the sample, `is_signal` one or zero.
    """

    position: np.ndarray
    is_signal: np.ndarray
    weight: np.ndarray
    loss: np.ndarray
    n_passing: np.ndarray


class Sums(NamedTuple):
    """Sums over the events of each replica, one row per replica.

    The dimension of size four holds s, b, n_s, n_b: sums of weights and numbers of
    events. `total` (n_rows, 4) sums all events, `passing` (n_rows, n_cuts, 4) those
    that pass each cut, and `loss` (n_rows, 4) the losses of all events. The dimension
    of size two is with and without weights: `area` (n_rows, 2) under the ROC curve, and
    `background_efficiency` (n_rows, 2, n_points) on it. `max_ams` (n_rows,) is the
    largest AMS over all cuts where the background is not negative.
    """

    total: np.ndarray
    loss: np.ndarray
    passing: np.ndarray
    area: np.ndarray
    background_efficiency: np.ndarray
    max_ams: np.ndarray


def empty_sums(n_rows: int, n_cuts: int, n_points: int) -> Sums:
    """Uninitialized sums, which `scan` fills row by row."""
    return Sums(
        total=np.empty((n_rows, 4)),
        loss=np.empty((n_rows, 4)),
        passing=np.empty((n_rows, n_cuts, 4)),
        area=np.empty((n_rows, 2)),
        background_efficiency=np.empty((n_rows, 2, n_points)),
        max_ams=np.empty(n_rows),
    )


@jit.part
def mixed(x):
    """The SplitMix64 finalizer: a bijection in which each bit depends on all bits."""
    x = (x ^ (x >> SHIFTS[0])) * FACTORS[0]
    x = (x ^ (x >> SHIFTS[1])) * FACTORS[1]
    return x ^ (x >> SHIFTS[2])


@jit.compiled
def draw(seed, replica, position, counts):
    """Write into `counts` how often each event counts in a replica."""
    key = mixed(mixed(seed + GOLDEN) + (replica + u64(1)) * GOLDEN)
    for i in range(len(position)):
        bits = u32(mixed(key + u64(position[i]) * GOLDEN) >> u64(32))
        count = 0
        for step in STEPS:
            count += bits >= step
        counts[i] = count


@jit.part
def sum_up(counts, events, total, loss):
    """Write the sums over all events into `total` and `loss`."""
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
    """Write the background at the points between two cuts, starting with point i.

    Points are increasing sums of signal; the ROC curve is linear between two cuts.
    If negative weights make it turn back, the first crossing of a point counts. Returns
    the index of the next point.
    """
    while i < len(points) and s >= points[i]:
        share = (points[i] - last_s) / (s - last_s) if s > last_s else 0.0
        background[i] = last_b + (b - last_b) * share
        i += 1
    return i


@jit.compiled
def scan(row, counts, events, n_cut, points, full, b_reg, sums):
    """Fill one row of `sums`, with NaN if a class has no positive sum of weights.

    `n_cut`, the numbers of events that pass each cut, and the signal efficiencies
    `points` increase. For the AMS, s and b are scaled to the sums `full`.
    """
    total, passing = sums.total[row], sums.passing[row]
    efficiency, n_efficiency = sums.background_efficiency[row]
    sum_up(counts, events, total, sums.loss[row])
    if min(total) <= 0.0:
        total[:], passing[:] = np.nan, np.nan
        efficiency[:], n_efficiency[:] = np.nan, np.nan
        sums.area[row], sums.max_ams[row] = np.nan, np.nan
        return
    passing[:], efficiency[:], n_efficiency[:] = 0.0, total[1], total[3]
    scale_s, scale_b = full[0] / total[0], full[1] / total[1]
    s = b = n_s = n_b = area = n_area = best = 0.0
    s_points, n_s_points = points * total[0], points * total[2]
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
        at = follow(s_points, at, last_s, s, last_b, b, efficiency)
        n_at = follow(n_s_points, n_at, last_n_s, n_s, last_n_b, n_b, n_efficiency)
        while i_cut < len(n_cut) and n_cut[i_cut] == end:
            passing[i_cut] = (s, b, n_s, n_b)
            i_cut += 1
        s_full, b_full = s * scale_s, b * scale_b
        if s_full <= 0.0 or b_full < 0.0:
            continue
        # The bound AMS <= s / sqrt(b + b_reg) avoids most logarithms.
        if s_full**2 > best**2 * (b_full + b_reg):
            best = max(best, ams(s_full, b_full, b_reg))
    efficiency /= total[1]
    n_efficiency /= total[3]
    sums.area[row] = area / (2 * s * b), n_area / (2 * n_s * n_b)
    sums.max_ams[row] = best
