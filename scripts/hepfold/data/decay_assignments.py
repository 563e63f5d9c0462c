"""Assignments of the bodies of an event to declared candidates."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from hepfold.core import settings_decays


@dataclass(frozen=True)
class Term:
    """A system of leaves that has a mass and a width."""

    leaves: frozenset[int]
    mass: float
    width: float


@dataclass(frozen=True)
class Assignment:
    """The bodies and neutrinos that a candidate is assembled from.

    Leaves are positions of bodies and, after them, of the two solutions for each
    neutrino; `used` are the positions of bodies, for a neutrino of missing momentum.
    """

    leaves: frozenset[int]
    used: frozenset[int]
    terms: frozenset[Term] = frozenset()

    def joined(self, other: Self) -> Self:
        """The assignments combined."""
        return Assignment(
            self.leaves | other.leaves,
            self.used | other.used,
            self.terms | other.terms,
        )

    def with_term(self, candidate: settings_decays.Candidate) -> Self:
        """The assignment with the mass of the candidate, if it has one."""
        if candidate.mass is None or candidate.width is None:
            return self
        term = Term(self.leaves, candidate.mass, candidate.width)
        return Assignment(self.leaves, self.used, self.terms | {term})


def assignments(
    bodies: tuple[str, ...], decays: settings_decays.Decays
) -> dict[str, list[Assignment]]:
    """Assignments to each candidate of the bodies of the given names.

    They must include all bodies that the decays name.
    """
    ways = {
        name: [Assignment(frozenset([i]), frozenset([i]))]
        for i, name in enumerate(bodies)
    }
    for i, (name, neutrino) in enumerate(decays.neutrinos.items()):
        first = len(bodies) + 2 * i
        used = frozenset([bodies.index(neutrino.met)])
        ways[name] = [Assignment(frozenset([first + k]), used) for k in range(2)]
    for name, candidate in decays.candidates.items():
        joined = (
            assignment.with_term(candidate)
            for members in choices(candidate)
            for assignment in combined([ways[member] for member in members])
        )
        ways[name] = list(dict.fromkeys(joined))
    return {name: ways[name] for name in decays.candidates}


def choices(candidate: settings_decays.Candidate) -> Iterator[tuple[str, ...]]:
    """Names of the bodies, neutrinos and candidates that a candidate may contain."""
    for chosen in itertools.combinations(candidate.any_of, candidate.n):
        yield (*candidate.bodies, *chosen)


def combined(parts: list[list[Assignment]]) -> list[Assignment]:
    """Each combination of assignments that use no body twice."""
    ways = parts[0]
    for part in parts[1:]:
        ways = [a.joined(b) for a in ways for b in part if not a.used & b.used]
    return ways


def computable(
    decays: settings_decays.Decays, bodies: set[str]
) -> settings_decays.Decays:
    """The neutrinos and candidates that need only the named bodies."""
    known = set(bodies)
    neutrinos = {
        name: neutrino
        for name, neutrino in decays.neutrinos.items()
        if {neutrino.met, neutrino.lepton} <= known
    }
    known |= neutrinos.keys()
    candidates = {}
    for name, candidate in decays.candidates.items():
        if {*candidate.bodies, *candidate.any_of} <= known:
            candidates[name] = candidate
            known.add(name)
    return settings_decays.Decays(neutrinos, candidates)


def names_in(decays: settings_decays.Decays) -> set[str]:
    """Names of bodies, neutrinos and candidates in decays."""
    names = {name for n in decays.neutrinos.values() for name in (n.met, n.lepton)}
    for candidate in decays.candidates.values():
        names |= {*candidate.bodies, *candidate.any_of}
    return names
