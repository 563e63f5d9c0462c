"""Averages and snapshots of an ensemble's weights during training.

All returned tensors are copies. Weights are read from the network whenever they are
needed, so the network may replace its tensors. All floating-point entries of its state
are averaged, including running statistics of batch normalization; other entries, such
as counts, are copied.
"""

import torch
from torch import Tensor, nn

from hepfold.core import settings_averages


class Average:
    """No average: the current weights. The base class of all averages."""

    def __init__(self, network: nn.Module, settings: settings_averages.Average):
        self.network, self.settings = network, settings

    def after_update(self, update: int) -> None:
        """Called after each update, counted from zero over all epochs."""

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """Called after each epoch, counted from one."""

    def state(self) -> dict[str, Tensor]:
        """The weights to validate and score with, like the network's state."""
        return copied(self.network.state_dict())

    def sets(self) -> list[dict[str, Tensor]]:
        """The weights of the final ensemble: one or more sets of all members."""
        return [self.state()]

    def state_dict(self) -> dict:
        """The state to save with a training."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Restore the state of an average of the same kind and network."""


class Mean(Average):
    """A mean of past weights; the current weights as long as there are none."""

    def __init__(self, network: nn.Module, settings: settings_averages.Average):
        super().__init__(network, settings)
        self.mean: dict[str, Tensor] = {}

    @torch.no_grad()
    def move(self, share: float) -> None:
        """Move the mean by the fraction `share` towards the current weights."""
        state = self.network.state_dict()
        floats = {name: t for name, t in state.items() if t.is_floating_point()}
        if self.mean:
            means = [self.mean[name] for name in floats]
            torch._foreach_lerp_(means, list(floats.values()), share)
        else:
            self.mean = copied(floats)

    def state(self) -> dict[str, Tensor]:
        """The mean, and the entries of the network that are not averaged."""
        return copied({**self.network.state_dict(), **self.mean})

    def state_dict(self) -> dict:
        """The mean."""
        return {"mean": copied(self.mean)}

    def load_state_dict(self, state: dict) -> None:
        """Restore a saved mean."""
        self.mean = copied(state["mean"], self.network)


class Exponential(Mean):
    """Exponential moving average of the weights, with bias correction.

    After update t, the mean is that of Kingma and Ba 2015, arXiv:1412.6980, section 3:
    (1 - decay) sum_s decay^(t - s) w_s / (1 - decay^(t + 1)) for s from 0 to t. The
    initial weights do not contribute.
    """

    def after_update(self, update: int) -> None:
        """Add the weights after an update to the mean."""
        # The sum as a recursion of the corrected mean.
        decay = self.settings.decay
        self.move((1 - decay) / (1 - decay ** (update + 1)))


class Stochastic(Mean):
    """Unweighted mean of the weights after each epoch, from `first_epoch` on.

    Izmailov et al. 2018, arXiv:1803.05407, algorithm 1. They recompute the statistics
    of batch normalization in a pass over the data; here, these are averaged as well.
    """

    def __init__(self, network: nn.Module, settings: settings_averages.Stochastic):
        super().__init__(network, settings)
        self.n_seen = 0

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """Add the weights after an epoch to the mean."""
        if epoch >= self.settings.first_epoch:
            self.n_seen += 1
            self.move(1 / self.n_seen)

    def state_dict(self) -> dict:
        """The mean and its number of epochs."""
        return {**super().state_dict(), "n_seen": self.n_seen}

    def load_state_dict(self, state: dict) -> None:
        """Restore a saved mean."""
        super().load_state_dict(state)
        self.n_seen = state["n_seen"]


class Snapshots(Average):
    """Weights at the ends of the last `n_last` cycles of the learning rate.

    With a cosine schedule, those of Huang et al. 2017, arXiv:1704.00109, section 3.
    With short linear cycles from `first_epoch` on, those of Garipov et al. 2018,
    arXiv:1802.10026, section 4. The current weights are validated during training.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: settings_averages.Snapshots | settings_averages.FastGeometric,
    ):
        super().__init__(network, settings)
        self.first_epoch = getattr(settings, "first_epoch", 1)
        self.snapshots: list[dict[str, Tensor]] = []

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """Keep the weights if a cycle ends."""
        if ends_cycle and epoch >= self.first_epoch:
            self.snapshots.append(self.state())
            del self.snapshots[: -self.settings.n_last]

    def sets(self) -> list[dict[str, Tensor]]:
        """The snapshots; the current weights if there are none."""
        return [copied(state) for state in self.snapshots] or [self.state()]

    def state_dict(self) -> dict:
        """The snapshots."""
        return {"snapshots": [copied(state) for state in self.snapshots]}

    def load_state_dict(self, state: dict) -> None:
        """Restore saved snapshots."""
        self.snapshots = [copied(part, self.network) for part in state["snapshots"]]


KINDS = {
    "none": Average,
    "exponential": Exponential,
    "stochastic": Stochastic,
    "snapshots": Snapshots,
    "fast_geometric": Snapshots,
}


def build(settings: settings_averages.Average, network: nn.Module) -> Average:
    """The weight average that the settings name."""
    return KINDS[settings.kind](network, settings)


def copied(
    state: dict[str, Tensor], network: nn.Module | None = None
) -> dict[str, Tensor]:
    """Copies of named tensors, on the device of a network if one is given."""
    device = None if network is None else next(network.parameters()).device
    return {
        name: tensor.detach().to(device=device, copy=True)
        for name, tensor in state.items()
    }
