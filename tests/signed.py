"""Samples with negative weights, and the split of events that changes no signed sum."""

import numpy as np


def signed_weights(n: int, fraction: float, seed: int = 0) -> np.ndarray:
    """Positive weights of which a random fraction is negated."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.5, 1.5, n)
    return np.where(rng.random(n) < fraction, -size, size)


def split(weight: np.ndarray, *arrays: np.ndarray, seed: int = 0) -> tuple:
    """A third of the events of weight w, each as an event of 2w and another of -w.

    Both are equal in all other arrays, each (n_events, ...), and anywhere in the order.
    """
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(rng.random(len(weight)) < 1 / 3)
    weight = np.append(weight, -weight[rows])
    weight[rows] *= 2
    order = rng.permutation(len(weight))
    doubled = (np.concatenate([values, values[rows]]) for values in arrays)
    return weight[order], *(values[order] for values in doubled)
