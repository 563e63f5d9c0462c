"""Distributions of scores: expected events, and fractions of signal (reliability).

Uncertainties are MC statistical uncertainties, from sums of squared weights. Weights
count with their sign: expected events of a bin can be negative. A ratio or fraction
whose denominator is not positive is null.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from hepfold.analysis import score_tables
from hepfold.core import columns, tables
from hepfold.data import declared_processes, weights

N_SCORE_BINS = 25
N_RELIABILITY_BINS = 20
ALL = "all"


def score_histograms(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    processes: tuple[declared_processes.DeclaredProcess, ...] = (),
) -> pl.DataFrame:
    """Expected events per bin of the score, of each class and of both, by subset.

    `process` is null in these rows; rows of single processes follow if there are more
    processes than classes. `ratio` is relative to out-of-fold events. Its uncertainty
    comes from the subset only; the uncertainty of out-of-fold events is a band around
    one.
    """
    edges = np.linspace(0, 1, N_SCORE_BINS + 1)
    shown = processes if declared_processes.are_several(processes) else ()

    def histogram(events: score_tables.ScoredEvents) -> pl.DataFrame:
        """Both classes of one subset, their sum, and the processes shown."""
        by_process = of_processes(events, edges, shown)
        return pl.concat([*of_classes(events, edges), *by_process])

    return with_ratios(score_tables.each_subset(scores, expected, histogram))


def of_classes(
    events: score_tables.ScoredEvents, edges: np.ndarray
) -> Iterator[pl.DataFrame]:
    """One table for each class, and one of both."""
    for label, name in columns.CLASS_NAMES.items():
        yield expected_events(events.take(events.label == label), edges, name)
    yield expected_events(events, edges, ALL)


def of_processes(
    events: score_tables.ScoredEvents,
    edges: np.ndarray,
    processes: tuple[declared_processes.DeclaredProcess, ...],
) -> Iterator[pl.DataFrame]:
    """One table for each process."""
    for process in processes:
        chosen = (events.process == process.name).to_numpy()
        name = columns.CLASS_NAMES[process.label]
        yield expected_events(events.take(chosen), edges, name, process.name)


def with_ratios(table: pl.DataFrame) -> pl.DataFrame:
    """The histograms with ratios to those of out-of-fold events."""
    keys = ["events", columns.PROCESS, "low"]
    oof = table.filter(subset="oof").select(*keys, oof="expected")
    both = table.join(oof, on=keys, how="left", maintain_order="left", nulls_equal=True)
    reference = both["oof"].to_numpy()
    return table.with_columns(
        pl.Series(name, quotient(table[column].to_numpy(), reference))
        for name, column in (("ratio", "expected"), ("ratio_unc", "expected_unc"))
    ).fill_nan(None)


def expected_events(
    events: score_tables.ScoredEvents,
    edges: np.ndarray,
    name: str,
    process: str | None = None,
) -> pl.DataFrame:
    """Sum of weights in bins of the score, with the names of the events."""
    total, squares = sums(events.score, events.weight, edges)
    bins = {
        "low": edges[:-1],
        "high": edges[1:],
        "expected": total,
        "expected_unc": np.sqrt(squares),
    }
    of_process = pl.lit(process, pl.String).alias(columns.PROCESS)
    named = pl.DataFrame(bins).select(of_process, pl.all())
    return tables.named_rows(named, {"events": name})


def reliability(scores: pl.DataFrame, expected: score_tables.Expected) -> pl.DataFrame:
    """Fraction of signal and mean score in bins of the score, for every subset.

    Both classes have the same sum of weights, as in training: the fraction equals the
    score if the score is the probability of signal. `share` is the fraction of all
    weights that is in the bin. Fraction and mean score of a bin without a positive sum
    of weights are null.
    """
    edges = np.linspace(0, 1, N_RELIABILITY_BINS + 1)

    def bins(events: score_tables.ScoredEvents) -> pl.DataFrame:
        """Fraction and share in the bins of one subset."""
        weight = weights.balance(events.weight, events.label)
        is_signal = events.label == columns.SIGNAL
        s, s_squares = sums(events.score[is_signal], weight[is_signal], edges)
        b, b_squares = sums(events.score[~is_signal], weight[~is_signal], edges)
        of_score, _ = sums(events.score, weight * events.score, edges)
        total = s + b
        # Propagated from two independent sums of weights.
        variance = quotient(b**2 * s_squares + s**2 * b_squares, total**4)
        return pl.DataFrame(
            {
                "low": edges[:-1],
                "high": edges[1:],
                "mean_score": quotient(of_score, total),
                "signal_fraction": quotient(s, total),
                "signal_fraction_unc": np.sqrt(np.where(total > 0, variance, np.nan)),
                "share": total / total.sum(),
            }
        ).fill_nan(None)

    return score_tables.each_subset(scores, expected, bins)


def calibration_error(bins: pl.DataFrame) -> float:
    """Mean distance between signal fraction and mean score in the bins of one subset.

    The expected calibration error (Naeini et al. 2015, AAAI) of the signal class.
    """
    distance = (pl.col("signal_fraction") - pl.col("mean_score")).abs()
    return bins.select((distance * pl.col("share")).sum()).item()


def calibration_noise(bins: pl.DataFrame) -> float:
    """The calibration error that calibrated scores have by chance.

    The mean absolute value of a Gaussian deviation is its standard deviation times the
    root of 2 / pi.
    """
    distance = np.sqrt(2 / np.pi) * pl.col("signal_fraction_unc")
    return bins.select((distance * pl.col("share")).sum()).item()


def sums(
    values: np.ndarray, weight: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of weights and of squared weights in bins, both (n_bins,)."""
    total, _ = np.histogram(values, edges, weights=weight)
    squares, _ = np.histogram(values, edges, weights=weight**2)
    return total, squares


def quotient(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Quotient of two arrays, NaN where the divisor is not positive."""
    undefined = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=undefined, where=whole > 0)


def edges_of(bins: pl.DataFrame) -> np.ndarray:
    """Edges, (n_bins + 1,), of the bins in the rows of a table."""
    return np.append(bins["low"].unique().sort(), bins["high"].max())
