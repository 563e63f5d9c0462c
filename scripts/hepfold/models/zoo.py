"""The interface of all kinds of model; functions that save and load models.

Each kind of model is a class, which `implementation` in its settings names. Its module
is imported only when a model of that kind is used.
"""

import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol, Self

import msgspec
import numpy as np
from torch import nn

from hepfold.core import (
    files,
    parsing,
    settings_averages,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.data import event_streams
from hepfold.models import feature_schema, starts

History = list[dict]
# Place of a model in an ONNX model: its fold and, for a part of a blend, its position.
Place = tuple[int, ...]

# More groups of members than this are formed only if fewer would differ in size.
MAX_GROUPS = 5


@dataclass(frozen=True)
class Job:
    """How a model is fitted.

    Parameters
    ----------
    training
        Settings of the training.
    seed
        Seeds the initial weights, event order and symmetries.
    train_networks
        Trains networks: takes the class of the ensemble, a fitted preparation, and the
        training and validation events; returns the ensemble and its history.
    start
        Another training, from whose trees boosting continues; `train_networks` holds
        that of networks.
    """

    training: settings_training.Training
    seed: int
    train_networks: Callable[..., tuple["Model", History]]
    start: starts.Start | None = None


class Scorer(Protocol):
    """The methods of every kind of model that is read from a file, also of a blend."""

    preparation: nn.Module
    symmetry: settings_layers.Symmetry | settings_layers.Orientation
    n_members: int
    # Weights (n_members,) in the mean score, double; None is equal weights.
    member_weight: np.ndarray | None

    @classmethod
    def from_arrays(
        cls,
        arrays: dict[str, np.ndarray],
        schema: feature_schema.Schema,
        settings: settings_models.Model,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """The model whose file has these arrays."""

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Weighted mean score of the members (n_events,), double.

        Takes physical features (n_events, n_features), as all methods do.
        """

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        """Score of each member (n_members, n_events), double, without augmentation."""

    def scoring_module(self, place: Place) -> nn.Module:
        """A module from prepared features to scores, for ONNX, or raises InputError."""


class Model(Scorer, Protocol):
    """The methods of every kind of model that is trained."""

    @classmethod
    def fit(
        cls,
        parts: event_streams.Parts,
        schema: feature_schema.Schema,
        settings: settings_models.BaseModel,
        job: Job,
    ) -> tuple[Self, History]:
        """Fit a model to training and validation events; return it and its history.

        There may be no validation events. The history has one row per epoch (or
        boosting round) and member.
        """

    def group_scores(self, inputs: np.ndarray, n_groups: int) -> np.ndarray:
        """Weighted mean score of each group of members, (n_groups, n_events), double.

        Member i is in group i % n_groups.
        """

    def class_probabilities(self, inputs: np.ndarray) -> np.ndarray:
        """Mean probabilities of the classes of a softmax, (n_classes, n_events)."""

    def arrays(self) -> dict[str, np.ndarray]:
        """All fitted values, by name."""


def n_groups(settings: settings_models.BaseModel, n_members: int) -> int:
    """Number of equal groups of members whose scores are stored; 1 means none.

    Takes the number of members of the fitted model, without members that diverged.
    Groups are trained independently, so that their spread gives the uncertainty from
    training. Members of TabM share weights, and snapshots of one network share a
    training: unless all snapshots of all networks exist, no groups are equal.
    """
    if isinstance(settings, settings_models.TabM):
        return 1
    n_trained = n_members
    if has_snapshots(settings):
        n_trained = 1 if n_members % settings.n_members else settings.n_members
    divisors = [n for n in range(2, MAX_GROUPS + 1) if n_trained % n == 0]
    return divisors[-1] if divisors else n_trained


def has_snapshots(settings: settings_models.BaseModel) -> bool:
    """Whether the members of a model are snapshots of its networks."""
    kinds = settings_averages.Snapshots, settings_averages.FastGeometric
    return isinstance(getattr(settings, "average", None), kinds)


def model_class(settings: settings_models.AnyModel) -> type:
    """The class that implements a kind of model."""
    name = settings.implementation.partition(".")[2]
    return getattr(importlib.import_module(settings.module()), name)


def save(path: str, model: Model, made_by: dict) -> None:
    """Write a model, its schema and settings to a self-contained file."""
    schema, arrays = model.preparation.schema, model.arrays()
    write(path, arrays, schema, model.n_members, made_by)


def write(
    path: str,
    arrays: dict[str, np.ndarray],
    schema: feature_schema.Schema,
    n_members: int,
    made_by: dict,
) -> None:
    """Write the arrays of a model, its schema and settings to a file."""
    structure = {"schema": asdict(schema), "n_members": n_members}
    files.write_tensors(path, arrays, made_by | structure)


def load(path: str, device: str, precision: str | None = None) -> Scorer:
    """Read a model from its file, and move it to the named device.

    `precision` overrides the precision of matrix products used in training.
    """
    return restored(*files.read_tensors(path), device, precision)


def restored(
    arrays: dict[str, np.ndarray], made_by: dict, device: str, precision: str | None
) -> Scorer:
    """The model restored from the content of a file, on the named device."""
    settings = parsing.parse(made_by["model"], settings_models.Model)
    training = parsing.parse(made_by["training"], settings_training.Training)
    training = msgspec.structs.replace(
        training, device=device, precision=precision or training.precision
    )
    schema = feature_schema.of_record(made_by["schema"])
    n_members = made_by["n_members"]
    kind = model_class(settings)
    return kind.from_arrays(arrays, schema, settings, n_members, training)
