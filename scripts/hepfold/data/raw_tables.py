"""Parts of raw files: columns as in the file, with the place of each event."""

from dataclasses import dataclass

import numpy as np

# How a reader delivers a column: as float32 or float64, missing values NaN; as exact
# int64; as text of dtype `S`; or as it is in the file, also jagged.
NUMBER32, NUMBER64, INTEGER, TEXT, ANY = (
    "number32",
    "number64",
    "integer",
    "text",
    "any",
)


@dataclass(frozen=True)
class RawTable:
    """A part of a raw file: columns (n_events,) by name, in any order.

    Jagged columns are awkward arrays; all others are NumPy arrays. Event i stands at
    `{place} {first + i}`, such as `a.csv, line 301` or `a.root, tree 'a', event 0`. A
    reader whose NUMBER32 columns are views of one matrix (n_events, n_matrix_names)
    gives the matrix too, which saves its user a copy.
    """

    columns: dict[str, np.ndarray]
    place: str
    first: int
    n_events: int
    matrix: np.ndarray | None = None
    matrix_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.n_events

    def where(self, i_event: int) -> str:
        """File and line or number of an event of this part."""
        return f"{self.place} {self.first + i_event}"
