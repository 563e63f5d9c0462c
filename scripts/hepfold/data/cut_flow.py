"""Cut flow: events and sums of weights of each process after each selection."""

import numpy as np

STEPS = ("read", "selected", "train", "test")


class CutFlow:
    """Counts events and weights by process while they are read."""

    def __init__(self, processes: tuple[str, ...]):
        self.processes = processes
        shape = (len(STEPS), len(processes))
        self.n_events = np.zeros(shape, "i8")
        self.weight = np.zeros(shape)
        self.squares = np.zeros(shape)
        self.n_negative = np.zeros(shape, "i8")

    def add(self, step: str, process: np.ndarray, weight: np.ndarray) -> None:
        """Add events (n_events,) by the codes of their processes, with weights."""
        i_step, n = STEPS.index(step), len(self.processes)
        self.n_events[i_step] += np.bincount(process, minlength=n)
        self.weight[i_step] += np.bincount(process, weight, minlength=n)
        self.squares[i_step] += np.bincount(process, weight**2, minlength=n)
        is_negative = weight < 0
        if is_negative.any():
            self.n_negative[i_step] += np.bincount(process[is_negative], minlength=n)

    def n_events_after(self, step: str) -> np.ndarray:
        """Number of events of each process (n_processes,) after a step."""
        return self.n_events[STEPS.index(step)]

    def sums(self, steps: tuple[str, ...]) -> np.ndarray:
        """Sum of weights of each process (n_processes,) after any of several steps."""
        return sum(self.weight[STEPS.index(step)] for step in steps)

    def rows(self) -> list[dict]:
        """One row per process and step, with the root of summed squared weights."""
        return [
            {
                "process": process,
                "step": step,
                "n_events": int(self.n_events[i, k]),
                "weight": float(self.weight[i, k]),
                "weight_unc": float(np.sqrt(self.squares[i, k])),
                "n_negative": int(self.n_negative[i, k]),
            }
            for k, process in enumerate(self.processes)
            for i, step in enumerate(STEPS)
        ]
