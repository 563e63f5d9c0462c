"""Which weights of a training are the best, and when it is over."""

import math

import torch
from torch import Tensor, nn

from hepfold.core import settings_training


class BestWeights:
    """The weights that each member had when it was best."""

    def __init__(self, network: nn.Module, device: torch.device):
        self.independent = network.independent
        self.weights = {n: t.clone() for n, t in network.state_dict().items()}
        self.loss = torch.full(
            (network.n_members,), math.inf, dtype=torch.float64, device=device
        )
        self.epoch = 0

    def update(
        self, epoch: int, loss: Tensor, weights: dict[str, Tensor], is_judged: bool
    ) -> None:
        """Keep the weights of members whose loss (n_members,) is their lowest.

        Where no events judge, the last weights of a finite loss are the best.
        """
        better = loss < self.loss if is_judged else loss.isfinite()
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
        """What to keep of it."""
        return {"weights": self.weights, "loss": self.loss, "epoch": self.epoch}

    def load_state_dict(self, state: dict) -> None:
        """Go on from what was kept."""
        self.epoch = state["epoch"]
        self.loss.copy_(state["loss"])
        for name, kept in self.weights.items():
            kept.copy_(state["weights"][name])


class Stopping:
    """Counts the epochs since the validation loss of any member fell by enough.

    Parameters
    ----------
    loss
        Anything like the losses (n_members,) that `update` will see.
    settings
        A fall is relative to the loss at the last fall of the member, by more than
        `min_change` and by more than `min_relative_change` of it. prop_decrease of
        Pylearn2's MonitorBased counts in this way, which Baldi et al. 2014,
        arXiv:1402.4735, used (their code: github.com/uci-igb/higgs-susy), and so does
        min_delta of Keras (from memory).
    """

    def __init__(self, loss: Tensor, settings: settings_training.Stopping):
        self.loss = torch.full_like(loss, math.inf)
        self.epoch = 0
        self.settings = settings

    def update(self, epoch: int, loss: Tensor) -> None:
        """Learn the validation losses (n_members,) of an epoch; NaN has not fallen."""
        fraction = self.loss * (1 - self.settings.min_relative_change)
        fell = loss < torch.minimum(self.loss - self.settings.min_change, fraction)
        self.loss = torch.where(fell, loss, self.loss)
        if fell.any():
            self.epoch = epoch

    def is_over(self, epoch: int) -> bool:
        """Whether training ends with an epoch."""
        last = self.epoch + self.settings.patience
        return epoch >= max(last, self.settings.first_epoch)

    def state_dict(self) -> dict:
        """What to keep of it."""
        return {"loss": self.loss, "epoch": self.epoch}

    def load_state_dict(self, state: dict) -> None:
        """Go on from what was kept."""
        self.loss = state["loss"].to(self.loss.device)
        self.epoch = state["epoch"]
