"""Preparation of features for networks that see an event as a set of bodies.

Pair features are those of Qu, Li and Qian 2022, arXiv:2202.03772, equation 3, and the
cosine of the azimuth difference.
"""

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from hepfold.core import logs, settings_training
from hepfold.models import feature_preparation

# Smallest momentum as a fraction of its unit: below, logarithms would dominate.
LEAST_MOMENTUM = 1e-3


@dataclass(frozen=True)
class Body:
    """Positions of the prepared features of a body, and its kind.

    `missing` is the column with one where the body is missing. `odd` is the column of
    its pseudorapidity, or None.
    """

    kind: str
    scalars: tuple[int, ...]
    odd: int | None
    missing: int

    @property
    def columns(self) -> list[int]:
        """Columns of all its features."""
        return [*self.scalars, *([] if self.odd is None else [self.odd])]

    @property
    def inputs(self) -> tuple[str, int, bool]:
        """Bodies share weights if this is equal: kind and kinds of features."""
        return self.kind, len(self.scalars), self.odd is None


@dataclass(frozen=True)
class Layout:
    """What the prepared features belong to: bodies, pairs of them, or the event.

    `pairs` (n_pairs, n_pair_features) are in the order of `itertools.combinations`.
    """

    bodies: tuple[Body, ...]
    pairs: tuple[tuple[int, ...], ...]
    event: tuple[int, ...]


class ParticlePreparation(feature_preparation.FeaturePreparation):
    """Prepares features of bodies, of pairs of bodies and of the event.

    Scalars are all features but azimuths and pseudorapidities, then the features of
    pairs, then flags of missing values: first one for each body, then those of the
    features of the event. Odd features are pseudorapidities. Nothing rotates.
    """

    def __init__(
        self,
        schema: feature_preparation.Schema,
        settings: settings_training.ParticlePreparation,
    ):
        if len(schema.bodies) < 2:
            raise logs.InputError(
                "kind: transformer needs two or more bodies whose momentum and angles "
                f"are among the features, and there are {len(schema.bodies)}; declare "
                "them in the data set, or choose another kind of model"
            )
        super().__init__(
            schema,
            settings_training.Preparation(settings.scaling, vectors=True, pairs=True),
        )
        self.vectors = False

    @property
    def layout(self) -> Layout:
        """Positions of the prepared features of bodies, pairs and the event."""
        schema, n_plain = self.schema, len(self.plain)
        n_pairs = len(schema.bodies) * (len(schema.bodies) - 1) // 2
        flags = len(self.origin)
        place = {feature: i for i, feature in enumerate(self.plain)}
        odd = iter(range(self.columns.odd.start, self.columns.odd.stop))
        bodies = tuple(
            Body(
                kind,
                tuple(place[i] for i in (pt, *more) if i in place),
                None if eta is None else next(odd),
                flags + i_body,
            )
            for i_body, ((pt, eta, _), more, kind) in enumerate(
                zip(schema.bodies, schema.more, schema.kinds, strict=True)
            )
        )
        n_kinds = (len(self.origin) - n_plain) // n_pairs
        pairs = tuple(
            tuple(range(start, start + n_kinds))
            for start in range(n_plain, flags, n_kinds)
        )
        of_bodies = {i for body in bodies for i in body.scalars}
        others = [i for i in range(n_plain) if i not in of_bodies]
        further_flags = range(flags + len(bodies), self.columns.n_scalars)
        return Layout(bodies, pairs, (*others, *further_flags))

    def missing_patterns(self, inputs: Tensor) -> list[int]:
        """The momentum of each body, then features that are missing beside these."""
        momenta = [pt for pt, _, _ in self.schema.bodies]
        missing = inputs.isnan()
        known = {missing[:, i].numpy().tobytes() for i in momenta}
        others = super().missing_patterns(inputs)
        return momenta + [
            i for i in others if missing[:, i].numpy().tobytes() not in known
        ]

    def of_pairs(self, values: Tensor) -> Tensor:
        """Features of all pairs of bodies (n_events, n_pairs * n_pair_features).

        These are logarithms of the mass (transverse if one is missing momentum), of the
        distance, of kt and of the share of the smaller momentum, and the cosine of the
        azimuth difference. If momenta may be negative (already scaled): the cosine and
        the distance.
        """
        first, second = zip(*itertools.combinations(self.schema.bodies, 2), strict=True)
        pt, eta, phi = zip(*first, strict=True)
        other_pt, other_eta, other_phi = zip(*second, strict=True)
        turns = (values[:, phi] - values[:, other_phi]) / (2 * math.pi)
        azimuth = 2 * math.pi * (turns - turns.round())
        cosine = azimuth.cos()
        difference = feature_preparation.differences(values, eta, other_eta)
        least = feature_preparation.LEAST_MASS_SQUARED
        distance = (difference.square() + azimuth.square()).clamp(min=least).log() / 2
        if not self.schema.momenta_are_positive:
            return torch.stack([cosine, distance], dim=2).flatten(1)
        momentum, other = (
            values[:, columns].clamp(min=LEAST_MOMENTUM) for columns in (pt, other_pt)
        )
        angular = (torch.cosh(difference) - cosine).clamp(min=least)
        mass = (2 * angular * momentum * other).log() / 2
        smaller = torch.minimum(momentum, other).log()
        share = smaller - (momentum + other).log()
        parts = [mass, distance, smaller + distance, share, cosine]
        return torch.stack(parts, dim=2).flatten(1)

    def components(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pseudorapidities (n_events, n_bodies that have one), and nothing twice."""
        none = values[:, :0]
        etas = [eta for _, eta, _ in self.schema.bodies if eta is not None]
        return values[:, etas] * self.units[etas], none, none
