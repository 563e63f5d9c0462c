"""Curves of every subset against the cut, with bands that hold 68 % of the replicas.

The bands are of the bootstrap over events.
"""

import numpy as np
import polars as pl

from hepfold.analysis import bootstrap, score_tables
from hepfold.core import metrics
from hepfold.data import datasets

# Points of a curve, spread evenly over the signal efficiency.
N_CURVE_POINTS = 200
# Percentiles between which a band lies: one standard deviation of a Gaussian.
BAND = (15.865, 84.135)


def roc_curves(
    scores: pl.DataFrame,
    definition: datasets.Dataset,
    n_replicas: int,
    seed: int,
    threads: int,
) -> pl.DataFrame:
    """Weighted background efficiency at signal efficiencies, for every subset.

    Between two cuts the curve is a straight line. Its last point is that of no cut.
    """
    wanted = np.arange(1, N_CURVE_POINTS) / N_CURVE_POINTS

    def curve(events: score_tables.ScoredEvents) -> pl.DataFrame:
        """The curve of one subset with its band."""
        arrays = events.score, events.label, events.weight
        _, signal, background = metrics.roc(*arrays)
        replicas = bootstrap.roc_band(*arrays, wanted, n_replicas, seed, threads)
        found = {"": at_signal_efficiency(wanted, signal, background)}
        found["_low"], found["_high"] = band(replicas)
        return pl.DataFrame(
            {
                "signal_efficiency": np.append(wanted, 1.0),
                **{
                    f"background_efficiency{end}": np.append(values, 1.0)
                    for end, values in found.items()
                },
            }
        )

    return score_tables.each_subset(scores, definition, curve)


def at_signal_efficiency(
    wanted: np.ndarray, signal: np.ndarray, background: np.ndarray
) -> np.ndarray:
    """Background efficiency where a ROC curve first reaches some signal efficiencies.

    Takes the efficiencies at all cuts, (n_cuts,), of which the last is one.
    """
    # Negative weights let it fall here and there.
    highest = np.maximum.accumulate(signal)
    at = np.searchsorted(highest, wanted).clip(max=len(signal) - 1)
    s, b = signal[at], background[at]
    s_before, b_before = np.append(0.0, signal)[at], np.append(0.0, background)[at]
    return b_before + (b - b_before) * (wanted - s_before) / (s - s_before)


def ams_curves(
    scores: pl.DataFrame,
    definition: datasets.Dataset,
    b_reg: float,
    chosen_cut: float,
    n_replicas: int,
    seed: int,
    threads: int,
) -> pl.DataFrame:
    """AMS against the cut for every subset.

    The chosen cut is one of the points; a maximum over all cuts of test events is not.
    """

    def curve(events: score_tables.ScoredEvents) -> pl.DataFrame:
        """The curve of one subset with its band."""
        arrays = events.score, events.label, events.weight
        cut, s, b = metrics.passing_sums(*arrays)
        last_passing = np.searchsorted(-cut, -chosen_cut, side="right") - 1
        at = np.union1d(spread_over(s / s[-1]), max(last_passing, 0))
        cut, s, b = cut[at], s[at], b[at]
        low, high = band(
            bootstrap.ams_band(*arrays, cut, b_reg, n_replicas, seed, threads)
        )
        ams = metrics.ams(s, b, b_reg)
        found = {"cut": cut, "s": s, "b": b, "ams": ams}
        return pl.DataFrame({**found, "ams_low": low, "ams_high": high})

    return score_tables.each_subset(scores, definition, curve)


def band(replicas: np.ndarray) -> np.ndarray:
    """Both ends, (2, n_points), of the band of replicas, (n_replicas, n_points)."""
    return np.nanpercentile(replicas, BAND, axis=0)


def spread_over(efficiency: np.ndarray) -> np.ndarray:
    """Positions in a rising efficiency, (n_cuts,), evenly spread; the ends are in."""
    wanted = np.linspace(efficiency[0], efficiency[-1], N_CURVE_POINTS)
    found = np.searchsorted(efficiency, wanted).clip(max=len(efficiency) - 1)
    return np.unique(found)
