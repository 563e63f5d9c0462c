"""Preparation of features for networks that see an event as a set of bodies.

Pair features are those of Qu, Li and Qian 2022, arXiv:2202.03772, equation 3, and the
cosine of the azimuth difference.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hepfold.core import logs, settings_training
from hepfold.models import feature_preparation, feature_schema

# Features of a pair with and without its momenta.
N_PAIR_FEATURES, N_ANGLES = 5, 2
# Smallest momentum as a fraction of its unit, which bounds logarithms.
LEAST_MOMENTUM = 1e-3


@dataclass(frozen=True)
class Body:
    """Positions of the prepared features of a body, and its kind.

    `missing` is the column that is one if the body is missing. `odd` is the column of
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
    """Assignment of the prepared features to bodies, pairs of bodies, or the event.

    `pairs` (n_pairs, n_pair_features) are in the order of `itertools.combinations`.
    """

    bodies: tuple[Body, ...]
    pairs: tuple[tuple[int, ...], ...]
    event: tuple[int, ...]


class ParticlePreparation(feature_preparation.FeaturePreparation):
    """Prepares features of bodies, of pairs of bodies and of the event.

    Scalars are all features except azimuths and pseudorapidities, with momenta as
    logarithms; then the features of pairs and of systems; then flags of missing values,
    beginning with one for each body. Odd features are pseudorapidities. No feature
    rotates.

    Features of bodies of one kind, and those of all pairs, have a common scale.
    """

    def __init__(
        self,
        schema: feature_schema.Schema,
        settings: settings_training.ParticlePreparation,
    ):
        if len(schema.bodies) < 2:
            raise logs.InputError(
                "kind: transformer needs two or more bodies whose momentum and angles "
                f"are among the features, and there are {len(schema.bodies)}; declare "
                "them in the data set, or choose another kind of model"
            )
        features = settings_training.Preparation(
            systems=settings.systems, decays=settings.decays
        )
        super().__init__(schema, features)
        self.vectors = False
        self.has_masses = schema.momenta_are_positive
        momenta = {pt for pt, _, _ in schema.bodies} if self.has_masses else set()
        is_momentum = torch.tensor([i in momenta for i in self.plain])
        self.register_buffer("is_momentum", is_momentum, persistent=False)

    @property
    def pair_columns(self) -> list[list[int]]:
        """Columns of the features of each pair, (n_pairs, n_pair_features)."""
        n_bodies, start = len(self.schema.bodies), len(self.plain)
        n_features = N_PAIR_FEATURES if self.has_masses else N_ANGLES
        end = start + n_bodies * (n_bodies - 1) // 2 * n_features
        return [
            list(range(first, first + n_features))
            for first in range(start, end, n_features)
        ]

    @property
    def layout(self) -> Layout:
        """Positions of the prepared features of bodies, pairs and the event."""
        schema, flags = self.schema, len(self.origin)
        place = {feature: i for i, feature in enumerate(self.plain)}
        odd = iter(range(self.columns.odd.start, self.columns.odd.stop))
        described = zip(schema.bodies, schema.more, schema.kinds, strict=True)
        bodies = tuple(
            Body(
                kind,
                tuple(place[i] for i in (pt, *more) if i in place),
                None if eta is None else next(odd),
                flags + i,
            )
            for i, ((pt, eta, _), more, kind) in enumerate(described)
        )
        pairs = self.pair_columns
        used = {i for body in bodies for i in (*body.scalars, body.missing)}
        used |= {i for columns in pairs for i in columns}
        event = [i for i in range(self.columns.n_scalars) if i not in used]
        return Layout(bodies, tuple(map(tuple, pairs)), tuple(event))

    def fit(self, inputs: np.ndarray) -> None:
        """Fit the scaling to events (n_events, n_features)."""
        super().fit(inputs)
        layout = self.layout
        kinds = [body.inputs for body in layout.bodies]
        for kind in set(kinds):
            alike = [b for b, k in zip(layout.bodies, kinds, strict=True) if k == kind]
            for columns in zip(*(body.scalars for body in alike), strict=True):
                self.share_scale(list(columns))
            odd = [b.odd - self.columns.n_scalars for b in alike if b.odd is not None]
            if odd:
                self.odd_scale[odd] = self.odd_scale[odd].square().mean().sqrt()
        for columns in zip(*layout.pairs, strict=True):
            self.share_scale(list(columns))

    def share_scale(self, columns: list[int]) -> None:
        """Give columns a common origin and unit, computed from all of them."""
        origin, unit = self.origin[columns], self.unit[columns]
        shared = origin.mean()
        spread = unit.square() + (origin - shared).square()
        self.origin[columns] = shared
        self.unit[columns] = spread.mean().sqrt()

    def scalars(self, values: Tensor) -> Tensor:
        """Invariant features without scaling (n_events, n_scalars)."""
        plain, others = super().scalars(values).tensor_split([len(self.plain)], dim=1)
        logarithms = plain.clamp(min=LEAST_MOMENTUM).log()
        plain = torch.where(self.is_momentum, logarithms, plain)
        return torch.cat([plain, others], dim=1)

    def long_tailed(self, scalars: Tensor) -> Tensor:
        """Which scalars (n_scalars,) get a logarithm: never those that have one."""
        tails = super().long_tailed(scalars)
        tails[: len(self.plain)] &= ~self.is_momentum
        tails[list(itertools.chain(*self.pair_columns))] = False
        return tails

    def missing_patterns(self, inputs: Tensor) -> list[int]:
        """The momentum of each body, then other sets of features missing together."""
        momenta = [pt for pt, _, _ in self.schema.bodies]
        missing = inputs.isnan().numpy()
        known = {missing[:, i].tobytes() for i in momenta}
        others = super().missing_patterns(inputs)
        return momenta + [i for i in others if missing[:, i].tobytes() not in known]

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
        """Pseudorapidities (n_events, n_with_eta); x and y components are empty."""
        none = values[:, :0]
        etas = [eta for _, eta, _ in self.schema.bodies if eta is not None]
        return values[:, etas] * self.units[etas], none, none
