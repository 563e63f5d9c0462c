"""Settings of decays: candidates that are assembled from the bodies of an event.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults.
"""

from hepfold.core.settings_base import Count, PositiveFloat, Settings


class Neutrino(Settings):
    """A neutrino from a W boson, with two solutions for its longitudinal momentum.

    met: Body of the missing momentum, taken as the transverse momentum of the neutrino.
    lepton: Body of the charged lepton from the same W boson.
    mass: Mass of the W boson in GeV; where the transverse mass exceeds it, both
        solutions have the pseudorapidity of the lepton.
    """

    met: str
    lepton: str
    mass: PositiveFloat = 80.4


class Candidate(Settings):
    """A decaying particle, or a combination of several.

    bodies: Bodies, neutrinos and earlier candidates that it always contains.
    any_of: Bodies, neutrinos and earlier candidates of which it contains `n` more.
    n: Number of members of `any_of` that it contains.
    mass: Expected mass in GeV; with null, the chi-square is that of the candidates in
        it.
    width: Resolution of the mass in GeV.
    """

    bodies: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    n: Count = 0
    mass: PositiveFloat | None = None
    width: PositiveFloat | None = None

    def __post_init__(self) -> None:
        """Check that keys that need each other are given together."""
        if self.n > len(self.any_of) or bool(self.n) != bool(self.any_of):
            raise ValueError(
                f"n must be from 1 to the length of any_of ({len(self.any_of)})"
            )
        if len(self.bodies) + self.n < 2:
            raise ValueError("bodies and n of any_of must be two or more together")
        if (self.mass is None) != (self.width is None):
            raise ValueError("mass and width must be given together")


class Decays(Settings):
    """Decays of a data set.

    neutrinos: Neutrinos by name.
    candidates: Candidates by name.
    """

    neutrinos: dict[str, Neutrino] = {}
    candidates: dict[str, Candidate] = {}
