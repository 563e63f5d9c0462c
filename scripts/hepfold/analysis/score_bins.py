"""Bins of the score, chosen on out-of-fold events and filled with test events."""

import logging
from collections.abc import Iterable

import numpy as np
import polars as pl

from hepfold.analysis import score_tables
from hepfold.core import columns, logs, metrics, settings, tables

# Name of the only channel of a data set without regions.
ALL_EVENTS = "score"
# The first of these subsets that exists fills the bins.
FILLED_WITH = ("private", "test", "public", "oof")


def filling_subset(present: Iterable[str]) -> str:
    """The subset that fills the bins of the fit, of those that are present."""
    names = set(present)
    return next(name for name in FILLED_WITH if name in names)


def binned_score(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    inference: settings.Inference,
    regions: tuple[str, ...] = (),
) -> tuple[pl.DataFrame, str]:
    """Expected signal and background in bins of the score, and the subset used.

    Returns the table of `filled`, with the column `channel`, and one of FILLED_WITH.
    Each region is a channel with its own bins; without regions, one channel has all
    events. Test events do not influence the choice of bins, but bins with too few of
    them are merged.

    Raises
    ------
    logs.InputError
        If fewer than two bins remain, or a region has no bin.
    """
    subsets = score_tables.evaluated_subsets(scores, expected)
    name = filling_subset(subsets)
    channels = []
    for channel in regions or (ALL_EVENTS,):
        of_channel = {n: in_channel(subsets[n], channel) for n in ("oof", name)}
        cuts = cuts_of(of_channel, name, inference)
        bins = filled(of_channel[name], cuts)
        if len(cuts) == 0 and not (regions and are_enough(bins, inference).all()):
            n_events = len(of_channel[name].score)
            place = f" of region {channel}" if regions else ""
            n_bins = "no bin" if regions else "fewer than two bins"
            raise logs.InputError(
                f"the {n_events} {name} events{place} fill {n_bins} of the score: "
                f"{requirement(inference)}"
            )
        channels.append(tables.named_rows(bins, {"channel": channel}))
    return pl.concat(channels), name


def requirement(inference: settings.Inference) -> str:
    """What each bin needs, for error messages."""
    return (
        "each bin needs at least inference.min_background = "
        f"{inference.min_background:g} expected background events, with a relative "
        "uncertainty of at most inference.max_uncertainty = "
        f"{inference.max_uncertainty:g}, and no negative sum of signal weights"
    )


def in_channel(
    events: score_tables.ScoredEvents, channel: str
) -> score_tables.ScoredEvents:
    """The events of a channel: of a region, or all in a data set without regions."""
    if events.region is None:
        return events
    return events.take((events.region == channel).to_numpy())


def cuts_of(
    of_channel: dict[str, score_tables.ScoredEvents],
    name: str,
    inference: settings.Inference,
) -> np.ndarray:
    """Cuts chosen on out-of-fold events, merged for the events that fill the bins.

    `of_channel` holds both by name of their subset; the subset `name` fills the bins.
    """
    if len(of_channel["oof"].score) == 0:
        return np.array([])
    cuts = chosen = chosen_cuts(of_channel["oof"], inference)
    if name != "oof":
        cuts = merged_cuts(of_channel[name], chosen, inference)
    if 0 < len(cuts) < len(chosen):
        n_merged = len(chosen) - len(cuts)
        logging.info("Merged %d bins with too few %s events.", n_merged, name)
    return cuts


def are_enough(bins: pl.DataFrame, inference: settings.Inference) -> np.ndarray:
    """Whether each of the bins of `filled` has enough events."""
    signal, background, unc = (
        bins[name].to_numpy() for name in ("signal", "background", "background_unc")
    )
    return is_enough(signal, background, unc**2, inference)


def chosen_cuts(
    events: score_tables.ScoredEvents, inference: settings.Inference
) -> np.ndarray:
    """Increasing cuts (n_cuts,) between at most `n_bins` bins of equal signal.

    Starting at high scores, a bin grows until it holds its share of the remaining
    signal and `is_enough`. The last bin takes the rest, and is merged with the bin
    above if it has too few events. Only the order of scores matters; each cut is the
    score of an event.
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
    `max_uncertainty`, and a signal that is not negative, so that no bin of a template
    is negative.
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

    Such a bin is merged with the next lower one, the lowest bin with the next higher
    one.
    """
    while len(cuts):
        lacking = np.flatnonzero(~are_enough(filled(events, cuts), inference))
        if len(lacking) == 0:
            break
        cuts = np.delete(cuts, max(lacking[-1] - 1, 0))
    return cuts


def filled(events: score_tables.ScoredEvents, cuts: np.ndarray) -> pl.DataFrame:
    """Expected events in the bins between increasing cuts, lowest bin first.

    The columns are low, high, signal, background and background_unc, its statistical
    uncertainty. A score equal to a cut passes it.
    """
    signal, _ = sums(events.take(events.label == columns.SIGNAL), cuts)
    background, squares = sums(events.take(events.label == columns.BACKGROUND), cuts)
    return pl.DataFrame(
        {
            "low": np.append(0.0, cuts),
            "high": np.append(cuts, 1.0),
            "signal": signal,
            "background": background,
            "background_unc": np.sqrt(squares),
        }
    )


def sums(
    events: score_tables.ScoredEvents, cuts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of weights and of squared weights between cuts, both (n_bins,)."""
    position, n_bins = np.searchsorted(cuts, events.score, side="right"), len(cuts) + 1
    # Without events, the counts would be integers.
    total, squares = (
        np.bincount(position, weight, n_bins).astype("f8")
        for weight in (events.weight, events.weight**2)
    )
    return total, squares
