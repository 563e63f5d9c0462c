"""All kinds of model behind one interface; storing and loading of models.

A kind of model is one class; `implementation` in its settings names it. It is imported
only where a model of that kind is used.
"""

import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol, Self

import msgspec
import numpy as np
from torch import nn

from hepfold.core import files, parsing, settings_models, settings_training
from hepfold.data import event_arrays
from hepfold.models import feature_preparation

History = list[dict]


@dataclass(frozen=True)
class Job:
    """What a model is fitted with, apart from events.

    Parameters
    ----------
    training
        Settings of the training.
    seed
        Of initial weights, order of events and symmetries.
    train_networks
        Trains the networks of a kind: takes the class, a fitted preparation and the
        training and validation events; returns the ensemble and its history.
    """

    training: settings_training.Training
    seed: int
    train_networks: Callable[..., tuple["Model", History]]


class Model(Protocol):
    """What every kind of model does."""

    preparation: nn.Module
    n_members: int

    @classmethod
    def fit(
        cls,
        parts: list[event_arrays.Events],
        schema: feature_preparation.Schema,
        settings: settings_models.Model,
        job: Job,
    ) -> tuple[Self, History]:
        """The model fitted to the first part and validated by the second, maybe empty.

        The history has one row per epoch, or round of trees, and member.
        """

    @classmethod
    def from_arrays(
        cls,
        arrays: dict[str, np.ndarray],
        schema: feature_preparation.Schema,
        settings: settings_models.Model,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """The model that `arrays` describes."""

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Mean score over members (n_events,), double, of (n_events, n_features)."""

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        """Score of each member (n_members, n_events), double, of events as they are."""

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was fitted, by name."""

    def scoring_module(self, fold: int) -> nn.Module:
        """Prepared features to scores, to be traced for ONNX; or raises InputError."""


def model_class(settings: settings_models.Model) -> type[Model]:
    """The class of a kind of model."""
    name = settings.implementation.partition(".")[2]
    return getattr(importlib.import_module(settings.module()), name)


def save(path: str, model: Model, made_by: dict) -> None:
    """Write a model, with all that it needs to score events of the same schema."""
    about = {
        "schema": asdict(model.preparation.schema),
        "n_members": model.n_members,
    }
    files.write_tensors(path, model.arrays(), {**made_by, **about})


def load(path: str, device: str, precision: str | None = None) -> Model:
    """Read a model that `save` wrote, onto the named device.

    `precision` of products, if given, takes the place of that of the training.
    """
    arrays, made_by = files.read_tensors(path)
    settings = parsing.parse(made_by["model"], settings_models.Model)
    training = parsing.parse(made_by["training"], settings_training.Training)
    training = msgspec.structs.replace(
        training, device=device, precision=precision or training.precision
    )
    schema, n_members = schema_of(made_by["schema"]), made_by["n_members"]
    kind = model_class(settings)
    return kind.from_arrays(arrays, schema, settings, n_members, training)


def schema_of(record: dict) -> feature_preparation.Schema:
    """The schema that a record of a stored model describes."""
    bodies = tuple(tuple(body) for body in record["bodies"])
    record = {n: tuple(v) if isinstance(v, list) else v for n, v in record.items()}
    return feature_preparation.Schema(**{**record, "bodies": bodies})
