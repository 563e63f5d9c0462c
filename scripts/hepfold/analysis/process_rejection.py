"""Background rejection and expected events of each process at cuts on the score.

Uncertainties are those of weighted events at fixed cuts; for the efficiency p / (p +
f), they follow from the independent passing sum p and failing sum f.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from hepfold.analysis import score_tables
from hepfold.core import columns, metrics
from hepfold.data import declared_processes

# Name of the chosen cut among the working points.
CHOSEN = "chosen cut"
SCHEMA = {
    columns.PROCESS: pl.String,
    "class": pl.String,
    "working_point": pl.String,
    "cut": pl.Float64,
    "n_events": pl.Int64,
    "before": pl.Float64,
    "before_unc": pl.Float64,
    "after": pl.Float64,
    "after_unc": pl.Float64,
    "efficiency": pl.Float64,
    "efficiency_unc": pl.Float64,
    "rejection": pl.Float64,
    "rejection_unc": pl.Float64,
}


def rejection_table(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    processes: tuple[declared_processes.DeclaredProcess, ...],
    cut: float,
    working_points: list[float],
) -> pl.DataFrame:
    """One row per subset, process and working point, signal processes first.

    `working_point` is a signal efficiency, or CHOSEN for the given cut. `before` and
    `after` are expected events without the cut and above it; `rejection` is one over
    the efficiency; both are null if they are undefined.
    """
    ordered = sorted(processes, key=lambda process: -process.label)

    def of_subset(events: score_tables.ScoredEvents) -> pl.DataFrame:
        """Rows of all processes at all cuts."""
        cuts = {f"{p:g}": cut_at(events, p) for p in working_points} | {CHOSEN: cut}
        rows = []
        for process in ordered:
            part = events.take((events.process == process.name).to_numpy())
            rows += rows_of(process, part, cuts)
        return pl.DataFrame(rows, schema=SCHEMA)

    return score_tables.each_subset(scores, expected, of_subset)


def cut_at(events: score_tables.ScoredEvents, signal_efficiency: float) -> float:
    """The highest cut with at least this signal efficiency."""
    cut, s, _ = metrics.passing_sums(events.score, events.label, events.weight)
    return float(cut[np.argmax(s >= signal_efficiency * s[-1])])


def rows_of(
    process: declared_processes.DeclaredProcess,
    events: score_tables.ScoredEvents,
    cuts: dict[str, float],
) -> Iterator[dict]:
    """Rows of the events of one process, one for each cut by its name."""
    total, squares = events.weight.sum(), (events.weight**2).sum()
    for name, cut in cuts.items():
        weight = events.weight[events.score >= cut]
        row = {
            columns.PROCESS: process.name,
            "class": columns.CLASS_NAMES[process.label],
            "working_point": name,
            "cut": cut,
            "n_events": len(weight),
            "before": total,
            "before_unc": np.sqrt(squares),
            "after": weight.sum(),
            "after_unc": np.sqrt((weight**2).sum()),
        }
        yield row | efficiency(row)


def efficiency(row: dict) -> dict[str, float | None]:
    """Efficiency and rejection, with uncertainties, from expected events of a row.

    None if the sum without the cut is not positive, for the rejection also if the sum
    above the cut is not.
    """
    undefined = dict.fromkeys(list(SCHEMA)[-4:])
    total, passing = row["before"], row["after"]
    if total <= 0:
        return undefined
    part, passing_squares = passing / total, row["after_unc"] ** 2
    failing_squares = max(row["before_unc"] ** 2 - passing_squares, 0.0)
    variance = (1 - part) ** 2 * passing_squares + part**2 * failing_squares
    known = {"efficiency": part, "efficiency_unc": np.sqrt(variance) / total}
    if part > 0:
        known["rejection"] = 1 / part
        known["rejection_unc"] = known["efficiency_unc"] / part**2
    return undefined | known
