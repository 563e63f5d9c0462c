"""Networks: all members of an ensemble in one module, as stacked weights."""

import itertools

import torch
from torch import Tensor, nn

ACTIVATIONS = {"relu": nn.functional.relu, "swish": nn.functional.silu}


class StackedLinear(nn.Module):
    """One linear layer per member, computed as one batched matrix product."""

    def __init__(self, n_members: int, n_in: int, n_out: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_members, n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_members, 1, n_out))

    def initialize(self, gain: float) -> None:
        """Draw weights from a normal of variance gain / n_in; biases are zero.

        He et al. 2015, arXiv:1502.01852, equation 10, for a gain of two.
        """
        sd = (gain / self.weight.shape[1]) ** 0.5
        nn.init.normal_(self.weight, std=sd)

    def forward(self, x: Tensor) -> Tensor:
        """From (n_members, n_events, n_in) to (n_members, n_events, n_out)."""
        return torch.baddbmm(self.bias, x, self.weight)


class MLP(nn.Module):
    """Ensemble of multilayer perceptrons with one logit each."""

    def __init__(
        self,
        n_members: int,
        n_inputs: int,
        depth: int,
        width: int,
        activation: str,
        dropout: float,
    ):
        super().__init__()
        sizes = [n_inputs, *[width] * depth, 1]
        pairs = itertools.pairwise(sizes)
        self.layers = nn.ModuleList(StackedLinear(n_members, *pair) for pair in pairs)
        self.activation = ACTIVATIONS[activation]
        self.dropout = nn.Dropout(dropout)

    def initialize(self) -> None:
        """Draw independent initial weights for every member."""
        *hidden, last = self.layers
        for layer in hidden:
            layer.initialize(gain=2.0)
        last.initialize(gain=1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n_members, n_events) of features (n_members, n_events, n_inputs)."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.dropout(self.activation(layer(x)))
        return last(x).squeeze(2)


# Kinds of network that the configuration can name.
NETWORKS = {"mlp": MLP}


def build(kind: str, n_members: int, n_inputs: int, settings: dict) -> nn.Module:
    """An ensemble of networks of one kind, its weights not drawn yet."""
    return NETWORKS[kind](n_members, n_inputs, **settings)
