"""Contradictions within the declared decays and units of a data set."""

from collections.abc import Iterator

from hepfold.core import settings_datasets
from hepfold.data import decay_assignments, declared_names

# Largest number of assignments of bodies to all candidates; all of them are computed.
MAX_ASSIGNMENTS = 1000


def faults(declared: settings_datasets.Dataset) -> Iterator[tuple[str, str]]:
    """Key and reason of everything that is wrong with factors and decays."""
    yield from faults_of_factors(declared)
    decays = declared.decays
    if not decays.neutrinos and not decays.candidates:
        return
    of_names = [*faults_of_neutrinos(declared), *faults_of_members(declared)]
    yield from of_names
    if not of_names:
        yield from faults_of_assignments(declared)
        yield from faults_of_units(declared)


def faults_of_factors(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Faults of the declared units of columns."""
    if declared.factors and declared.units != "recovered":
        yield "factors", "they need units: recovered"
    for name in declared.factors.keys() & declared.steps.keys():
        yield f"factors.{name}", "its unit is recovered by steps; remove one of the two"


def faults_of_neutrinos(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Faults of the bodies that neutrinos name."""
    for name, neutrino in declared.decays.neutrinos.items():
        key = f"decays.neutrinos.{name}"
        if name in declared.bodies:
            yield key, "a body has this name; choose another"
        for role, member in (("met", neutrino.met), ("lepton", neutrino.lepton)):
            body = declared.bodies.get(member)
            if body is None:
                hint = declared_names.hint(member, declared.bodies)
                yield f"{key}.{role}", f"no body is called {member!r}{hint}"
            elif role == "met" and body.eta is not None:
                yield f"{key}.met", f"{member} has an eta; name missing momentum"
            elif role == "lepton" and body.eta is None:
                yield f"{key}.lepton", f"{member} has no eta; name a charged lepton"


def faults_of_members(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Faults of the names in candidates, which must be of bodies or declared before."""
    known = [*declared.bodies, *declared.decays.neutrinos]
    for name, candidate in declared.decays.candidates.items():
        key = f"decays.candidates.{name}"
        if name in known:
            yield key, "a body or neutrino has this name; choose another"
        for role in ("bodies", "any_of"):
            for member in getattr(candidate, role):
                if member not in known:
                    yield (
                        f"{key}.{role}",
                        f"{member!r} is no body, neutrino or earlier candidate"
                        f"{declared_names.hint(member, known)}",
                    )
        known.append(name)


def faults_of_assignments(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Candidates without assignment, and too many assignments."""
    ways = decay_assignments.assignments(tuple(declared.bodies), declared.decays)
    for name, part in ways.items():
        if not part:
            yield (
                f"decays.candidates.{name}",
                "it has a body twice; name other bodies",
            )
    n_ways = sum(map(len, ways.values()))
    if n_ways > MAX_ASSIGNMENTS:
        yield (
            "decays.candidates",
            f"bodies can be assigned in {n_ways} ways, more than {MAX_ASSIGNMENTS}; "
            "shorten any_of",
        )


def faults_of_units(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Momenta that cannot be compared with masses in GeV."""
    if not declared.positive_momenta:
        yield "decays", "masses need positive_momenta: true; remove decays"
    if declared.units != "recovered":
        return
    known = declared.steps.keys() | declared.factors.keys()
    for name in sorted(decay_assignments.names_in(declared.decays)):
        body = declared.bodies.get(name)
        if body is not None and body.pt not in known:
            yield (
                f"bodies.{name}",
                f"decays need the unit of {body.pt} in GeV; add it to steps or factors",
            )
