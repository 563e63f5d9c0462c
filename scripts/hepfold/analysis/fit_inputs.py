"""Inputs of the fit of one observable: bins, templates, effects and counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.analysis import (
    blinding,
    observables,
    process_templates,
    score_bins,
    score_tables,
    template_effects,
    varied_templates,
)
from hepfold.core import columns, settings


@dataclass(frozen=True)
class Analysis:
    """Scored events of a data set, and the settings of the fit.

    `mirrored` are the systematics for which only the direction up is declared.
    `recorded` are scored collisions, None if the data set has none. `cut` is the cut on
    the score.
    """

    scores: pl.DataFrame
    expected: score_tables.Expected
    inference: settings.Inference
    processes: process_templates.Processes
    regions: tuple[str, ...] = ()
    variations: Sequence[varied_templates.Variation] = ()
    mirrored: Sequence[str] = ()
    recorded: pl.DataFrame | None = None
    cut: float | None = None
    is_blinded: bool = True


@dataclass(frozen=True)
class Inputs:
    """Inputs of the fit.

    `bins` is the table of `score_bins.binned_score`, `templates` the table of
    `process_templates` without negative contents. `varied` and `effects` are empty
    without systematics. `observed` has a count for each bin, None in closed bins; it is
    None without recorded events. `closed` (n_bins,) masks bins that stay blinded.
    """

    observable: observables.Observable
    subset: str
    bins: pl.DataFrame
    templates: pl.DataFrame
    varied: pl.DataFrame
    effects: pl.DataFrame
    closed: np.ndarray
    observed: list[int | None] | None

    @property
    def is_observed(self) -> bool:
        """Whether there are recorded events, and no bin is blinded."""
        return self.observed is not None and None not in self.observed


def of_score(analysis: Analysis) -> Inputs:
    """The score in bins chosen on out-of-fold events."""
    bins, subset = score_bins.binned_score(
        analysis.scores, analysis.expected, analysis.inference, analysis.regions
    )
    return of_bins(analysis, observables.Observable(), bins, subset)


def of_spectrum(
    analysis: Analysis, observable: observables.Observable
) -> Inputs | None:
    """The spectrum above the cut in equal bins; None if no region fills a bin."""
    present = set(analysis.scores[columns.SUBSET])
    keys = {name: key for key, name in score_tables.SUBSET_KEYS.items()}
    subset = score_bins.filling_subset(n for n, key in keys.items() if key in present)
    tables = {n: scaled(analysis, keys[n])[1] for n in ("oof", subset)}
    bins = observables.spectrum_bins(
        tables, observable, analysis.inference, analysis.regions
    )
    return None if bins.is_empty() else of_bins(analysis, observable, bins, subset)


def scaled(analysis: Analysis, subset: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events of a subset, and the same events with scaled weights."""
    nominal = analysis.scores.filter(pl.col(columns.SUBSET) == subset)
    events = score_tables.scored_events(analysis.scores, subset, analysis.expected)
    return nominal, nominal.with_columns(pl.Series(columns.WEIGHT, events.weight))


def of_bins(
    analysis: Analysis,
    observable: observables.Observable,
    bins: pl.DataFrame,
    subset: str,
) -> Inputs:
    """Templates in given bins, and counts in bins that are not blinded."""
    keys = {name: key for key, name in score_tables.SUBSET_KEYS.items()}
    nominal, events = scaled(analysis, keys[subset])
    templates = process_templates.without_negative(
        process_templates.filled(observable.events(events), bins, analysis.processes)
    )
    scale = varied_templates.factors(nominal, events)
    parts = [
        varied_templates.filled(
            variation, nominal, scale, observable, bins, analysis.processes
        )
        for variation in analysis.variations
    ]
    varied = pl.concat(parts) if parts else pl.DataFrame()
    effects = template_effects.table(
        templates, varied, analysis.mirrored, analysis.inference.prune
    )
    closed = blinding.is_closed(
        bins, observable, analysis.cut, analysis.inference.max_s_over_b
    )
    closed = closed & analysis.is_blinded
    observed = None
    if analysis.recorded is not None:
        observed = blinding.counts(analysis.recorded, bins, observable, closed)
    return Inputs(
        observable, subset, bins, templates, varied, effects, closed, observed
    )


def record(inputs: Inputs) -> dict:
    """The inputs as plain values, for a JSON file."""
    bins = inputs.bins
    if inputs.observed is not None:
        observed = pl.Series("observed", inputs.observed, dtype=pl.Int64)
        bins = bins.with_columns(observed, pl.Series("blinded", inputs.closed))
    result = {
        "axis": inputs.observable.title,
        "bins": bins.to_dicts(),
        "templates": inputs.templates.to_dicts(),
    }
    if not inputs.varied.is_empty():
        result |= {
            "varied": inputs.varied.to_dicts(),
            "effects": inputs.effects.to_dicts(),
        }
    return result
