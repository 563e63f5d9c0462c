"""Blinding of recorded collisions: which bins stay closed, and counts in open bins.

A bin is closed if any part of it is above the cut of the model or, if a limit is set,
if its ratio of expected signal to background exceeds the limit. The spectrum contains
events above the cut, so without a limit all of its bins are closed. No output depends
on recorded events in closed bins.
"""

import numpy as np
import polars as pl

from hepfold.analysis import observables, score_bins, score_tables
from hepfold.core import columns


def is_closed(
    bins: pl.DataFrame,
    observable: observables.Observable,
    cut: float | None,
    max_s_over_b: float | None,
) -> np.ndarray:
    """Mask (n_bins,) of the bins that are closed while the data set is blinded.

    All are closed if no cut could be chosen.
    """
    if max_s_over_b is not None:
        highest = max_s_over_b * bins["background"]
        return (bins["signal"] > highest).to_numpy()
    if cut is None or not observable.is_score:
        return np.ones(len(bins), bool)
    return bins["high"].to_numpy() > cut


def counts(
    recorded: pl.DataFrame,
    bins: pl.DataFrame,
    observable: observables.Observable,
    closed: np.ndarray,
) -> list[int | None]:
    """Recorded events in each bin, None in closed bins."""
    chosen = observable.chosen(recorded)
    n_events = len(chosen)
    ones = np.ones(n_events)
    events = score_tables.ScoredEvents(
        observable.values(chosen),
        np.zeros(n_events, "i1"),
        ones,
        region=chosen[columns.REGION] if columns.REGION in chosen.columns else None,
    )
    observed: list[int | None] = []
    for (channel,), of_channel in bins.group_by("channel", maintain_order=True):
        inside = score_bins.in_channel(events, channel)
        total, _ = score_bins.sums(inside, of_channel["low"][1:].to_numpy())
        observed += [int(n) for n in total]
    return [None if hidden else n for n, hidden in zip(observed, closed, strict=True)]
