"""Curves of every subset against the cut, with bands that hold 68 % of the replicas.

The bands are of the bootstrap over events.
"""

import numpy as np
import polars as pl

from hepfold import bootstrap, columns, datasets, evaluation, metrics

# Points of a curve, spread evenly over the signal efficiency.
N_CURVE_POINTS = 200
# Percentiles between which a band lies.
BAND = (15.865, 84.135)


def roc_curves(
    scores: pl.DataFrame, definition: datasets.Dataset, n_replicas: int, seed: int
) -> pl.DataFrame:
    """Weighted background efficiency at signal efficiencies, for every subset."""
    signal_efficiency = np.arange(1, N_CURVE_POINTS + 1) / N_CURVE_POINTS

    def curve(events: evaluation.ScoredEvents) -> pl.DataFrame:
        """The curve of one subset with its band."""
        cut, signal, background = metrics.roc(
            events.score, events.label, events.weight
        )
        at = np.searchsorted(signal, signal_efficiency).clip(max=len(cut) - 1)
        replicas = bootstrap.roc_band(
            events.score,
            events.label,
            events.weight,
            signal_efficiency,
            n_replicas,
            seed,
        )
        points = {
            "signal_efficiency": signal_efficiency,
            "cut": cut[at],
            "background_efficiency": background[at],
        }
        return with_band(pl.DataFrame(points), "background_efficiency", replicas)

    return evaluation.each_subset(scores, definition, curve)


def ams_curves(
    scores: pl.DataFrame,
    definition: datasets.Dataset,
    b_reg: float,
    chosen_cut: float,
    n_replicas: int,
    seed: int,
) -> pl.DataFrame:
    """AMS against the cut for every subset.

    The chosen cut is one of the points; a maximum over all cuts of test events is not.
    """

    def curve(events: evaluation.ScoredEvents) -> pl.DataFrame:
        """The curve of one subset with its band."""
        cut, s, b = metrics.passing_sums(events.score, events.label, events.weight)
        ams = metrics.ams(s, b, b_reg)
        last_passing = np.searchsorted(-cut, -chosen_cut, side="right") - 1
        at = np.union1d(spread_over(s / s[-1]), max(last_passing, 0))
        replicas = bootstrap.ams_band(
            events.score,
            events.label,
            events.weight,
            cut[at],
            b_reg,
            n_replicas,
            seed,
        )
        points = pl.DataFrame({"cut": cut, "s": s, "b": b, "ams": ams})[at]
        return with_band(points, "ams", replicas)

    return evaluation.each_subset(scores, definition, curve)


def with_band(table: pl.DataFrame, column: str, replicas: np.ndarray) -> pl.DataFrame:
    """A table with the ends of the band of a column, from (n_replicas, n_rows)."""
    low, high = np.percentile(replicas, BAND, axis=0)
    return table.with_columns(
        pl.Series(f"{column}_low", low), pl.Series(f"{column}_high", high)
    )


def spread_over(efficiency: np.ndarray) -> np.ndarray:
    """Positions in a rising efficiency, (n_cuts,), evenly spread; the ends are in."""
    wanted = np.linspace(efficiency[0], efficiency[-1], N_CURVE_POINTS)
    found = np.searchsorted(efficiency, wanted).clip(max=len(efficiency) - 1)
    return np.unique(found)
