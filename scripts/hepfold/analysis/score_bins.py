"""Bins of the score, chosen on out-of-fold events and filled with test events."""

import logging

import numpy as np
import polars as pl

from hepfold.analysis import score_tables
from hepfold.core import columns, logs, metrics, settings

# The first of these subsets that a data set has fills the bins.
FILLED_WITH = ("private", "test", "public", "oof")


def binned_score(
    scores: pl.DataFrame, expected: score_tables.Expected, inference: settings.Inference
) -> tuple[pl.DataFrame, str]:
    """Expected signal and background in bins of the score, and the subset used.

    Returns the table of `filled` and one of FILLED_WITH. Test events do not enter the
    choice of bins, but bins with too few of them are merged.

    Raises
    ------
    logs.InputError
        If fewer than two bins remain.
    """
    subsets = score_tables.evaluated_subsets(scores, expected)
    name = next(name for name in FILLED_WITH if name in subsets)
    cuts = chosen = chosen_cuts(subsets["oof"], inference)
    if name != "oof":
        cuts = merged_cuts(subsets[name], chosen, inference)
    if len(cuts) == 0:
        raise logs.InputError(
            f"the {len(subsets[name].score)} {name} events fill fewer than two bins of "
            "the score: each bin needs at least inference.min_background = "
            f"{inference.min_background:g} expected background events, with a relative "
            "uncertainty of at most inference.max_uncertainty = "
            f"{inference.max_uncertainty:g}, and no negative sum of signal weights"
        )
    if len(cuts) < len(chosen):
        n_merged = len(chosen) - len(cuts)
        logging.info("Merged %d bins with too few %s events.", n_merged, name)
    return filled(subsets[name], cuts), name


def chosen_cuts(
    events: score_tables.ScoredEvents, inference: settings.Inference
) -> np.ndarray:
    """Increasing cuts (n_cuts,) between at most `n_bins` bins of equal signal.

    Starting at high scores, a bin grows until it holds its share of the remaining
    signal and `is_enough`. The last bin takes the rest, and is merged with the one
    above if that is too little. Only the order of scores matters; each cut is the score
    of an event.
    """
    cut, sums = passing_sums(events)
    # Sums above the lower edge of each bin, from the high end.
    edges, cuts, start = [np.zeros(3)], [], 0
    for n_left in range(inference.n_bins, 1, -1):
        inside = sums[:, start:] - edges[-1][:, None]
        grown = inside[0] >= inside[0, -1] / n_left
        grown &= is_enough(*inside, inference)
        i_edge = start + grown.argmax()
        if not grown.any() or i_edge == len(cut) - 1:
            break
        edges.append(sums[:, i_edge])
        cuts.append(cut[i_edge])
        start = i_edge + 1
    while cuts and not is_enough(*(sums[:, -1] - edges[len(cuts)]), inference):
        cuts.pop()
    return np.array(cuts[::-1])


def is_enough(
    signal: np.ndarray,
    background: np.ndarray,
    squares: np.ndarray,
    inference: settings.Inference,
) -> np.ndarray:
    """Whether a bin has enough events.

    It needs at least `min_background` expected background events, which is positive,
    with a relative uncertainty, from the sum of squared weights, of at most
    `max_uncertainty`, and a signal that is not negative: negative weights leave no
    negative bin in a template.
    """
    largest = inference.max_uncertainty * background
    is_known = (background >= inference.min_background) & (squares <= largest**2)
    return is_known & (signal >= 0)


def passing_sums(events: score_tables.ScoredEvents) -> tuple[np.ndarray, np.ndarray]:
    """Every distinct score as a cut, in decreasing order, and sums of passing events.

    The sums (3, n_cuts) are s, b and the sum of squared background weights.
    """
    cut, s, b = metrics.passing_sums(events.score, events.label, events.weight)
    _, _, squares = metrics.passing_sums(events.score, events.label, events.weight**2)
    return cut, np.stack([s, b, squares])


def merged_cuts(
    events: score_tables.ScoredEvents, cuts: np.ndarray, inference: settings.Inference
) -> np.ndarray:
    """The cuts after merging bins that do not have enough of these events.

    Such a bin is merged with the next lower one, the lowest with the next higher one.
    """
    while len(cuts):
        bins = filled(events, cuts)
        signal, background, unc = (
            bins[name].to_numpy() for name in ("signal", "background", "background_unc")
        )
        lacking = np.flatnonzero(~is_enough(signal, background, unc**2, inference))
        if len(lacking) == 0:
            break
        cuts = np.delete(cuts, max(lacking[-1] - 1, 0))
    return cuts


def filled(events: score_tables.ScoredEvents, cuts: np.ndarray) -> pl.DataFrame:
    """Expected events in the bins between increasing cuts, lowest bin first.

    The columns are low, high, signal, background and background_unc, its statistical
    uncertainty. A score equal to a cut passes it.
    """
    position = np.searchsorted(cuts, events.score, side="right")
    n_bins = len(cuts) + 1

    def total(label: int, weight: np.ndarray) -> np.ndarray:
        """Sum of weights of a class in each bin."""
        of_class = events.label == label
        return np.bincount(position[of_class], weight[of_class], n_bins)

    return pl.DataFrame(
        {
            "low": np.append(0.0, cuts),
            "high": np.append(cuts, 1.0),
            "signal": total(columns.SIGNAL, events.weight),
            "background": total(columns.BACKGROUND, events.weight),
            "background_unc": np.sqrt(total(columns.BACKGROUND, events.weight**2)),
        }
    )
