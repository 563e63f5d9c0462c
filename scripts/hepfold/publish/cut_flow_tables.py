"""Tables of the cut flow in a data card, and notes on its events."""

import polars as pl

from hepfold.core import columns
from hepfold.publish import table_formats

# Steps of the cut flow with their names, and the step that percentages refer to.
STEPS = {
    "read": ("read", None),
    "selected": ("selected", "read"),
    "train": ("training", "selected"),
    "test": ("test", "selected"),
}


def event_table(rows: list[dict]) -> pl.DataFrame:
    """Numbers of events of each process after each step, and of negative weights."""
    lines = []
    for process, steps in by_process(rows).items():
        line = {columns.PROCESS: process}
        line |= {STEPS[name][0]: row["n_events"] for name, row in steps.items()}
        line["negative weights"] = negative(steps["selected"])
        lines.append(line)
    return pl.DataFrame(lines)


def weight_table(rows: list[dict]) -> pl.DataFrame:
    """Sums of weights of each process after each step, with percentages."""
    lines = []
    for process, steps in by_process(rows).items():
        line = {columns.PROCESS: process}
        for name, row in steps.items():
            title, base = STEPS[name]
            sum_and_unc = row["weight"], row["weight_unc"]
            line[title] = table_formats.with_uncertainty(*sum_and_unc)
            if base is not None:
                line[f"{title}, % of {base}"] = percent(row, steps[base])
        lines.append(line)
    return pl.DataFrame(lines, infer_schema_length=None)


def by_process(rows: list[dict]) -> dict[str, dict[str, dict]]:
    """Rows of the cut flow by process and step, without steps that have no event."""
    filled = {row["step"] for row in rows if row["n_events"]}
    table = {}
    for row in rows:
        if row["step"] in filled or row["step"] == "selected":
            table.setdefault(row[columns.PROCESS], {})[row["step"]] = row
    return table


def percent(row: dict, base: dict) -> str | None:
    """Part of the sum of weights of an earlier step; None if that is not positive."""
    if base["weight"] <= 0:
        return None
    return f"{100 * row['weight'] / base['weight']:.4g}"


def negative(row: dict) -> str:
    """Fraction of events with negative weights."""
    if row["n_events"] == 0:
        return table_formats.MISSING
    return f"{row['n_negative'] / row['n_events']:.2%}"


def equal_notes(n_equal: int) -> list[str]:
    """A note on events that equal an earlier one, if there are any."""
    if n_equal == 0:
        return []
    return [
        f"- {n_equal:,} events equal an earlier one in all features; equal events are "
        "in one fold."
    ]
