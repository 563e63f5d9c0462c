"""Preparation of the physical features of the fold file for a model, on the device.

Scalars, odd features, vectors and category codes are prepared separately, so that
`symmetries` can act on prepared features in the same way as on momenta.
"""

import itertools
import logging
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.core import (
    logs,
    settings_models,
    settings_training,
)
from hepfold.models import (
    body_systems,
    decay_candidates,
    feature_scaling,
    feature_schema,
    symmetries,
)

# Largest number of evenly spaced events for the fit of the preparation, and largest
# number of invariant features of all these events, because they must be sorted. They
# are computed in batches.
N_FITTED, N_FITTED_VALUES, FITTING_BATCH = 1_000_000, 64_000_000, 16_384
# Values of `scaling` that first replace long-tailed features by log(1 + x / median),
# which is defined at zero.
WITH_LOGARITHMS = ("standard", "quantile")
# Quantiles in the map of a feature to a normal distribution.
N_QUANTILES = 257
# Smallest cosh(eta difference) - cos(phi difference); rounding dominates smaller ones.
LEAST_MASS_SQUARED = 1e-4


class FeaturePreparation(nn.Module):
    """Prepares scalars, odd features, x and y components and category codes, in turn.

    Scalars are the features (with `vectors`, all but azimuths and pseudorapidities),
    with `pairs` the masses and angles of pairs of bodies, with `systems` the masses and
    transverse momenta of larger systems, with `decays` the features of candidates, and
    flags of missing values. All but the flags are scaled, unless `scaling` is `none`.
    Odd features are pseudorapidities. Missing values are zero: the mean of scaled
    features, or the lowest value if `scaling` is `min_max`.

    It is fitted once, to the training events; its buffers are stored with the model.
    """

    def __init__(
        self, schema: feature_schema.Schema, settings: settings_training.Preparation
    ):
        super().__init__()
        self.schema, self.scaling = schema, settings.scaling
        self.vectors = settings.vectors and bool(schema.bodies)
        self.pairs = settings.pairs and len(schema.bodies) > 1
        turning = {i for _, *angles in schema.bodies for i in angles if i is not None}
        self.plain = [
            i
            for i in range(schema.n_continuous)
            if not (settings.vectors and i in turning)
        ]
        units = torch.tensor(schema.units, dtype=torch.float64)
        self.register_buffer("units", units, persistent=False)
        n_bodies = len(schema.bodies) if schema.momenta_are_positive else 0
        systems = body_systems.systems(n_bodies, settings.systems)
        members = body_systems.membership(n_bodies, systems)
        self.register_buffer("systems", members, persistent=False)
        self.candidates = (
            decay_candidates.Candidates.of(schema.decays)
            if settings.decays and schema.decays
            else None
        )

    @property
    def columns(self) -> symmetries.Columns:
        """The kinds of prepared features."""
        n_bodies = len(self.schema.bodies) if self.vectors else 0
        return symmetries.Columns(
            n_scalars=len(self.origin) + len(self.flagged),
            n_odd=len(self.odd_scale),
            n_vectors=n_bodies,
            n_codes=len(self.schema.n_values),
        )

    def fit(self, inputs: np.ndarray) -> None:
        """Fit the scaling to events (n_events, n_features)."""
        sample = torch.from_numpy(inputs[:: self.fitting_step(inputs)]).double()
        scalars = torch.cat([self.scalars(p) for p in sample.split(FITTING_BATCH)])
        self.register_buffer("is_long_tailed", self.long_tailed(scalars))
        medians = scalars.nanmedian(dim=0).values
        self.register_buffer("scale", torch.where(self.is_long_tailed, medians, 1.0))
        scalars = self.logarithms(scalars)
        origin, unit = self.origin_and_unit(scalars)
        self.register_buffer("origin", origin)
        self.register_buffer("unit", unit)
        if self.scaling == "quantile":
            level = torch.linspace(0, 1, N_QUANTILES, dtype=torch.float64)
            self.register_buffer("quantiles", feature_scaling.quantiles(scalars, level))
        flagged = self.missing_patterns(sample)
        self.register_buffer("flagged", torch.tensor(flagged, dtype=torch.long))
        odd, x, y = self.components(sample)
        # One scale for both components, so that they rotate as a vector.
        for name, columns in (("odd_scale", odd), ("vector_scale", torch.cat([x, y]))):
            self.register_buffer(name, feature_scaling.unit(columns, self.scaling))

    def long_tailed(self, scalars: Tensor) -> Tensor:
        """Which scalars (n_scalars,) are replaced by logarithms."""
        tails = [
            self.scaling in WITH_LOGARITHMS
            and feature_scaling.is_long_tailed(column[~column.isnan()])
            for column in scalars.T
        ]
        return torch.tensor(tails)

    def origin_and_unit(self, scalars: Tensor) -> tuple[Tensor, Tensor]:
        """What is subtracted from each scalar, and then divided by."""
        return feature_scaling.origin_and_unit(scalars, self.scaling)

    def fitting_step(self, inputs: np.ndarray) -> int:
        """The preparation is fitted to every n-th event, where n is this step."""
        n_scalars = self.scalars(torch.from_numpy(inputs[:1]).double()).shape[1]
        n_fitted = min(N_FITTED, N_FITTED_VALUES // max(1, n_scalars))
        return max(1, -(-len(inputs) // n_fitted))

    def arrays(self) -> dict[str, np.ndarray]:
        """All fitted values, by name."""
        state = self.state_dict()
        return {f"preparation.{name}": t.cpu().numpy() for name, t in state.items()}

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Restore the values that `arrays` returned."""
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            if part == "preparation":
                self.register_buffer(rest, torch.from_numpy(array))

    def missing_patterns(self, inputs: Tensor) -> list[int]:
        """One feature of each set of features that are always missing together."""
        missing = inputs[:, : self.schema.n_continuous].isnan().numpy()
        patterns = {missing[:, i].tobytes(): i for i in reversed(self.plain)}
        return sorted(i for i in patterns.values() if missing[:, i].any())

    def forward(self, inputs: Tensor) -> Tensor:
        """Prepared features (n_events, n_prepared), float32."""
        values = inputs.double()
        scalars = self.logarithms(self.scalars(values))
        if self.scaling == "quantile":
            scalars = self.normal(scalars)
        else:
            scalars = (scalars - self.origin) / self.unit
        odd, x, y = self.components(values)
        parts = [
            scalars,
            values[:, self.flagged].isnan(),
            odd / self.odd_scale,
            x / self.vector_scale,
            y / self.vector_scale,
            values[:, self.schema.n_continuous :],
        ]
        return torch.cat(parts, dim=1).nan_to_num_().float()

    def scalars(self, values: Tensor) -> Tensor:
        """Invariant features without scaling (n_events, n_scalars)."""
        parts = [values[:, self.plain]]
        if self.pairs:
            parts.append(self.of_pairs(values * self.units))
        if self.systems.shape[1] or self.candidates:
            bodies = body_systems.momenta(values * self.units, self.schema.bodies)
            parts += body_systems.masses(body_systems.summed(bodies, self.systems))
            parts += self.candidates(bodies) if self.candidates else ()
        return torch.cat(parts, dim=1)

    def of_pairs(self, values: Tensor) -> Tensor:
        """Masses, and cosines of azimuth differences, of all pairs of bodies.

        Bodies are taken as massless; the mass is transverse if one is missing momentum.
        Only cosines are returned if momenta may be negative (already scaled).

        All pairs are computed at once, because a loop would double the time of the ONNX
        export, which traces every operator.
        """
        first, second = zip(*itertools.combinations(self.schema.bodies, 2), strict=True)
        pt, eta, phi = zip(*first, strict=True)
        other_pt, other_eta, other_phi = zip(*second, strict=True)
        cosine = torch.cos(values[:, phi] - values[:, other_phi])
        if not self.schema.momenta_are_positive:
            return cosine
        cosh = torch.cosh(differences(values, eta, other_eta))
        momenta = values[:, pt] * values[:, other_pt]
        squared = 2 * (cosh - cosine).clamp(min=LEAST_MASS_SQUARED) * momenta
        return torch.stack([cosine, squared.sqrt()], dim=2).flatten(1)

    def components(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pseudorapidities, and x and y of each body (n_events, n_bodies).

        If momenta may be negative (already scaled), x and y are a unit vector.
        """
        if not self.vectors:
            none = values[:, :0]
            return none, none, none
        values = values[:, : len(self.units)] * self.units
        pt, eta, phi = zip(*self.schema.bodies, strict=True)
        odd = values[:, [i for i in eta if i is not None]]
        length = values[:, pt] if self.schema.momenta_are_positive else 1.0
        phi = values[:, phi]
        return odd, length * phi.cos(), length * phi.sin()

    def logarithms(self, scalars: Tensor) -> Tensor:
        """Scalars with long-tailed features replaced by logarithms."""
        logarithm = (scalars.clamp(min=0) / self.scale).log1p()
        return torch.where(self.is_long_tailed, logarithm, scalars)

    def normal(self, scalars: Tensor) -> Tensor:
        """Scalars mapped by quantiles to a normal distribution, within 3 sigma."""
        values = scalars.T.contiguous()
        above = torch.searchsorted(self.quantiles, values).clamp(1, N_QUANTILES - 1)
        low, high = (self.quantiles.gather(1, i) for i in (above - 1, above))
        part = ((values - low) / (high - low).clamp(min=1e-300)).clamp(0, 1)
        level = (above - 1 + part) / (N_QUANTILES - 1)
        normal = torch.special.ndtri(level.clamp(0.00135, 0.99865))
        return torch.where(values.isnan(), values, normal).T


def differences(
    values: Tensor, first: Sequence[int | None], second: Sequence[int | None]
) -> Tensor:
    """Differences of pairs of columns, (n_events, n_pairs); 0 where one is None."""
    has_both = [None not in pair for pair in zip(first, second, strict=True)]
    of_first, of_second = (
        values[:, [column or 0 for column in columns]] for columns in (first, second)
    )
    mask = torch.tensor(has_both, device=values.device)
    return torch.where(mask, of_first - of_second, 0.0)


def fitted(
    schema: feature_schema.Schema,
    model: settings_models.NetworkModel | settings_models.XGBoost,
    inputs: np.ndarray,
) -> FeaturePreparation:
    """The preparation of a model, fitted to events (n_events, n_features)."""
    preparation = FeaturePreparation(schema, model.preparation)
    preparation.fit(inputs)
    use = symmetries.possible(model.symmetry, schema.bodies).use
    if use != "none" and not preparation.columns.n_vectors:
        raise logs.InputError(
            f"symmetry.use: {use} rotates momenta; set "
            "preparation.vectors and use features with momenta"
        )
    if use != model.symmetry.use:
        logging.info("No bodies among the features: the model has no symmetry.")
    return preparation
