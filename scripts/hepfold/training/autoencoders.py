"""Pretraining of the hidden layers as autoencoders, without labels.

Layer by layer, as tried by Baldi et al. 2014, arXiv:1402.4735: each layer is the hidden
layer of an autoencoder with linear outputs, whose inputs are the outputs of the layer
below.
"""

import logging
from collections.abc import Callable

import msgspec
from torch import Tensor, nn

from hepfold.core import (
    settings_averages,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.models import networks
from hepfold.training import event_rows, loop


class Autoencoder(nn.Module):
    """One hidden layer of a network, and a linear decoder that reconstructs its inputs.

    Only these two are trained, but the module holds the whole network, so that a saved
    state is complete.
    """

    independent = True

    def __init__(
        self, network: networks.MLP, i_layer: int, settings: settings_layers.MLPLayers
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
        """The hidden layer in training."""
        return self.network.layers[self.i_layer]

    def train(self, mode: bool = True) -> "Autoencoder":
        """Set the mode of the layer in training; those below stay in scoring mode."""
        super().train(mode)
        self.network.train(False)
        self.layer.train(mode)
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Mean squared reconstruction error of the inputs (n_members, n_events)."""
        below = self.network.layers[: self.i_layer](self.network.seen(x))
        reconstructed = self.decoder(self.layer(below))
        return (reconstructed - below.float()).square().mean(1)

    def hidden_matrices(self) -> list[nn.Parameter]:
        """The weights of the layer in training."""
        return [self.layer[0].weight]


class AutoencoderRun(loop.Run):
    """The training of an autoencoder; its network returns the loss of each event."""

    def penalty(
        self, logit: Tensor, spectrum: Tensor, label: Tensor, weight: Tensor
    ) -> Tensor:
        """None (n_members,): there is no score yet."""
        return logit.new_zeros(len(logit))

    def event_losses(self, error: Tensor, label: Tensor, smoothing: float) -> Tensor:
        """The reconstruction errors; labels are ignored."""
        return error


class Pretraining:
    """The training of all hidden layers; it can be saved like a `loop.Run`.

    Parameters
    ----------
    network
        Multilayer perceptrons, trained in place.
    data, model, training, view
        As for `loop.Run`. Each layer is trained for `network.pretrained_epochs`, with
        a new optimizer and schedule. Its losses are logged.
    """

    def __init__(
        self,
        network: networks.MLP,
        data: list[event_rows.EventRows],
        model: settings_models.MLP,
        training: settings_training.Training,
        view: Callable[[Tensor], Tensor],
    ):
        self.network, self.data = network, data
        self.model = msgspec.structs.replace(
            model,
            n_epochs=model.network.pretrained_epochs,
            average=settings_averages.NoAverage(),
        )
        self.training, self.view = training, view
        self.start(0)

    @property
    def epoch(self) -> int:
        """The epoch of the layer in training."""
        return self.run.epoch

    def start(self, i_layer: int) -> None:
        """Begin the training of a layer."""
        encoder = Autoencoder(self.network, i_layer, self.model.network)
        train_data, validation_data = self.data
        self.run = AutoencoderRun(
            encoder,
            train_data,
            validation_data,
            self.model,
            self.training,
            self.view,
        )

    def state(self) -> dict:
        """The state to save, with the index of the layer in training."""
        return {"i_layer": self.run.network.i_layer, **self.run.state()}

    def load(self, state: dict) -> None:
        """Restore the state of a pretraining with the same settings and events."""
        self.start(state["i_layer"])
        self.run.load(state)

    def finish(self, save: Callable[["Pretraining"], None]) -> None:
        """Train the remaining layers, then unfreeze the whole network."""
        n_layers = len(self.network.layers)
        first = self.run.network.i_layer
        for i_layer in range(first, n_layers):
            if i_layer > first:
                self.start(i_layer)
            logging.info("Pretraining hidden layer %d of %d.", i_layer + 1, n_layers)
            self.run.finish(lambda run: save(self))
        self.network.requires_grad_(True)
