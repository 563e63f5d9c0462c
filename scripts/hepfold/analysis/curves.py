"""ROC and AMS curves of every subset, with 68 % bootstrap bands."""

import numpy as np
import polars as pl

from hepfold.analysis import bootstrap, cut_choice, score_tables
from hepfold.core import metrics

# Points per curve, evenly spaced in signal efficiency.
N_CURVE_POINTS = 200
# Percentiles at the edges of a band: one standard deviation of a Gaussian.
BAND = (15.865, 84.135)


def roc_curves(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    n_replicas: int,
    seed: int,
    threads: int,
) -> pl.DataFrame:
    """Weighted background efficiency against signal efficiency, for every subset.

    The curve is linear between two cuts. All events pass at its last point. With
    negative weights, efficiencies are signed sums: they can be negative or turn back,
    and each signal efficiency is taken where falling cuts first reach it.
    """
    points = np.arange(1, N_CURVE_POINTS) / N_CURVE_POINTS

    def curve(events: score_tables.ScoredEvents) -> pl.DataFrame:
        """The curve of one subset with its band."""
        sums = bootstrap.resampled(events, n_replicas, seed, threads, points=points)
        efficiency = sums.background_efficiency[:, 0]
        low, high = band(efficiency[1:])
        return pl.DataFrame(
            {
                "signal_efficiency": np.append(points, 1.0),
                "background_efficiency": np.append(efficiency[0], 1.0),
                "background_efficiency_low": np.append(low, 1.0),
                "background_efficiency_high": np.append(high, 1.0),
            }
        )

    return score_tables.each_subset(scores, expected, curve)


def ams_curves(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    b_reg: float,
    chosen_cut: float,
    n_replicas: int,
    seed: int,
    threads: int,
) -> pl.DataFrame:
    """AMS against the cut, for every subset; the chosen cut is one of the points.

    The AMS is null where the background is negative, or zero without a regularizer.
    """

    def curve(events: score_tables.ScoredEvents) -> pl.DataFrame:
        """The curve of one subset with its band."""
        cut, s, b = metrics.passing_sums(events.score, events.label, events.weight)
        i_chosen = np.searchsorted(-cut, -chosen_cut, side="right") - 1
        spread = cut_choice.evenly_spread(s / s[-1], N_CURVE_POINTS)
        index = np.union1d(spread, max(i_chosen, 0))
        cut, s, b = cut[index], s[index], b[index]
        sums = bootstrap.resampled(events, n_replicas, seed, threads, cuts=cut)
        ams = metrics.ams(*bootstrap.scaled_sums(sums, events), b_reg)
        low, high = band(ams[1:])
        ends = {"ams_low": low, "ams_high": high}
        points = pl.DataFrame({"cut": cut, "s": s, "b": b, "ams": ams[0], **ends})
        values = pl.col("ams", "ams_low", "ams_high")
        return points.with_columns(pl.when(values.is_finite()).then(values))

    return score_tables.each_subset(scores, expected, curve)


def band(replicas: np.ndarray) -> np.ndarray:
    """Edges (2, n_points) of the band that replicas (n_replicas, n_points) span.

    NaN at points at which no replica is defined.
    """
    edges = np.full((2, replicas.shape[1]), np.nan)
    is_known = ~np.isnan(replicas).all(axis=0)
    edges[:, is_known] = np.nanpercentile(replicas[:, is_known], BAND, axis=0)
    return edges
