"""Starting a training from the weights of another one."""

import logging
import zlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from hepfold.core import files, logs, settings_layers
from hepfold.data import fold_file
from hepfold.models import feature_preparation, feature_schema, layers, zoo

# First parts of the names of weights, in a network and in the file of a model.
EMBEDDINGS, NETWORK = "categories.", "network."
# Largest relative difference of equal units.
UNIT_TOLERANCE = 0.01


@dataclass(frozen=True)
class Start:
    """Fitted values of another model, and what is taken of them.

    `values` are those of each categorical feature in the order of the codes.
    """

    settings: settings_layers.StartFrom
    arrays: dict[str, np.ndarray]
    schema: feature_schema.Schema
    values: dict[str, tuple[float, ...]]

    @property
    def checksum(self) -> int:
        """CRC-32 of all values, to detect that a training would resume from others."""
        total = 0
        for name in sorted(self.arrays):
            total = zlib.crc32(np.ascontiguousarray(self.arrays[name]), total)
        return total

    def fault(self, reason: str) -> logs.InputError:
        """The error that this start is impossible, for a reason."""
        return logs.InputError(
            f"start_from: {self.settings.model} does not fit: {reason}; change the "
            "settings of one of the models, or start_from.part"
        )

    def check_values(
        self, names: tuple[str, ...], values: dict[str, tuple[float, ...]]
    ) -> None:
        """Check that the named features have the same categories in both models."""
        for name in names:
            if name in self.values and self.values[name] != values.get(name):
                raise self.fault(
                    f"{name} has the values {self.values[name]} there and "
                    f"{values.get(name)} here"
                )

    def prepare(self, preparation: feature_preparation.FeaturePreparation) -> None:
        """Take over the fitted preparation, unless only embeddings are taken."""
        if self.settings.part == "embeddings":
            return
        ours, theirs = preparation.schema, self.schema
        if ours.features != theirs.features:
            other = sorted(set(ours.features) ^ set(theirs.features))
            raise self.fault(
                f"only one of them has {other[0] if other else 'an order'}"
            )
        units = np.divide(ours.units, theirs.units)
        # Units that are recovered from the steps of columns differ in late digits.
        if ours.bodies != theirs.bodies or (np.abs(units - 1) > UNIT_TOLERANCE).any():
            raise self.fault("the bodies of the data sets, their order or units differ")
        if self.settings.part == "all" and ours.class_names != theirs.class_names:
            raise self.fault("the classes differ, or their order")
        preparation.load_arrays(self.arrays)

    @torch.no_grad()
    def fill(self, network: nn.Module, schema: feature_schema.Schema) -> None:
        """Set the weights that are taken over; member i gets those of i % n_others."""
        state = network.state_dict()
        names = names_of(network, self.settings.part)
        for name in names:
            state[name].copy_(self.weights(name, state[name], network, schema))
        logging.info(
            "Starting from %s: %s (%d of %d tensors).",
            self.settings.model,
            self.settings.part,
            len(names),
            len(state),
        )

    def weights(
        self,
        name: str,
        like: torch.Tensor,
        network: nn.Module,
        schema: feature_schema.Schema,
    ) -> torch.Tensor:
        """The values of one tensor of the other model, in the shape of `like`."""
        theirs = self.arrays.get(NETWORK + self.name_there(name, schema))
        if theirs is None:
            raise self.fault(f"it has no layer {name}")
        shapes = tuple(theirs.shape), tuple(like.shape)
        if network.independent:
            shapes = shapes[0][1:], shapes[1][1:]
            theirs = theirs[np.arange(len(like)) % len(theirs)]
        if shapes[0] != shapes[1]:
            raise self.fault(
                f"layer {name} has shape {shapes[0]} there and {shapes[1]} here"
            )
        return torch.from_numpy(theirs)

    def name_there(self, name: str, schema: feature_schema.Schema) -> str:
        """Name of a tensor in the other model: embeddings are those of a feature."""
        if not name.startswith(EMBEDDINGS):
            return name
        head, _, position = name.rpartition(".")
        feature = categorical(schema)[int(position)]
        if feature not in categorical(self.schema):
            raise self.fault(f"it has no categorical feature {feature}")
        return f"{head}.{categorical(self.schema).index(feature)}"


def read(
    paths: list[str],
    settings: settings_layers.StartFrom | None,
    train_path: str,
    names: tuple[str, ...],
) -> Start | None:
    """The start of a training with the named features; None from random weights.

    `paths` are the model file of the other training and, if it is of another data set,
    its fold file; `train_path` is the fold file of this one. Raises InputError if a
    category has other values there.
    """
    if settings is None:
        return None
    arrays, made_by = files.read_tensors(paths[0])
    other_train_path = paths[1] if len(paths) > 1 else train_path
    values = fold_file.read_layout(other_train_path).categorical
    start = Start(settings, arrays, zoo.schema_of(made_by["schema"]), values)
    start.check_values(names, fold_file.read_layout(train_path).categorical)
    return start


def categorical(schema: feature_schema.Schema) -> tuple[str, ...]:
    """Names of the categorical features, which come last."""
    return schema.features[schema.n_continuous :]


def names_of(network: nn.Module, part: str) -> list[str]:
    """Names of the tensors of a network that a part holds; see `StartFrom`."""
    names = list(network.state_dict())
    if part == "embeddings":
        names = [name for name in names if name.startswith(EMBEDDINGS)]
        if not names:
            raise logs.InputError(
                "start_from.part: the network has no embeddings; set "
                "network.embedding_size, use categorical features, or take another part"
            )
    elif part == "body":
        heads = tuple(
            f"{name}."
            for name, module in network.named_modules()
            if isinstance(module, layers.StackedLinear) and module.place == "output"
        )
        names = [name for name in names if not name.startswith(heads)]
    return names


def freeze(network: nn.Module, part: str, is_frozen: bool) -> None:
    """Freeze or unfreeze the weights of a part.

    The running statistics of batch normalization still follow the events.
    """
    names = set(names_of(network, part))
    for name, parameter in network.named_parameters():
        if name in names:
            parameter.requires_grad_(not is_frozen)
