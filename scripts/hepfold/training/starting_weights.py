"""The start of a network from the weights of another one."""

import logging

import numpy as np
import torch
from torch import nn

from hepfold.core import logs
from hepfold.models import feature_schema, layers, starts

# First parts of the names of weights, in a network and in the file of a model.
EMBEDDINGS, NETWORK = "categories.", "network."


@torch.no_grad()
def fill(
    network: nn.Module, start: starts.Start, schema: feature_schema.Schema
) -> None:
    """Set the weights that are taken over; member i gets those of i % n_others."""
    state = network.state_dict()
    names = names_of(network, start.settings.part)
    for name in names:
        like = state[name]
        like.copy_(weights(start, name, like, network.independent, schema))
    logging.info(
        "Starting from %s: %s (%d of %d tensors).",
        start.settings.model,
        start.settings.part,
        len(names),
        len(state),
    )


def weights(
    start: starts.Start,
    name: str,
    like: torch.Tensor,
    by_member: bool,
    schema: feature_schema.Schema,
) -> torch.Tensor:
    """The values of one tensor of the other model, in the shape of `like`.

    With `by_member`, the first dimension is that of the members.
    """
    theirs = start.arrays.get(NETWORK + name_there(start, name, schema))
    if theirs is None:
        raise start.fault(f"it has no layer {name}")
    shapes = tuple(theirs.shape), tuple(like.shape)
    if by_member:
        shapes = shapes[0][1:], shapes[1][1:]
        theirs = theirs[np.arange(len(like)) % len(theirs)]
    if shapes[0] != shapes[1]:
        raise start.fault(
            f"layer {name} has shape {shapes[0]} there and {shapes[1]} here"
        )
    return torch.from_numpy(theirs)


def name_there(start: starts.Start, name: str, schema: feature_schema.Schema) -> str:
    """Name of a tensor in the other model: embeddings are those of a feature."""
    if not name.startswith(EMBEDDINGS):
        return name
    head, _, position = name.rpartition(".")
    feature = categorical(schema)[int(position)]
    if feature not in categorical(start.schema):
        raise start.fault(f"it has no categorical feature {feature}")
    return f"{head}.{categorical(start.schema).index(feature)}"


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

    The running statistics of batch normalization follow the events all the same.
    """
    names = set(names_of(network, part))
    for name, parameter in network.named_parameters():
        if name in names:
            parameter.requires_grad_(not is_frozen)
