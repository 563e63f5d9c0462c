"""Transformers: networks whose bodies attend to each other.

A small form of the particle transformer of Qu, Li and Qian 2022, arXiv:2202.03772:
features of pairs of bodies are a bias of the attention (their equation 4) and, unlike
in their model, also inputs of the two bodies. An event token, which starts from the
features that belong to no body, collects the information for the classification.

All members are in one module, with stacked weights. Unlike in `layers`, features are
the last dimension: (n_members, n_events, n_tokens, n_features).
"""

import itertools
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from hepfold.core import settings_layers
from hepfold.models import layers, networks, particle_preparation

# Exponents of the attention are clipped here, as their sum could overflow.
LARGEST_EXPONENT = 30.0
# Exponent of the attention for a missing body.
EXCLUDED = -1e4
# Initial weights at the ends of residual branches are scaled by this factor, so that
# each block is close to the identity.
BRANCH_SCALE = 0.5


class RowLinear(layers.StackedLinear):
    """One linear layer per member, with features in the last dimension."""

    def __init__(self, n_members: int, n_in: int, n_out: int, scale: float = 1.0):
        sds = torch.full((n_out,), scale * max(n_in, 1) ** -0.5)
        super().__init__(n_members, n_in, sds, "hidden")

    def forward(self, x: Tensor) -> Tensor:
        """From (n_members, ..., n_in) to (n_members, ..., n_out)."""
        rows = torch.baddbmm(self.bias, x.flatten(1, -2), self.weight)
        return rows.view(*x.shape[:-1], -1)


class Block(nn.Module):
    """Attention between tokens, then a layer within each token, both as residuals.

    Normalization is in the branches. It has no weights, since linear layers follow it.
    """

    def __init__(self, n_members: int, settings: settings_layers.AttentionLayers):
        super().__init__()
        width, n_hidden = settings.width, settings.expansion * settings.width
        self.n_heads = settings.n_heads
        self.attention = RowLinear(n_members, width, 3 * width)
        self.joined = RowLinear(n_members, width, width, BRANCH_SCALE)
        self.hidden = RowLinear(n_members, width, n_hidden, 2**0.5)
        self.output = RowLinear(n_members, n_hidden, width, BRANCH_SCALE)
        self.activation = networks.ACTIVATIONS[settings.activation]()
        self.dropout = layers.Dropout(settings.dropout, events=1)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """From and to (n_members, n_events, n_tokens, width).

        `bias` (n_members, n_events, n_heads, n_tokens, n_tokens) is added to the
        exponents of the attention.
        """
        x = x + self.dropout(self.joined(self.attended(normalized(x), bias)))
        hidden = self.activation(self.hidden(normalized(x)))
        return x + self.dropout(self.output(self.dropout(hidden)))

    def attended(self, x: Tensor, bias: Tensor) -> Tensor:
        """Mean of the values of all tokens for each token, weighted by attention.

        Written out, because with so few tokens the fused attention of torch is slower.
        """
        heads = self.attention(x).unflatten(-1, (3, self.n_heads, -1))
        query, key, value = heads.permute(3, 0, 1, 4, 2, 5).flatten(1, 3)
        scale = query.shape[-1] ** -0.5
        exponent = torch.baddbmm(
            bias.flatten(0, 2).to(query.dtype), query, key.mT, alpha=scale
        )
        attention = exponent.clamp(max=LARGEST_EXPONENT).exp()
        mean = torch.bmm(attention / attention.sum(-1, keepdim=True), value)
        return mean.view(*bias.shape[:4], -1).transpose(2, 3).flatten(3)


class Transformer(networks.Network):
    """Transformers over the bodies of an event."""

    def __init__(
        self,
        n_members: int,
        inputs: networks.Inputs,
        settings: settings_layers.AttentionLayers,
        layout: particle_preparation.Layout,
    ):
        super().__init__(n_members, inputs, settings)
        width, depth = settings.width, settings.depth
        self.tokens = Tokens(n_members, layout, width)
        self.pairs = Pairs(n_members, layout, self.tokens.order, settings)
        codes = range(inputs.n_continuous, self.n_inputs)
        register_positions(self, "event_columns", [*layout.event, *codes])
        self.event = RowLinear(n_members, len(self.event_columns), width)
        self.start = nn.Parameter(torch.randn(n_members, 1, width))
        self.blocks = nn.ModuleList(Block(n_members, settings) for _ in range(depth))
        self.depth = depth
        self.top = nn.Sequential(
            RowLinear(n_members, width, width, 2**0.5),
            networks.ACTIVATIONS[settings.activation](),
            layers.Dropout(settings.dropout, events=1),
        )
        self.output = self.linear(width, self.n_logits, "output", settings)

    def seen(self, x: Tensor) -> Tensor:
        """Columns (n_members, n_events, n_inputs), with vectors for category codes."""
        return super().seen(x).mT

    def logits(self, x: Tensor) -> Tensor:
        """From (n_members, n_events, n_inputs) to (n_members, n_logits, n_events)."""
        event = self.event(x[..., self.event_columns]) + self.start
        pairs, bias = self.pairs(x)
        x = torch.cat([event.unsqueeze(2), self.tokens(x) + pairs], dim=2)
        biases = bias.unflatten(3, (x.shape[2], -1)).chunk(self.depth, dim=2)
        for block, bias in zip(self.blocks, biases, strict=True):
            x = block(x, bias)
        return self.output(self.top(normalized(x[:, :, 0])).mT)


class Tokens(nn.Module):
    """A vector for the features of each body; bodies of one kind share weights."""

    def __init__(self, n_members: int, layout: particle_preparation.Layout, width: int):
        super().__init__()
        groups = grouped(range(len(layout.bodies)), [b.inputs for b in layout.bodies])
        self.order = list(itertools.chain(*groups))
        columns = [[layout.bodies[i].columns for i in group] for group in groups]
        for i_group, of_group in enumerate(columns):
            register_positions(self, f"columns_{i_group}", of_group)
        self.linears = nn.ModuleList(
            RowLinear(n_members, len(of_group[0]), width) for of_group in columns
        )
        self.start = nn.Parameter(torch.randn(n_members, 1, len(groups) * width))

    def forward(self, x: Tensor) -> Tensor:
        """From (n_members, n_events, n_inputs) to (..., n_bodies, width)."""
        starts = self.start.unflatten(2, (len(self.linears), -1)).unbind(2)
        vectors = [
            linear(x[..., getattr(self, f"columns_{i}")]) + start.unsqueeze(2)
            for i, (linear, start) in enumerate(zip(self.linears, starts, strict=True))
        ]
        return torch.cat(vectors, dim=2)


class Pairs(nn.Module):
    """Vectors of pairs of bodies, as inputs of the bodies and biases of the attention.

    All pairs share weights, except for an offset for each combination of kinds.
    """

    def __init__(
        self,
        n_members: int,
        layout: particle_preparation.Layout,
        order: list[int],
        settings: settings_layers.AttentionLayers,
    ):
        super().__init__()
        width, pairs = settings.pair_width, layout.pairs
        n_biases = settings.depth * settings.n_heads
        register_positions(self, "columns", [list(columns) for columns in pairs])
        missing = [layout.bodies[i].missing for i in order]
        register_positions(self, "missing", missing)
        bodies = list(itertools.combinations(range(len(layout.bodies)), 2))
        kinds = [tuple(sorted(layout.bodies[i].kind for i in pair)) for pair in bodies]
        known = sorted(set(kinds))
        register_positions(self, "kinds", [known.index(kind) for kind in kinds])
        self.first = RowLinear(n_members, len(pairs[0]), width, 2**0.5)
        self.start = nn.Parameter(0.5 * torch.randn(n_members, 1, len(known) * width))
        self.second = RowLinear(n_members, width, width, 2**0.5)
        self.bias = RowLinear(n_members, width, n_biases, BRANCH_SCALE)
        self.vector = RowLinear(n_members, width, settings.width)
        self.activation = networks.ACTIVATIONS[settings.activation]()
        mean, places = incidence(bodies, order)
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("places", places, persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors of the bodies, and biases of the attention.

        From (n_members, n_events, n_inputs) to (..., n_bodies, width) and to (...,
        n_biases, n_tokens^2).
        """
        start = self.start.unflatten(2, (-1, self.first.weight.shape[2]))
        hidden = self.activation(
            self.first(x[..., self.columns]) + start[:, :, self.kinds]
        )
        hidden = self.activation(self.second(hidden))
        vector = self.vector(self.mean.to(hidden.dtype) @ hidden)
        bias = self.bias(hidden).mT
        missing = x[..., None, self.missing].to(bias.dtype)
        missing = missing.expand(*bias.shape[:3], -1)
        return vector, torch.cat([bias, missing], dim=3) @ self.places.to(bias.dtype)


def register_positions(module: nn.Module, name: str, positions: list) -> None:
    """Keep positions on the device of a module: a list would be copied at each use."""
    values = torch.tensor(positions, dtype=torch.int64)
    module.register_buffer(name, values, persistent=False)


def normalized(x: Tensor) -> Tensor:
    """Features with mean zero and variance one in each token."""
    return nn.functional.layer_norm(x, x.shape[-1:])


def grouped(positions: Iterable[int], keys: list) -> list[list[int]]:
    """Positions with equal keys, in the order of the first of each."""
    groups: dict = {}
    for position, key in zip(positions, keys, strict=True):
        groups.setdefault(key, []).append(position)
    return list(groups.values())


def incidence(pairs: list[tuple[int, int]], order: list[int]) -> tuple[Tensor, Tensor]:
    """Matrices that map pairs to bodies and to entries of the attention.

    The first (n_bodies, n_pairs) averages over the pairs of a body. The second (n_pairs
    + n_bodies, n_tokens^2) maps each pair to two entries, symmetrically, and excludes
    missing bodies. Bodies are in the given order, after the event token.
    """
    n_bodies = len(order)
    place = {body: i for i, body in enumerate(order)}
    mean = torch.zeros(n_bodies, len(pairs))
    places = torch.zeros(len(pairs) + n_bodies, n_bodies + 1, n_bodies + 1)
    for i_pair, pair in enumerate(pairs):
        i, j = place[pair[0]], place[pair[1]]
        mean[[i, j], i_pair] = 1 / (n_bodies - 1)
        places[i_pair, [i + 1, j + 1], [j + 1, i + 1]] = 1.0
    for i_body in range(n_bodies):
        places[len(pairs) + i_body, :, i_body + 1] = EXCLUDED
    return mean, places.flatten(1)
