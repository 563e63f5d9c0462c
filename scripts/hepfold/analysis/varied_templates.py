"""Templates of systematic variations, filled with the same subset as the nominal ones.

Weights of varied events are scaled by the factors of the nominal events, so that the
factor by which a subset represents all events is the same for every variation. An event
for which only the weight varies keeps its nominal score.
"""

from dataclasses import dataclass

import polars as pl

from hepfold.analysis import observables, process_templates, score_tables
from hepfold.core import columns, logs

# Temporary column name of the varied weight.
VARIED = "(varied weight)"


@dataclass(frozen=True)
class Variation:
    """The events of one direction of a systematic, and the processes that it varies.

    `has_scores` tells whether `table` has events with scores, or only weights.
    """

    systematic: str
    direction: str
    processes: tuple[str, ...]
    has_scores: bool
    table: pl.DataFrame

    @property
    def place(self) -> str:
        """Path of its declaration, for errors."""
        return f"systematics.{self.systematic}.{self.direction}"


def factors(nominal: pl.DataFrame, scaled: pl.DataFrame) -> dict[int, float]:
    """Factor of each class by which weights of a subset are scaled."""
    return {
        label: scaled.filter(label=label)[columns.WEIGHT].sum()
        / nominal.filter(label=label)[columns.WEIGHT].sum()
        for label in columns.CLASS_NAMES
    }


def filled(
    variation: Variation,
    nominal: pl.DataFrame,
    scale: dict[int, float],
    observable: observables.Observable,
    bins: pl.DataFrame,
    processes: process_templates.Processes,
) -> pl.DataFrame:
    """Templates of the varied processes, as returned by `process_templates.filled`.

    `nominal` are the events of the subset with unscaled weights, `scale` is the factor
    of each class. The table also has the columns systematic and direction.
    """
    table = of_subset(variation, nominal).with_columns(
        pl.col(columns.WEIGHT)
        * pl.col(columns.LABEL).replace_strict(scale, return_dtype=pl.Float64)
    )
    templates = process_templates.filled(observable.events(table), bins, processes)
    return templates.filter(
        pl.col(columns.PROCESS).is_in(variation.processes)
    ).with_columns(
        systematic=pl.lit(variation.systematic), direction=pl.lit(variation.direction)
    )


def of_subset(variation: Variation, nominal: pl.DataFrame) -> pl.DataFrame:
    """The varied events that belong to the subset of the nominal events."""
    if not variation.has_scores:
        return with_weights(variation, nominal)
    subsets = nominal[columns.SUBSET].unique()
    return variation.table.filter(pl.col(columns.SUBSET).is_in(subsets.implode()))


def with_weights(variation: Variation, nominal: pl.DataFrame) -> pl.DataFrame:
    """The nominal events of the varied processes, with their varied weights.

    Raises
    ------
    logs.InputError
        If a nominal event has no varied weight.
    """
    keys = score_tables.event_keys(nominal)
    weights = variation.table.rename({columns.WEIGHT: VARIED})
    events = nominal.filter(pl.col(columns.PROCESS).is_in(variation.processes))
    joined = events.join(
        weights.select(*keys, VARIED), on=keys, how="left", maintain_order="left"
    )
    lacking = joined.filter(pl.col(VARIED).is_null())
    if len(lacking) or len(joined) != len(events):
        first = (lacking if len(lacking) else joined).row(0, named=True)
        raise logs.InputError(
            f"{variation.place}: {len(lacking)} of {len(events)} events have no varied "
            f"weight of their own, such as event {first[columns.EVENT_ID]} of "
            f"{first[columns.PROCESS]}; were the files changed since the events were "
            "read? Remove results/weights and start again"
        )
    return joined.with_columns(pl.col(VARIED).alias(columns.WEIGHT)).drop(VARIED)
