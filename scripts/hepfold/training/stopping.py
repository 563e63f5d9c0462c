"""Selection of the best weights during training, and early stopping."""

import math

import torch
from torch import Tensor, nn

from hepfold.core import settings_training


class BestWeights:
    """The weights of each member at its best epoch."""

    def __init__(self, network: nn.Module, device: torch.device):
        self.independent = network.independent
        self.weights = {n: t.clone() for n, t in network.state_dict().items()}
        self.loss = torch.full(
            (network.n_members,), math.inf, dtype=torch.float64, device=device
        )
        self.epoch = 0

    def update(
        self, epoch: int, loss: Tensor, weights: dict[str, Tensor], has_validation: bool
    ) -> None:
        """Keep the weights of members whose loss (n_members,) is their lowest so far.

        Without validation events, the latest weights with a finite loss are kept.
        """
        better = loss < self.loss if has_validation else loss.isfinite()
        if not better.any():
            return
        self.epoch = epoch
        self.loss = torch.where(better, loss, self.loss)
        for name, kept in self.weights.items():
            if self.independent:
                kept[better] = weights[name][better]
            else:
                kept.copy_(weights[name])

    def state_dict(self) -> dict:
        """The state to save with a training."""
        return {"weights": self.weights, "loss": self.loss, "epoch": self.epoch}

    def load_state_dict(self, state: dict) -> None:
        """Restore a saved state."""
        self.epoch = state["epoch"]
        self.loss.copy_(state["loss"])
        for name, kept in self.weights.items():
            kept.copy_(state["weights"][name])


class Stopping:
    """Counts the epochs since the validation loss of any member fell by enough.

    Parameters
    ----------
    loss
        A tensor with the shape, type and device of the losses (n_members,).
    settings
        The loss must fall below its value at the member's last fall by more than
        `min_change` and by more than the fraction `min_relative_change` of that value.
        Pylearn2's MonitorBased (prop_decrease) counts in this way, which Baldi et al.
        2014, arXiv:1402.4735, used (their code: github.com/uci-igb/higgs-susy), and so
        does Keras (min_delta; from memory).
    """

    def __init__(self, loss: Tensor, settings: settings_training.Stopping):
        self.loss = torch.full_like(loss, math.inf)
        self.epoch = 0
        self.settings = settings

    def update(self, epoch: int, loss: Tensor) -> None:
        """Compare the validation losses (n_members,) of an epoch; NaN is no fall."""
        fraction = self.loss * (1 - self.settings.min_relative_change)
        fell = loss < torch.minimum(self.loss - self.settings.min_change, fraction)
        self.loss = torch.where(fell, loss, self.loss)
        if fell.any():
            self.epoch = epoch

    def is_over(self, epoch: int) -> bool:
        """Whether training stops after this epoch."""
        last = self.epoch + self.settings.patience
        return epoch >= max(last, self.settings.first_epoch)

    def state_dict(self) -> dict:
        """The state to save with a training."""
        return {"loss": self.loss, "epoch": self.epoch}

    def load_state_dict(self, state: dict) -> None:
        """Restore a saved state."""
        self.loss = state["loss"].to(self.loss.device)
        self.epoch = state["epoch"]
