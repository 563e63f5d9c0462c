"""The cut of each figure of merit that needs one.

A figure of merit and its cut belong together: the best cut for an AMS with a large
regularizer is not the best cut for a significance. Each cut is therefore chosen for the
figure of merit that is quoted at it.
"""

import numpy as np

from hepfold.analysis import score_tables
from hepfold.core import columns, metrics, settings

# Number of cuts, evenly spaced in signal efficiency, among which replicas choose. The
# smoothing window of a hundred million signal events still spans 70 of them.
N_GRID = 1000
# Figures of merit that need a cut.
FIGURES = ("ams", "significance", "significance_syst")


def merits(
    s: np.ndarray, b: np.ndarray, b_reg: float, background_uncertainty: float
) -> dict[str, np.ndarray]:
    """Figures of merit with a cut, by name, from passing sums of any shape."""
    b_unc = background_uncertainty * b
    return {
        "ams": metrics.ams(s, b, b_reg),
        "significance": metrics.significance(s, b),
        "significance_syst": metrics.significance_syst(s, b, b_unc),
    }


def chosen(
    events: score_tables.ScoredEvents, b_reg: float, evaluation: settings.Evaluation
) -> dict[str, float]:
    """The best cut of each figure of merit, by name."""
    cut, s, b = metrics.passing_sums(events.score, events.label, events.weight)
    n_signal = np.sum(events.label == columns.SIGNAL)
    by_name = merits(s, b, b_reg, evaluation.background_uncertainty)
    return {
        name: float(cut[best(s, values, evaluation.cut, n_signal)])
        for name, values in by_name.items()
    }


def best(s: np.ndarray, values: np.ndarray, kind: str, n_signal: int) -> int:
    """Index of the cut with the largest value, for `kind` other than `plain` smoothed.

    The plain maximum follows the fluctuations of a few events; the fewer events there
    are, the more it loses on other events. `benchmarks/cut.py` compares both. A cut
    with a negative sum of passing background weights is never chosen, nor one at which
    an estimated background of zero makes the figure infinite.
    """
    if kind == "plain":
        return int(np.argmax(np.where(np.isfinite(values), values, -1.0)))
    return metrics.smoothed_best(s, values, metrics.smoothing_width(n_signal))


def chosen_in_replicas(
    s: np.ndarray, by_name: dict[str, np.ndarray], kind: str, n_signal: int
) -> dict[str, np.ndarray]:
    """Index of the best cut in each replica, (n_rows,), of each figure of merit.

    Takes passing sums (n_rows, n_cuts) of signal, and the figures of merit there. The
    index is -1 in a replica in which no cut has a value.
    """
    return {
        name: np.array(
            [
                best(*row, kind, n_signal) if (~np.isnan(row[1])).any() else -1
                for row in zip(s, values, strict=True)
            ]
        )
        for name, values in by_name.items()
    }


def variances(
    s: np.ndarray, by_name: dict[str, np.ndarray], kind: str, n_signal: int
) -> dict[str, float]:
    """Variance of each figure of merit from the choice of its cut.

    Takes passing sums (n_rows, n_cuts) of signal on a grid, and the figures there; the
    first row is the sample, the others are replicas, each of which chooses a cut. The
    figure at that cut is taken from the smoothed curve of the sample, because
    fluctuations of the curve itself are an uncertainty from the events. NaN without
    replicas.
    """
    width = metrics.smoothing_width(n_signal)
    efficiency = metrics.signal_efficiency(s[0])
    of_choice = {}
    for name, index in chosen_in_replicas(s, by_name, kind, n_signal).items():
        center, mean = metrics.smoothed(s[0], by_name[name][0], width)
        chosen_index = index[1:][index[1:] >= 0]
        values = np.interp(efficiency[chosen_index], center, mean)
        of_choice[name] = float(np.var(values)) if len(values) else float("nan")
    return of_choice


def grid(events: score_tables.ScoredEvents) -> np.ndarray:
    """Cuts in decreasing order, evenly spaced in signal efficiency."""
    cut, s, _ = metrics.passing_sums(events.score, events.label, events.weight)
    return cut[evenly_spread(s / s[-1], N_GRID)]


def evenly_spread(efficiency: np.ndarray, n_points: int) -> np.ndarray:
    """Indices of cuts evenly spaced in efficiency (n_cuts,), including both ends.

    If negative weights make the efficiency fall, its largest value so far counts.
    """
    efficiency = np.maximum.accumulate(efficiency)
    points = np.linspace(efficiency[0], efficiency[-1], n_points)
    return np.unique(np.searchsorted(efficiency, points).clip(max=len(efficiency) - 1))
