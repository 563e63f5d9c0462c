"""What the columns of a fold file mean, from the declaration of a data set."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from hepfold.core import parsing, settings_datasets, settings_decays, settings_samples

ALL = "all"


@dataclass(frozen=True)
class Dataset:
    """Features of a data set and their roles.

    `continuous` and the keys of `categorical`, in this order, are the columns of the
    inputs; `categorical` gives the values of each categorical feature, whose codes in
    the fold file are positions in this list. `bodies` are rotated together in
    symmetries; `momenta_are_positive` says that their pt is proportional to a momentum.
    `steps` are the steps, in GeV or radians, to which the detector software rounded
    columns that are given in arbitrary units; `factors` are units that are known
    otherwise. `decays` name bodies by `body_names`. `hypothesis` is the feature with
    the mass in GeV of the signal that is searched for. `missing` are numbers that stand
    for missing values.
    """

    feature_sets: dict[str, tuple[str, ...]]
    categorical: dict[str, tuple[float, ...]]
    bodies: tuple[settings_datasets.Body, ...]
    hypothesis: str | None
    units_are_recovered: bool
    momenta_are_positive: bool
    steps: dict[str, float]
    factors: dict[str, float]
    body_names: tuple[str, ...]
    decays: settings_decays.Decays
    missing: tuple[float, ...]

    @classmethod
    def of(cls, declared: settings_datasets.Dataset) -> "Dataset":
        """The roles that a declaration gives to its features."""
        return cls(
            feature_sets=feature_sets(declared),
            categorical=declared.categories,
            bodies=tuple(of_kind(body, name) for name, body in declared.bodies.items()),
            hypothesis=declared.hypothesis,
            units_are_recovered=declared.units == "recovered",
            momenta_are_positive=declared.positive_momenta,
            steps=declared.steps,
            factors=declared.factors,
            body_names=tuple(declared.bodies),
            decays=declared.decays,
            missing=declared.missing,
        )

    @property
    def continuous(self) -> tuple[str, ...]:
        """Features that are not categorical, in the order of the fold file."""
        names = self.feature_sets[ALL]
        return tuple(name for name in names if name not in self.categorical)

    @property
    def features(self) -> tuple[str, ...]:
        """Input variables in the order of the fold file: continuous, categorical."""
        return (*self.continuous, *self.categorical)

    @property
    def scaled_azimuths(self) -> tuple[str, ...]:
        """Names of the azimuths that are not in radians."""
        azimuths = tuple(body.phi for body in self.bodies)
        return azimuths if self.units_are_recovered else ()

    def is_derived(self, names: Iterable[str]) -> list[bool]:
        """Whether each feature is computed from others."""
        return [name in self.feature_sets.get("high_level", ()) for name in names]


def of_kind(body: settings_datasets.Body, name: str) -> settings_datasets.Body:
    """A body with its kind: the declared one, or its name without trailing digits."""
    return msgspec.structs.replace(body, kind=body.kind or name.rstrip("0123456789_"))


def parse(declared: dict) -> Dataset:
    """The roles of features, from a declaration as plain values."""
    return Dataset.of(parsing.parse(declared, settings_datasets.Dataset))


def feature_sets(
    declared: settings_datasets.Dataset,
) -> dict[str, tuple[str, ...]]:
    """Names of the features of each set; `all` has every feature once.

    Further features of bodies need not be listed: they are in `all`.
    """
    features = declared.features
    sets = features if isinstance(features, dict) else {ALL: features}
    listed = (name for names in sets.values() for name in names)
    of_bodies = (name for body in declared.bodies.values() for name in body.more)
    every = dict.fromkeys((*sets.get(ALL, listed), *of_bodies))
    return {ALL: (), **sets} | {ALL: tuple(every)}


def present(declared: settings_datasets.Dataset) -> settings_datasets.Dataset:
    """The declaration without columns that, by `rename`, the files do not have."""
    absent = {name for name, column in declared.rename.items() if column is None}
    test = declared.test
    without_test = (
        isinstance(test, settings_samples.TestEvents) and test.column in absent
    )
    return msgspec.structs.replace(
        declared,
        rename={n: c for n, c in declared.rename.items() if c is not None},
        id=None if declared.id in absent else declared.id,
        weight=None if declared.weight in absent else declared.weight,
        test=None if without_test else test,
        keep=tuple(name for name in declared.keep if name not in absent),
    )
