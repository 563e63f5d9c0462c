"""Four-vectors: arrays (4, n_events) of energy, px, py and pz in one unit.

The module `derived_features` handles momenta given as transverse momentum, phi and eta.
"""

import numpy as np


def two_body_decay(
    parent: np.ndarray,
    parent_mass: float | np.ndarray,
    masses: tuple[float, float],
    axis: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Four-vectors of the two decay products of each particle.

    `axis`, unit vectors of shape (3, n_events), is the direction of the first product
    in the rest frame of the parent.
    """
    mass_a, mass_b = masses
    squared = parent_mass**2
    energy_a = (squared + mass_a**2 - mass_b**2) / (2 * parent_mass)
    gap = (squared - (mass_a + mass_b) ** 2) * (squared - (mass_a - mass_b) ** 2)
    momentum = np.sqrt(np.maximum(gap, 0)) / (2 * parent_mass)
    along = momentum * (axis * parent[1:]).sum(axis=0)
    first = np.empty_like(parent)
    first[0] = (parent[0] * energy_a + along) / parent_mass
    first[1:] = (energy_a + first[0]) / (parent[0] + parent_mass) * parent[1:]
    first[1:] += momentum * axis
    return first, parent - first


def mass_of(vector: np.ndarray) -> np.ndarray:
    """Mass of particles; zero if rounding makes its square negative."""
    squared = vector[0] ** 2 - (vector[1:] ** 2).sum(axis=0)
    return np.sqrt(np.maximum(squared, 0))


def neutrino_pz(
    lepton: np.ndarray, met: np.ndarray, w_mass: float | np.ndarray
) -> np.ndarray:
    """Longitudinal neutrino momentum from the W mass constraint.

    `lepton` is massless, `met` is (2, n_events). We take the smaller of two solutions.
    If the transverse mass exceeds the W mass, there is none; we then minimize the
    invariant mass, which becomes the transverse mass.
    """
    pt_squared = lepton[1] ** 2 + lepton[2] ** 2
    product = w_mass**2 / 2 + lepton[1] * met[0] + lepton[2] * met[1]
    excess = product**2 - pt_squared * (met[0] ** 2 + met[1] ** 2)
    root = lepton[0] * np.sqrt(np.maximum(excess, 0))
    middle = product * lepton[3]
    smaller = middle - np.copysign(root, middle)
    # The mass is smallest if neutrino and lepton have the same pseudorapidity.
    met_size = np.sqrt((met[0] ** 2 + met[1] ** 2) / pt_squared)
    return np.where(excess > 0, smaller / pt_squared, lepton[3] * met_size)
