"""The fitted observable: the score of all events, or the spectrum above the cut."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.analysis import score_bins, score_tables
from hepfold.core import columns, logs, settings, settings_datasets, tables

# Central fraction of the spectrum, of both classes together, that is divided into equal
# bins. The outermost bins include underflow and overflow.
SPAN = 0.98


@dataclass(frozen=True)
class Observable:
    """A column of scored events, times a factor, for events that pass a cut.

    `cut` is None for all events. `title` is the title of the axis.
    """

    column: str = columns.SCORE
    title: str = "Score"
    scale: float = 1.0
    cut: float | None = None

    @property
    def is_score(self) -> bool:
        """Whether the observable is the score."""
        return self.column == columns.SCORE

    def chosen(self, table: pl.DataFrame) -> pl.DataFrame:
        """The events that have a value and pass the cut."""
        value = pl.col(self.column)
        table = table.filter(value.is_not_null() & value.is_not_nan())
        if self.cut is None:
            return table
        return table.filter(pl.col(columns.SCORE) >= self.cut)

    def values(self, table: pl.DataFrame) -> np.ndarray:
        """The values (n_events,) of chosen events."""
        return table[self.column].cast(pl.Float64).to_numpy() * self.scale

    def events(self, table: pl.DataFrame) -> score_tables.ScoredEvents:
        """The chosen events, with the value instead of the score."""
        chosen = self.chosen(table)
        named = {
            name: chosen[name]
            for name in (columns.PROCESS, columns.REGION)
            if name in chosen.columns
        }
        label, weight = (
            chosen[name].to_numpy() for name in (columns.LABEL, columns.WEIGHT)
        )
        return score_tables.ScoredEvents(self.values(chosen), label, weight, **named)


def of_spectrum(
    spectrum: settings_datasets.Spectrum | None, cut: float | None, place: str
) -> Observable:
    """The spectrum of a data set above the cut.

    Raises
    ------
    logs.InputError
        If the data set declares no spectrum, or if no cut was chosen.
    """
    if spectrum is None:
        raise logs.InputError(
            f"{place}: inference.observable is spectrum, but none is declared; give "
            "feature and title, or set inference.observable: score"
        )
    if cut is None:
        raise logs.InputError(
            f"{place}: no cut on the score could be chosen, and the spectrum is that "
            "above it; set inference.observable: score"
        )
    return Observable(spectrum.feature, spectrum.title, spectrum.scale, cut)


def with_column(scores: pl.DataFrame, feature: str, paths: list[str]) -> pl.DataFrame:
    """The scores with a feature of the events, read from the fold files at `paths`."""
    if feature in scores.columns:
        return scores
    with_mass = score_tables.with_mass(scores, paths, feature)
    return with_mass.rename({score_tables.MASS: feature})


def spectrum_bins(
    subsets: dict[str, pl.DataFrame],
    observable: Observable,
    inference: settings.Inference,
    regions: tuple[str, ...],
) -> pl.DataFrame:
    """Bins of equal width in each region, as the table of `score_bins.binned_score`.

    `subsets` are events with scaled weights: `oof`, which sets the range, and finally
    the events that fill the bins. Bins with too few events are merged; a region whose
    events do not fill a single bin is left out.
    """
    events = {name: observable.events(table) for name, table in subsets.items()}
    channels = []
    for channel in regions or (score_bins.ALL_EVENTS,):
        chosen, filling = (
            score_bins.in_channel(events[name], channel)
            for name in ("oof", list(subsets)[-1])
        )
        if len(chosen.score) == 0 or len(filling.score) == 0:
            continue
        ends = np.quantile(chosen.score, [(1 - SPAN) / 2, (1 + SPAN) / 2])
        edges = np.linspace(*ends, inference.n_bins + 1)
        cuts = score_bins.merged_cuts(filling, np.unique(edges[1:-1]), inference)
        bins = score_bins.filled(filling, cuts).with_columns(
            low=np.append(edges[0], cuts), high=np.append(cuts, edges[-1])
        )
        if score_bins.are_enough(bins, inference).all():
            channels.append(tables.named_rows(bins, {"channel": channel}))
    return pl.concat(channels) if channels else pl.DataFrame()
