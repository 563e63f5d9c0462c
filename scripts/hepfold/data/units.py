"""Physical units of columns that a file gives in units of its own."""

import numpy as np

from hepfold.data import datasets, event_arrays

# Events whose values are kept to look for a step: enough to fill the peak of a column
# of some thousand steps many times over.
N_KEPT = 65_536
# Part of the gaps between neighbouring values that must be one step at least.
ONE_STEP_PART = 0.2
# Values lie on a grid if all but this part are within a tenth of a step of it.
OFF_GRID_PART = 0.01


class UnitFinder:
    """GeV or radians that one unit of each column is, from the events seen so far.

    The detector's software rounds, so that a column that was divided by its spread is
    still a grid: where the data set says how wide its steps are, the unit follows. An
    azimuth without a grid is uniform up to pi, which its largest value then is.
    """

    def __init__(self, definition: datasets.Dataset):
        self.features, self.steps = definition.features, definition.steps
        self.azimuths = definition.scaled_azimuths
        self.largest = dict.fromkeys(self.azimuths, 0.0)
        self.kept: list[np.ndarray] = []
        self.n_kept = 0

    def see(self, part: event_arrays.Events) -> None:
        """Take events into account."""
        for name in self.azimuths:
            azimuth = part.inputs[:, self.features.index(name)]
            largest = float(np.abs(azimuth).max(initial=0))
            self.largest[name] = max(self.largest[name], largest)
        if self.steps and self.n_kept < N_KEPT:
            self.kept.append(part.inputs[: N_KEPT - self.n_kept].copy())
            self.n_kept += len(self.kept[-1])

    def told(self) -> dict[str, float]:
        """The unit of each column of which it could be found."""
        units = {name: np.pi / found for name, found in self.largest.items() if found}
        if self.kept:
            kept = np.concatenate(self.kept)
            for name, step in self.steps.items():
                spacing = grid_spacing(kept[:, self.features.index(name)])
                if spacing is not None:
                    units[name] = step / spacing
        return units


def grid_spacing(values: np.ndarray) -> float | None:
    """Distance of the grid, of any offset, that values (n_events,) lie on, or None."""
    values = np.unique(values).astype("f8")
    rounding = 32 * np.finfo("f4").eps * np.abs(values).max(initial=0)
    lower_half = values[: len(values) // 2]
    gaps = np.diff(lower_half)
    gaps = gaps[gaps > rounding]
    if len(gaps) < 100:
        return None
    least = np.quantile(gaps, ONE_STEP_PART)
    spacing = np.median(gaps[np.abs(gaps / least - 1) < 0.1])
    # The count of steps from a value in the dense part is certain close by, and with
    # each better spacing twice as far away.
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
