"""Random draws of simulated events: blocks, their seeds, directions, and redrawing.

A transverse vector is one complex number, x + i y; one in space is (3, n_events).
"""

from collections.abc import Callable

import numpy as np

Rng = np.random.Generator
Table = dict[str, np.ndarray]

# Every block has its own generators, so that the features of an event depend on the
# seed and its own number only, however many others are drawn.
BLOCK_EVENTS = 65_536
TRUTH, KINEMATICS = 0, 1


def block_sizes(n_events: int) -> list[int]:
    """Number of events to keep of each block: all but the last are whole."""
    starts = range(0, n_events, BLOCK_EVENTS)
    return [min(BLOCK_EVENTS, n_events - start) for start in starts]


def generator(seed: int, i_block: int, purpose: int) -> Rng:
    """The generator of a block for its `TRUTH` or its `KINEMATICS`."""
    return np.random.default_rng((seed, i_block, purpose))


def fill(kind: np.ndarray, draw: Callable[[int, int, Rng], Table], rng: Rng) -> Table:
    """Events in the places of their kind, redrawn until there are enough.

    `kind` holds codes, (n_events,); `draw(code, n_wanted, rng)` gives as many events of
    a kind as pass the selection, a column being (n_found,).
    """
    table = {}
    for code in np.unique(kind):
        unfilled = np.flatnonzero(kind == code)
        while len(unfilled):
            found = draw(code, len(unfilled), rng)
            n_found = len(next(iter(found.values())))
            filled, unfilled = unfilled[:n_found], unfilled[n_found:]
            for name, values in found.items():
                if name not in table:
                    table[name] = np.empty(len(kind), values.dtype)
                table[name][filled] = values[: len(filled)]
    return table


def choice(rates: list[float], n_events: int, rng: Rng) -> np.ndarray:
    """Codes 0, 1, ... at the given rates, which need not sum to one."""
    edges = np.cumsum(rates) / np.sum(rates)
    return np.searchsorted(edges[:-1], rng.random(n_events), "right").astype("u1")


def plane_normal(n_events: int, rng: Rng) -> np.ndarray:
    """Vectors, standard normal in both directions."""
    x, y = rng.standard_normal((2, n_events))
    return x + 1j * y


def direction(shape: int | tuple, rng: Rng) -> np.ndarray:
    """Unit vectors of any azimuth."""
    phi = 2 * np.pi * rng.random(shape)
    return np.cos(phi) + 1j * np.sin(phi)


def space_direction(n_events: int, rng: Rng) -> np.ndarray:
    """Unit vectors of any direction in space, (3, n_events), float32."""
    cosine = 2 * rng.random(n_events, np.float32) - 1
    phi = np.float32(2 * np.pi) * rng.random(n_events, np.float32)
    sine = np.sqrt(1 - cosine**2)
    return np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine])
