"""Masses and transverse momenta of all systems of several bodies at once.

Bodies are taken as massless. Bodies without pseudorapidity are missing momentum.
"""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

# Position of a body's pt, pseudorapidity (None for missing momentum) and azimuth.
Body = tuple[int, int | None, int]

# Smallest mass and transverse momentum of a system, as a fraction of its transverse
# energy; smaller values are dominated by rounding.
LEAST_FRACTION = 1e-4


def systems(n_bodies: int, largest: int) -> list[tuple[int, ...]]:
    """All systems of three to `largest` of the bodies, as positions of the bodies."""
    return [
        system
        for size in range(3, min(largest, n_bodies) + 1)
        for system in itertools.combinations(range(n_bodies), size)
    ]


def membership(n_bodies: int, chosen: Sequence[Sequence[int]]) -> Tensor:
    """One where a body is in a system, (n_bodies, n_systems)."""
    matrix = torch.zeros(n_bodies, len(chosen), dtype=torch.float64)
    for i, system in enumerate(chosen):
        matrix[list(system), i] = 1.0
    return matrix


def momenta(values: Tensor, bodies: Sequence[Body]) -> Tensor:
    """Momenta of bodies, (n_events, 5, n_bodies), from (n_events, n_features).

    Components are x, y and z of the momentum, energy and missing momentum. Missing
    momentum has no z component and no energy; other bodies have no missing momentum.
    """
    pt, eta, phi = zip(*bodies, strict=True)
    is_missing = torch.tensor([column is None for column in eta], device=values.device)
    pseudorapidity = values[:, [column or 0 for column in eta]]
    length, azimuth = values[:, pt], values[:, phi]
    components = (
        length * azimuth.cos(),
        length * azimuth.sin(),
        torch.where(is_missing, 0.0, length * torch.sinh(pseudorapidity)),
        torch.where(is_missing, 0.0, length * torch.cosh(pseudorapidity)),
        torch.where(is_missing, length, 0.0),
    )
    return torch.stack(components, dim=1)


def summed(of_bodies: Tensor, members: Tensor) -> Tensor:
    """Momenta of systems, (n_events, 5, n_systems); NaN if a body is missing.

    `of_bodies` are the momenta of bodies, `members` is the `membership` (n_bodies,
    n_systems).
    """
    is_missing = of_bodies.isnan()
    total = torch.where(is_missing, 0.0, of_bodies) @ members
    n_missing = is_missing.any(dim=1).to(members.dtype) @ members
    return torch.where(n_missing[:, None] > 0, torch.nan, total)


def masses(total: Tensor) -> tuple[Tensor, Tensor]:
    """Masses and transverse momenta of systems, each (n_events, n_systems).

    The mass of a system with missing momentum is transverse: sqrt((E + m)^2 - p^2) with
    its transverse momentum p, the transverse energy E of what is visible, and the sum m
    of missing momenta.
    """
    x, y, z, energy, missing = total.unbind(dim=1)
    transverse_energy = ((energy - z) * (energy + z)).clamp(min=0).sqrt() + missing
    momentum_squared = x.square() + y.square()
    least = (LEAST_FRACTION * transverse_energy).square()
    mass_squared = transverse_energy.square() - momentum_squared
    return (
        torch.maximum(mass_squared, least).sqrt(),
        torch.maximum(momentum_squared, least).sqrt(),
    )
