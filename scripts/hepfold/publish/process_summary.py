"""The section of the published README about single processes."""

import polars as pl

from hepfold.analysis import process_rejection, score_bins
from hepfold.core import columns
from hepfold.publish import table_formats

SECTION = """
## Processes

Expected events of each process in total and above the chosen cut, and its rejection
(one over the efficiency), for {events} events. Uncertainties are MC statistical.
Rejections at all working points are in `figures/<data set>/<model>/processes.csv`.

{parts}
"""


def section(tables: list[pl.DataFrame]) -> str:
    """The section for the tables of `process_rejection` of models; empty if none."""
    if not tables:
        return ""
    shown = dict.fromkeys(map(subset_of, tables))
    subsets = ("out-of-fold" if name == "oof" else name for name in shown)
    parts = []
    for table in tables:
        names = table.select("dataset", "model").row(0)
        title = f"`{names[1]}` on {names[0]}:"
        parts.append(f"{title}\n\n{table_formats.markdown(lines(table))}")
    return SECTION.format(events=" or ".join(subsets), parts="\n\n".join(parts))


def subset_of(table: pl.DataFrame) -> str:
    """The subset that is shown: the one that fills the bins of the fit."""
    return score_bins.filling_subset(table["subset"])


def lines(table: pl.DataFrame) -> pl.DataFrame:
    """Rounded numbers at the chosen cut, one row per process."""
    rows = table.filter(subset=subset_of(table), working_point=process_rejection.CHOSEN)
    rounded = {
        title: pl.Series(
            [
                table_formats.with_uncertainty(value, unc)
                for value, unc in rows.select(name, f"{name}_unc").iter_rows()
            ],
            dtype=pl.String,
        )
        for title, name in (
            ("expected events", "before"),
            ("above the cut", "after"),
            ("rejection", "rejection"),
        )
    }
    return rows.select(columns.PROCESS, "class").with_columns(**rounded)
