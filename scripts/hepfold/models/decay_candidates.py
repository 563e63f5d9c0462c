"""Best candidates of declared decays, computed for all decays and assignments at once.

A candidate is assembled from bodies, neutrinos and other candidates. Its chi-square is
the sum of ((m - mass) / width)^2 over the candidate itself and the candidates in it;
the best assignment of bodies is the one with the smallest chi-square.
"""

import logging
from typing import Self

import torch
from torch import Tensor, nn

from hepfold.core import parsing, settings_datasets, settings_decays
from hepfold.data import datasets, decay_assignments
from hepfold.models import body_systems

# Chi-square of a system with a missing body.
MISSING = 1e30
# Smallest missing momentum in the distance of a neutrino, relative to the energy in the
# frame in which the lepton is transverse.
LEAST_MET = 1e-6


def of_bodies(
    definition: datasets.Dataset,
    bodies: dict[str, settings_datasets.Body],
    units: dict[str, float],
) -> dict:
    """Names of the bodies and the decays of a data set, as in JSON.

    It has only the decays of these bodies, and is empty if there are none. `units` are
    the units of columns; if units are recovered, each momentum needs one.
    """
    measured = {
        name
        for name, body in bodies.items()
        if not definition.units_are_recovered or body.pt in units
    }
    decays = decay_assignments.computable(definition.decays, measured)
    left_out = definition.decays.candidates.keys() - decays.candidates.keys()
    if left_out and len(measured) < len(bodies):
        logging.warning(
            "Candidates without features: %s. The units of their momenta could not be "
            "recovered.",
            ", ".join(sorted(left_out)),
        )
    if not decays.neutrinos and not decays.candidates:
        return {}
    return {"bodies": list(bodies), **parsing.as_dict(decays)}


class Candidates(nn.Module):
    """Chi-square, mass and transverse momentum of the best candidate of each decay."""

    def __init__(self, bodies: tuple[str, ...], decays: settings_decays.Decays):
        super().__init__()
        ways = decay_assignments.assignments(bodies, decays)
        self.neutrinos = [
            (bodies.index(n.met), bodies.index(n.lepton), n.mass)
            for n in decays.neutrinos.values()
        ]
        each = [way for part in ways.values() for way in part]
        terms = list(dict.fromkeys(term for way in each for term in way.terms))
        n_leaves = len(bodies) + 2 * len(self.neutrinos)
        systems = list(dict.fromkeys(part.leaves for part in (*each, *terms)))
        buffers = {
            "systems": body_systems.membership(n_leaves, [*map(sorted, systems)]),
            "of_way": positions(systems, each),
            "of_term": positions(systems, terms),
            "mass": torch.tensor([t.mass for t in terms], dtype=torch.float64),
            "width": torch.tensor([t.width for t in terms], dtype=torch.float64),
            "has_term": torch.tensor(
                [[float(term in way.terms) for way in each] for term in terms],
                dtype=torch.float64,
            ).reshape(len(terms), len(each)),
            "place": places([len(part) for part in ways.values()]),
        }
        for name, tensor in buffers.items():
            self.register_buffer(name, tensor, persistent=False)

    @classmethod
    def of(cls, declared: dict) -> Self:
        """The candidates in the result of `of_bodies`."""
        bodies = tuple(declared["bodies"])
        decays = {name: declared[name] for name in ("neutrinos", "candidates")}
        return cls(bodies, parsing.parse(decays, settings_decays.Decays))

    def forward(self, momenta: Tensor) -> tuple[Tensor, ...]:
        """Pseudorapidity differences, chi-squares, masses and transverse momenta.

        From momenta of bodies (n_events, 5, n_bodies) to (n_events, n_neutrinos) and
        three times (n_events, n_candidates).
        """
        leaves, separations = self.with_neutrinos(momenta)
        if not len(self.place):
            return (separations,)
        mass, pt = body_systems.masses(body_systems.summed(leaves, self.systems))
        pull = (mass[:, self.of_term] - self.mass) / self.width
        squared = torch.where(pull.isnan(), MISSING, pull.square())
        is_missing = mass[:, self.of_way].isnan()
        chi_squared = torch.where(is_missing, MISSING, squared @ self.has_term)
        # Shorter lists of assignments are padded with their first one.
        least, best = chi_squared[:, self.place].min(dim=2, keepdim=True)
        least = least[:, :, 0]
        # Position of the system of the best assignment.
        system = self.of_way[self.place].expand(mass.shape[0], -1, -1).gather(2, best)
        of_best = (quantity.gather(1, system[:, :, 0]) for quantity in (mass, pt))
        is_complete = least < MISSING
        return separations, *(
            torch.where(is_complete, quantity, torch.nan)
            for quantity in (least, *of_best)
        )

    def with_neutrinos(self, momenta: Tensor) -> tuple[Tensor, Tensor]:
        """Momenta of all leaves, and distances of neutrinos from leptons.

        The distance in pseudorapidity is the same for both solutions.
        """
        if not self.neutrinos:
            return momenta, momenta[:, 0, :0]
        met, lepton, mass = zip(*self.neutrinos, strict=True)
        w_mass = torch.tensor(mass, dtype=momenta.dtype, device=momenta.device)
        solutions, separation = neutrinos(
            momenta[:, :, met], momenta[:, :, lepton], w_mass
        )
        return torch.cat([momenta, solutions], dim=2), separation


def neutrinos(met: Tensor, lepton: Tensor, mass: Tensor) -> tuple[Tensor, Tensor]:
    """Momenta of both solutions, (n_events, 5, 2 n), and distances (n_events, n).

    Missing and lepton momenta are (n_events, 5, n). The invariant mass determines the
    distance in pseudorapidity of the neutrino from the lepton, on either side. If the
    transverse mass exceeds it, the solutions are complex and the neutrino has the
    pseudorapidity of the lepton, which is the real part; the mass of both is then their
    transverse mass.
    """
    x, y, pt = met[:, 0], met[:, 1], met[:, 4]
    lepton_x, lepton_y, z, energy, _ = lepton.unbind(dim=1)
    lepton_pt = (lepton_x.square() + lepton_y.square()).sqrt()
    product = mass.square() / 2 + x * lepton_x + y * lepton_y
    # Transverse momentum times hyperbolic cosine and sine of the distance.
    even = torch.maximum(product / lepton_pt, pt)
    odd = (even.square() - pt.square()).sqrt()
    separation = ((even + odd) / torch.maximum(pt, LEAST_MET * even)).log()
    solutions = [
        torch.stack(
            [
                x,
                y,
                (z * even + sign * energy * odd) / lepton_pt,
                (energy * even + sign * z * odd) / lepton_pt,
                torch.zeros_like(x),
            ],
            dim=1,
        )
        for sign in (1, -1)
    ]
    return torch.stack(solutions, dim=3).flatten(2), separation


def positions(
    systems: list[frozenset[int]],
    parts: list[decay_assignments.Assignment] | list[decay_assignments.Term],
) -> Tensor:
    """Position of the system of each assignment or term, (n_parts,)."""
    return torch.tensor(
        [systems.index(part.leaves) for part in parts], dtype=torch.long
    )


def places(lengths: list[int]) -> Tensor:
    """Positions of the assignments of each candidate, (n_candidates, most).

    Shorter lists are padded with their first position.
    """
    most, first, rows = max(lengths, default=0), 0, []
    for length in lengths:
        row = list(range(first, first + length))
        rows.append(row + row[:1] * (most - length))
        first += length
    return torch.tensor(rows)
