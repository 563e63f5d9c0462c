"""Prepared events of a training: features, label and weight of an event in one row."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class EventRows:
    """Rows (..., n_events, n_columns) of prepared features, label and training weight.

    Together, they are gathered into a batch by one copy. Labels of a multi-class model
    are positions of classes. If `has_spectrum`, the last column is the variable to
    decorrelate from.
    """

    rows: Tensor
    has_spectrum: bool = False

    def __len__(self) -> int:
        return self.rows.shape[-2]

    @property
    def n_prepared(self) -> int:
        """Number of prepared features."""
        return self.rows.shape[-1] - 2 - self.has_spectrum

    @property
    def x(self) -> Tensor:
        """Prepared features (..., n_events, n_prepared)."""
        return self.rows[..., : self.n_prepared]

    @property
    def label(self) -> Tensor:
        """Labels (..., n_events)."""
        return self.rows[..., self.n_prepared]

    @property
    def weight(self) -> Tensor:
        """Training weights (..., n_events)."""
        return self.rows[..., self.n_prepared + 1]

    @property
    def spectrum(self) -> Tensor | None:
        """The variable to decorrelate from (..., n_events), if there is one."""
        return self.rows[..., -1] if self.has_spectrum else None

    def batch(self, positions: Tensor) -> "EventRows":
        """The events at positions (n_members, n_batch)."""
        rows = self.rows.index_select(0, positions.reshape(-1))
        return EventRows(rows.view(*positions.shape, -1), self.has_spectrum)
