"""Physical units of columns that a file stores in arbitrary units."""

from collections.abc import Iterable, Iterator

import numpy as np

from hepfold.data import datasets, event_arrays

# Number of events used to determine grids: enough to fill every step near the peak of a
# column many times, for a few thousand steps.
N_KEPT = 65_536
# Fraction of the gaps between neighboring values that are at most one step wide.
ONE_STEP_PART = 0.2
# Values lie on a grid if all but this fraction are within a tenth of a step of it.
OFF_GRID_PART = 0.01


class UnitFinder:
    """Determines the unit of each column in GeV or radians.

    The detector software rounds its output, so a column remains a grid after it is
    divided by its spread. The unit is the rounding step in GeV or radians, which the
    data set defines, divided by the grid spacing. An azimuth without a grid is uniform
    up to pi, so its largest value is taken as pi. Declared factors take precedence.
    """

    def __init__(self, definition: datasets.Dataset):
        self.features, self.steps = definition.features, definition.steps
        self.azimuths, self.factors = definition.scaled_azimuths, definition.factors
        self.largest = dict.fromkeys(self.azimuths, 0.0)
        self.kept: list[np.ndarray] = []
        self.n_kept = 0

    def observe(self, part: event_arrays.Events) -> None:
        """Use more events to determine units."""
        for name in self.azimuths:
            azimuth = part.inputs[:, self.features.index(name)]
            largest = float(np.abs(azimuth).max(initial=0))
            self.largest[name] = max(self.largest[name], largest)
        if self.steps and self.n_kept < N_KEPT:
            self.kept.append(part.inputs[: N_KEPT - self.n_kept].copy())
            self.n_kept += len(self.kept[-1])

    def observed(
        self, parts: Iterable[event_arrays.Events]
    ) -> Iterator[event_arrays.Events]:
        """Pass events through, and observe each of them."""
        for part in parts:
            self.observe(part)
            yield part

    def units(self) -> dict[str, float]:
        """Unit of each column whose unit the events determine."""
        unit_of = {name: np.pi / value for name, value in self.largest.items() if value}
        if self.kept:
            kept = np.concatenate(self.kept)
            for name, step in self.steps.items():
                spacing = grid_spacing(kept[:, self.features.index(name)])
                if spacing is not None:
                    unit_of[name] = step / spacing
        return unit_of | self.factors


def grid_spacing(values: np.ndarray) -> float | None:
    """Spacing of a grid, of any offset, that contains the values; None without a grid.

    `values` is (n_events,).
    """
    values = np.unique(values).astype("f8")
    rounding = 32 * np.finfo("f4").eps * np.abs(values).max(initial=0)
    lower_half = values[: len(values) // 2]
    gaps = np.diff(lower_half)
    gaps = gaps[gaps > rounding]
    if len(gaps) < 100:
        return None
    least = np.quantile(gaps, ONE_STEP_PART)
    spacing = np.median(gaps[np.abs(gaps / least - 1) < 0.1])
    # Steps are counted from a value in the dense part. The count is unambiguous nearby,
    # and each fit improves the spacing enough to count twice as far.
    away, reach = values - values[len(values) // 4], 32 * spacing
    while reach < 2 * np.ptp(values):
        near = away[np.abs(away) < reach]
        n_steps = np.round(near / spacing)
        right = np.abs(near / spacing - n_steps) < 0.2
        if not n_steps[right].any():
            return None
        spacing = (n_steps * near)[right].sum() / (n_steps**2)[right].sum()
        reach *= 2
    off = np.abs(away / spacing - np.round(away / spacing)) > 0.1
    return float(spacing) if off.mean() < OFF_GRID_PART else None
