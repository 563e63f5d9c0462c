"""Random draws for toy events: blocks and their seeds, directions, and redrawing.

Transverse vectors are complex numbers, x + i y; vectors in space are (3, n_events).
"""

from collections.abc import Callable

import numpy as np

Rng = np.random.Generator
Table = dict[str, np.ndarray]

# Each block has separate generators, so that the features of an event depend only on
# the seed and the event number, not on how many other events are drawn.
BLOCK_EVENTS = 65_536
TRUTH, KINEMATICS = 0, 1


def block_sizes(n_events: int) -> list[int]:
    """Number of events to keep from each block; only the last may be incomplete."""
    starts = range(0, n_events, BLOCK_EVENTS)
    return [min(BLOCK_EVENTS, n_events - start) for start in starts]


def generator(seed: int, i_block: int, purpose: int) -> Rng:
    """Random generator of a block for its `TRUTH` or its `KINEMATICS`."""
    return np.random.default_rng((seed, i_block, purpose))


def fill(kind: np.ndarray, draw: Callable[[int, int, Rng], Table], rng: Rng) -> Table:
    """One event for each entry of `kind`, redrawn until enough pass the selection.

    `kind` holds codes, (n_events,); `draw(code, n_missing, rng)` returns the events of
    one kind that pass the selection, as columns of shape (n_drawn,).
    """
    table = {}
    for code in np.unique(kind):
        unfilled = np.flatnonzero(kind == code)
        while len(unfilled):
            drawn = draw(code, len(unfilled), rng)
            n_drawn = len(next(iter(drawn.values())))
            filled, unfilled = unfilled[:n_drawn], unfilled[n_drawn:]
            for name, values in drawn.items():
                if name not in table:
                    table[name] = np.empty(len(kind), values.dtype)
                table[name][filled] = values[: len(filled)]
    return table


def choice(rates: list[float], n_events: int, rng: Rng) -> np.ndarray:
    """Codes 0, 1, ... drawn with the given rates, which need not sum to one."""
    edges = np.cumsum(rates) / np.sum(rates)
    return np.searchsorted(edges[:-1], rng.random(n_events), "right").astype("u1")


def plane_normal(n_events: int, rng: Rng) -> np.ndarray:
    """Transverse vectors with standard normal components, as complex numbers."""
    x, y = rng.standard_normal((2, n_events))
    return x + 1j * y


def direction(shape: int | tuple, rng: Rng) -> np.ndarray:
    """Unit vectors of random azimuth, as complex numbers."""
    phi = 2 * np.pi * rng.random(shape)
    return np.cos(phi) + 1j * np.sin(phi)


def space_direction(n_events: int, rng: Rng) -> np.ndarray:
    """Unit vectors of random direction in space, (3, n_events), float32."""
    cosine = 2 * rng.random(n_events, np.float32) - 1
    phi = np.float32(2 * np.pi) * rng.random(n_events, np.float32)
    sine = np.sqrt(1 - cosine**2)
    return np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine])
