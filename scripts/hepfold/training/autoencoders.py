"""Hidden layers that are trained as autoencoders before the network learns labels.

Layer by layer, as Baldi et al. 2014, arXiv:1402.4735, tried it: each is the hidden
layer of an autoencoder with linear outputs, which sees what the layers below it give.
"""

import logging
from collections.abc import Callable

import msgspec
from torch import Tensor, nn

from hepfold.core import settings_models, settings_training
from hepfold.models import networks
from hepfold.training import loop


class Autoencoder(nn.Module):
    """One hidden layer of a network, and a linear layer that gives its inputs back.

    It holds the whole network, so that all of it is in a saved state, but only this
    layer and the linear one are trained.
    """

    independent = True

    def __init__(
        self, network: networks.MLP, i_layer: int, settings: settings_models.MLPLayers
    ):
        super().__init__()
        self.network, self.i_layer = network, i_layer
        self.n_members = network.n_members
        linear = self.layer[0]
        n_in, n_out = linear.weight.shape[1:]
        decoder = network.linear(n_out, n_in, "output", settings)
        self.decoder = decoder.to(linear.weight.device)
        network.requires_grad_(False)
        self.layer.requires_grad_(True)

    @property
    def layer(self) -> nn.Sequential:
        """The layer that is trained."""
        return self.network.layers[self.i_layer]

    def train(self, mode: bool = True) -> "Autoencoder":
        """Layers below the one that is trained are as in scoring, without dropout."""
        super().train(mode)
        self.network.train(False)
        self.layer.train(mode)
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Mean squared error of the inputs of the layer (n_members, n_events)."""
        below = self.network.layers[: self.i_layer](self.network.seen(x))
        given_back = self.decoder(self.layer(below))
        return (given_back - below.float()).square().mean(1)

    def hidden_matrices(self) -> list[nn.Parameter]:
        """The weights of the layer that is trained."""
        return [self.layer[0].weight]


class AutoencoderRun(loop.Run):
    """The training of an autoencoder, whose output is its loss."""

    @staticmethod
    def event_losses(error: Tensor, target: Tensor) -> Tensor:
        """The errors themselves; labels do not count."""
        return error


class Pretraining:
    """The training of all hidden layers, which can be saved as a `training.Run`.

    Parameters
    ----------
    network
        Multilayer perceptrons; they are trained in place.
    data, model, training, view
        As of `training.Run`. Each layer has `network.pretrained_epochs`, with an
        optimizer and a schedule that start anew. Its losses are in the log.
    """

    def __init__(
        self,
        network: networks.MLP,
        data: list[loop.Data],
        model: settings_models.MLP,
        training: settings_training.Training,
        view: Callable[[Tensor], Tensor],
    ):
        self.network, self.data = network, data
        self.model = msgspec.structs.replace(
            model,
            n_epochs=model.network.pretrained_epochs,
            average=settings_training.NoAverage(),
        )
        self.training, self.view = training, view
        self.start(0)

    @property
    def epoch(self) -> int:
        """The epoch of the layer that is trained."""
        return self.run.epoch

    def start(self, i_layer: int) -> None:
        """Begin with a layer."""
        encoder = Autoencoder(self.network, i_layer, self.model.network)
        self.run = AutoencoderRun(
            encoder, *self.data, self.model, self.training, self.view
        )

    def state(self) -> dict:
        """All that changes; also which layer is trained."""
        return {"i_layer": self.run.network.i_layer, **self.run.state()}

    def load(self, state: dict) -> None:
        """Go on where another one with the same settings and events was."""
        self.start(state["i_layer"])
        self.run.load(state)

    def finish(self, save: Callable[["Pretraining"], None]) -> None:
        """Train all layers from the present one on; then none of them is frozen."""
        n_layers = len(self.network.layers)
        first = self.run.network.i_layer
        for i_layer in range(first, n_layers):
            if i_layer > first:
                self.start(i_layer)
            logging.info("Hidden layer %d of %d, alone.", i_layer + 1, n_layers)
            self.run.finish(lambda run: save(self))
        self.network.requires_grad_(True)
