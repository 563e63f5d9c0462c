"""Parts of raw files: columns as in the file, with the place of each event."""

from dataclasses import dataclass, replace

import numpy as np

# How a reader delivers a column: as float32 or float64, missing values NaN; as exact
# int64; as text of dtype `S`; or as it is in the file, which may be jagged.
NUMBER32, NUMBER64, INTEGER = "number32", "number64", "integer"
TEXT, ANY = "text", "any"


@dataclass(frozen=True)
class RawTable:
    """A part of a raw file: columns (n_events,) by name, in any order.

    Jagged columns are awkward arrays; all others are NumPy arrays. Event i stands at
    `{place} {first + i}`, such as `a.csv, line 301` or `a.root, tree 't', event 0`, or
    at `{place} {first + index[i]}` if only a part of the events was taken. `matrix`
    (n_events, n_names) float32 has the columns in `matrix_names` side by side.
    """

    columns: dict[str, np.ndarray]
    place: str
    first: int
    n_events: int
    matrix: np.ndarray | None = None
    matrix_names: tuple[str, ...] = ()
    index: np.ndarray | None = None

    def __len__(self) -> int:
        return self.n_events

    def numbers(self) -> np.ndarray | range:
        """Number (n_events,) of each event in its file."""
        if self.index is None:
            return range(self.first, self.first + self.n_events)
        return self.first + self.index

    def positions(self) -> np.ndarray:
        """Position int64 (n_events,) of each event in the whole part."""
        return np.arange(self.n_events) if self.index is None else self.index

    def where(self, i_event: int) -> str:
        """File and line or number of an event of this part."""
        return f"{self.place} {self.numbers()[i_event]}"

    def take(self, index: np.ndarray) -> "RawTable":
        """The events at the given positions of a whole part."""
        return replace(
            self,
            columns={name: values[index] for name, values in self.columns.items()},
            n_events=len(index),
            matrix=None if self.matrix is None else self.matrix[index],
            index=index,
        )
