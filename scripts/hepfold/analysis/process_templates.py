"""Templates of the fit: expected events of each process in bins of the score.

The bins leave no negative sum of background or signal weights (`score_bins`), but one
process of several can have a negative bin. The fit takes zero there, and a warning
names process, bin and content; the uncertainty of the bin is kept.
"""

import logging

import numpy as np
import polars as pl

from hepfold.analysis import score_bins, score_tables
from hepfold.core import columns
from hepfold.data import declared_processes

# Parameter of the normalization of all backgrounds together.
BACKGROUND = "background_normalization"
LUMINOSITY = "luminosity"

Processes = tuple[declared_processes.DeclaredProcess, ...]


def filled(
    events: score_tables.ScoredEvents, bins: pl.DataFrame, processes: Processes
) -> pl.DataFrame:
    """Expected events of each process in each of the bins of `score_bins`.

    The columns are channel, process, label, low, high, expected and expected_unc, its
    statistical uncertainty.
    """
    parts = []
    for (channel,), of_channel in bins.group_by("channel", maintain_order=True):
        inside = score_bins.in_channel(events, channel)
        for process in processes:
            of_process = inside.take(mask_of(inside, process, processes))
            cuts = of_channel["low"][1:].to_numpy()
            total, squares = score_bins.sums(of_process, cuts)
            parts.append(
                of_channel.select("channel", "low", "high").with_columns(
                    pl.lit(process.name).alias(columns.PROCESS),
                    pl.lit(process.label).alias(columns.LABEL),
                    pl.Series("expected", total),
                    pl.Series("expected_unc", np.sqrt(squares)),
                )
            )
    return pl.concat(parts)


def mask_of(
    events: score_tables.ScoredEvents,
    process: declared_processes.DeclaredProcess,
    processes: Processes,
) -> np.ndarray:
    """Which events (n_events,) are of a process; a class can be a single process."""
    if declared_processes.are_several(processes):
        return (events.process == process.name).to_numpy()
    return events.label == process.label


def without_negative(table: pl.DataFrame) -> pl.DataFrame:
    """The templates with zero in place of negative contents, each with a warning."""
    for row in table.filter(pl.col("expected") < 0).iter_rows(named=True):
        logging.warning(
            "%s, bin %.4g to %.4g of %s: %.4g expected events are negative; the fit "
            "takes 0.",
            row[columns.PROCESS],
            row["low"],
            row["high"],
            row["channel"],
            row["expected"],
        )
    return table.with_columns(pl.col("expected").clip(lower_bound=0.0))


def normalizations(
    processes: Processes, background_uncertainty: float
) -> dict[str, tuple[str, float]]:
    """Parameter and relative uncertainty of the normalization of processes, by name.

    Each process that declares an uncertainty has a parameter; the others have none. If
    no process declares one, all backgrounds share `background_uncertainty`.
    """
    by_name = {
        process.name: (f"{process.name}_normalization", process.uncertainty)
        for process in processes
        if process.uncertainty is not None
    }
    if by_name:
        return by_name
    return {
        process.name: (BACKGROUND, background_uncertainty)
        for process in processes
        if process.label == columns.BACKGROUND
    }


def luminosity(
    processes: Processes, uncertainty: float | None
) -> dict[str, tuple[str, float]]:
    """Parameter and relative uncertainty of the luminosity, by process.

    It acts on the processes with a cross-section, or on all if none has one.
    """
    if uncertainty is None:
        return {}
    with_xsec = [process.name for process in processes if process.has_xsec]
    names = with_xsec or [process.name for process in processes]
    return {name: (LUMINOSITY, uncertainty) for name in names}


def with_normalization_unc(
    bins: pl.DataFrame,
    table: pl.DataFrame,
    *named: dict[str, tuple[str, float]],
) -> pl.DataFrame:
    """The bins with `normalization_unc`, that of the background in each bin.

    `named` are the parameter and the relative uncertainty of processes by name.
    Different parameters add in quadrature; processes with a common parameter add
    linearly.
    """
    rows = [(process, *pair) for of in named for process, pair in of.items()]
    schema = {columns.PROCESS: pl.String, "parameter": pl.String, "size": pl.Float64}
    sizes = pl.DataFrame(rows, schema, orient="row")
    background = table.filter(pl.col(columns.LABEL) == columns.BACKGROUND)
    joined = background.join(sizes, on=columns.PROCESS, maintain_order="left_right")
    shifts = joined.with_columns(shift=pl.col("expected") * pl.col("size"))
    keys = ["channel", "low"]
    # In the order of the rows, so that sums are bit-identical.
    by_parameter = shifts.group_by(*keys, "parameter", maintain_order=True)
    squares = by_parameter.agg(pl.sum("shift"))
    uncertainty = squares.group_by(keys, maintain_order=True).agg(
        normalization_unc=(pl.col("shift") ** 2).sum().sqrt()
    )
    return bins.join(
        uncertainty, on=keys, how="left", maintain_order="left"
    ).with_columns(pl.col("normalization_unc").fill_null(0.0))
