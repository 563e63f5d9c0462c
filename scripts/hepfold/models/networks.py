"""Networks: all members of an ensemble in one module, with stacked weights.

Internally, events are the last dimension; see `layers`.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import tabm
import torch
from torch import Tensor, nn

from hepfold.core import settings_layers, settings_models
from hepfold.models import layers

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "selu": nn.SELU, "swish": nn.SiLU}
# Variance of an initial weight times the number of inputs of its layer. relu: He et al.
# 2015, arXiv:1502.01852, equation 10; selu: Klambauer et al. 2017, arXiv:1706.02515,
# following LeCun.
GAINS = {"relu": 2.0, "tanh": 1.0, "selu": 1.0, "swish": 2.0}


@dataclass(frozen=True)
class Inputs:
    """Input columns of a network: continuous ones, then codes of categorical features.

    `n_values` are the numbers of values of the categorical features. `n_logits` is the
    number of outputs: one, or one per class.
    """

    n_continuous: int
    n_values: tuple[int, ...]
    n_logits: int = 1


class Network(nn.Module, ABC):
    """Base class of the networks; subclasses implement `logits`."""

    # Whether each parameter and buffer has the member as its first dimension.
    independent = True

    def __init__(
        self, n_members: int, inputs: Inputs, settings: settings_layers.Layers
    ):
        super().__init__()
        self.n_members = n_members
        self.n_continuous, self.n_logits = inputs.n_continuous, inputs.n_logits
        size = settings.embedding_size
        self.categories = layers.Categories(n_members, inputs.n_values, size)
        self.n_inputs = inputs.n_continuous + sum(self.categories.sizes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n_members, n_events) of (n_members, n_events, n_columns).

        With several classes, (n_members, n_classes, n_events).
        """
        logits = self.logits(self.seen(x))
        # For several logits, ONNX would not keep the dimension as torch does.
        return logits if self.n_logits > 1 else logits.squeeze(1)

    def seen(self, x: Tensor) -> Tensor:
        """Inputs of the first layer (n_members, n_inputs, n_events), of all columns."""
        if self.categories.sizes:
            vectors = self.categories(x[..., self.n_continuous :])
            x = torch.cat([x[..., : self.n_continuous], vectors], dim=2)
        return x.mT

    @abstractmethod
    def logits(self, x: Tensor) -> Tensor:
        """From (n_members, n_inputs, n_events) to (n_members, n_logits, n_events)."""

    def hidden_matrices(self) -> list[nn.Parameter]:
        """Weights between hidden layers, each (n_members, n_in, n_out)."""
        stacked = (m for m in self.modules() if isinstance(m, layers.StackedLinear))
        return [layer.weight for layer in stacked if layer.place == "hidden"]

    def linear(
        self, n_in: int, n_out: int, place: str, settings: settings_layers.Layers
    ) -> nn.Module:
        """A layer with random weights; `place` is `first`, `hidden` or `output`."""
        sds = torch.full((n_out,), self.initial_sd(n_in, place, settings))
        return layers.StackedLinear(self.n_members, n_in, sds, place)

    @staticmethod
    def initial_sd(n_in: int, place: str, settings: settings_layers.Layers) -> float:
        """Standard deviation of the initial weights of a layer with `n_in` inputs."""
        # Settings of kind tabm do not have it.
        if fixed := getattr(settings, "initial_sd", None):
            return getattr(fixed, place)
        gain = 1.0 if place == "output" else GAINS[settings.activation]
        return (gain / n_in) ** 0.5

    def activation(self, settings: settings_layers.Layers) -> Iterator[nn.Module]:
        """Batch normalization, if it is switched on, and the activation."""
        if settings.batch_norm:
            yield layers.StackedBatchNorm(
                self.n_members,
                settings.width,
                settings.norm_rate,
                settings.norm_epsilon,
            )
        yield ACTIVATIONS[settings.activation]()

    def hidden(
        self, sizes: list[int], settings: settings_layers.Layers
    ) -> Iterator[nn.Sequential]:
        """Layers with the given numbers of inputs: linear, activation, dropout."""
        for n, n_in in enumerate(sizes):
            place = "hidden" if n else "first"
            linear = self.linear(n_in, settings.width, place, settings)
            drop = dropout(settings, is_top=n == len(sizes) - 1)
            yield nn.Sequential(linear, *self.activation(settings), drop)


class MLP(Network):
    """Multilayer perceptrons."""

    def __init__(
        self, n_members: int, inputs: Inputs, settings: settings_layers.Layers
    ):
        super().__init__(n_members, inputs, settings)
        sizes = [self.n_inputs, *[settings.width] * settings.depth]
        self.layers = nn.Sequential(*self.hidden(sizes[:-1], settings))
        self.output = self.linear(sizes[-1], self.n_logits, "output", settings)

    def logits(self, x: Tensor) -> Tensor:
        """From (n_members, n_inputs, n_events) to (n_members, n_logits, n_events)."""
        return self.output(self.layers(x))


class WideDeep(MLP):
    """Sum of the logits of a linear model and a multilayer perceptron.

    Cheng et al. 2016, arXiv:1606.07792, equation 3, without cross products of features.
    """

    def __init__(
        self, n_members: int, inputs: Inputs, settings: settings_layers.Layers
    ):
        super().__init__(n_members, inputs, settings)
        self.wide = self.linear(self.n_inputs, self.n_logits, "output", settings)

    def logits(self, x: Tensor) -> Tensor:
        """From (n_members, n_inputs, n_events) to (n_members, n_logits, n_events)."""
        return self.wide(x) + super().logits(x)


class Residual(Network):
    """Residual blocks of two layers and `width` features.

    Full pre-activation, He et al. 2016, arXiv:1603.05027, figure 4 (e): normalization
    and activation are in the branch, so the skip connection is an identity. The output
    layer follows the last block directly.
    """

    def __init__(
        self, n_members: int, inputs: Inputs, settings: settings_layers.Layers
    ):
        super().__init__(n_members, inputs, settings)
        width = settings.width
        self.first = self.linear(self.n_inputs, width, "first", settings)
        self.blocks = nn.ModuleList(
            nn.Sequential(*self.half(settings, is_top), *self.half(settings, is_top))
            for is_top in [*[False] * (settings.depth - 1), True]
        )
        self.output = self.linear(width, self.n_logits, "output", settings)

    def half(
        self, settings: settings_layers.Layers, is_top: bool
    ) -> Iterator[nn.Module]:
        """Half a block: normalization, activation, linear, dropout."""
        width = settings.width
        yield from self.activation(settings)
        yield self.linear(width, width, "hidden", settings)
        yield dropout(settings, is_top)

    def logits(self, x: Tensor) -> Tensor:
        """From (n_members, n_inputs, n_events) to (n_members, n_logits, n_events)."""
        x = self.first(x)
        for block in self.blocks:
            x = x + block(x)
        return self.output(x)


class Dense(Network):
    """Each hidden layer sees the inputs and all earlier layers; the output, the last.

    Huang et al. 2017, arXiv:1608.06993, equation 2; with this output layer, the dense
    networks of LUMIN (Strong 2020, arXiv:2002.01427). Weights are grouped by the layer
    that they multiply: `spread[n]` multiplies the output of layer n (the inputs for
    n = 0) for all later layers at once, in few large products without concatenation.
    """

    def __init__(
        self, n_members: int, inputs: Inputs, settings: settings_layers.Layers
    ):
        super().__init__(n_members, inputs, settings)
        depth, self.width = settings.depth, settings.width
        places = ["first", *["hidden"] * (depth - 1)]
        sizes = [self.n_inputs, *[self.width] * (depth - 1)]
        # The standard deviation of a weight depends on all inputs of its target layer.
        sds = torch.cat(
            [
                torch.full((self.width,), self.initial_sd(n_seen, place, settings))
                for n_seen, place in zip(
                    itertools.accumulate(sizes), places, strict=True
                )
            ]
        )
        self.spread = nn.ModuleList(
            layers.StackedLinear(n_members, size, sds[n * self.width :], place, not n)
            for n, (size, place) in enumerate(zip(sizes, places, strict=True))
        )
        self.layers = nn.ModuleList(
            nn.Sequential(*self.activation(settings), dropout(settings, is_top))
            for is_top in [*[False] * (depth - 1), True]
        )
        self.output = self.linear(self.width, self.n_logits, "output", settings)

    def logits(self, x: Tensor) -> Tensor:
        """From (n_members, n_inputs, n_events) to (n_members, n_logits, n_events)."""
        sums = None
        for spread, layer in zip(self.spread, self.layers, strict=True):
            sums = spread(x, sums)
            x, sums = sums.split([self.width, sums.shape[1] - self.width], dim=1)
            x = layer(x)
        return self.output(x)


def dropout(settings: settings_layers.Layers, is_top: bool) -> nn.Module:
    """Dropout; for selu, alpha dropout, which preserves mean and variance."""
    is_selu = settings.activation == "selu"
    is_dropped = is_top or settings.dropout_layers == "all"
    fraction = settings.dropout if is_dropped else 0.0
    return (nn.AlphaDropout if is_selu else layers.Dropout)(fraction)


class TabM(Network):
    """Members that share weight matrices, with scaled inputs and outputs per member.

    Gorishniy et al. 2025, arXiv:2410.24210, figure 1, computed by their package except
    for the output layer. The package only has plain dropout.
    """

    independent = False

    def __init__(
        self, n_members: int, inputs: Inputs, settings: settings_layers.Layers
    ):
        super().__init__(n_members, inputs, settings)
        # One random sign per feature and member; all entries of a category vector share
        # it.
        chunks = [1] * self.n_continuous + self.categories.sizes
        self.backbone = tabm.make_tabm_backbone(
            d_in=self.n_inputs,
            n_blocks=settings.depth,
            d_block=settings.width,
            dropout=settings.dropout,
            activation=ACTIVATIONS[settings.activation].__name__,
            k=n_members,
            start_scaling_init="random-signs",
            start_scaling_init_chunks=chunks,
        )
        self.output = self.linear(settings.width, self.n_logits, "output", settings)

    def logits(self, x: Tensor) -> Tensor:
        """From (n_members, n_inputs, n_events) to (n_members, n_logits, n_events)."""
        return self.output(self.backbone(x.permute(2, 0, 1)).permute(1, 2, 0))

    def hidden_matrices(self) -> list[nn.Parameter]:
        """The shared weights between hidden layers, each (n_out, n_in)."""
        return [block[0].weight for block in self.backbone.blocks[1:]]


NETWORKS = {
    "mlp": MLP,
    "residual": Residual,
    "dense": Dense,
    "wide_deep": WideDeep,
    "tabm": TabM,
}


def build(
    model: settings_models.NetworkModel, n_members: int, inputs: Inputs
) -> Network:
    """The networks of all members; torch's global generator draws the weights."""
    return NETWORKS[model.kind](n_members, inputs, model.network)


def merged(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The joint state of several networks with independent members."""
    return {name: torch.cat([state[name] for state in states]) for name in states[0]}


def selected(state: dict[str, Tensor], members: list[int]) -> dict[str, Tensor]:
    """The state of selected members of a network with independent members."""
    return {name: tensor[members] for name, tensor in state.items()}
