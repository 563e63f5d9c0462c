"""Averages of an ensemble's weights, and snapshots of them, along the training.

No tensor that comes from here is one of the network. Weights are read from the network
whenever they are needed, so that it may replace its tensors. All floating-point entries
of its state are averaged, running statistics of batch normalization too; others, such
as counts, are copied.
"""

import torch
from torch import Tensor, nn

from hepfold.core import settings_training


class Average:
    """The weights as they are: no average; the base of the other kinds."""

    def __init__(self, network: nn.Module, settings: settings_training.Average):
        self.network, self.settings = network, settings

    def after_update(self, update: int) -> None:
        """See the weights after an update, counted from zero over all epochs."""

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """See the weights after an epoch, counted from one."""

    def state(self) -> dict[str, Tensor]:
        """The weights to be judged and used now, named and shaped as the network's."""
        return copied(self.network.state_dict())

    def sets(self) -> list[dict[str, Tensor]]:
        """The weights of the final ensemble, at least one set of all members."""
        return [self.state()]

    def state_dict(self) -> dict:
        """All that a resumed training needs."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Go on from the state of an average of the same kind and network."""


class Mean(Average):
    """A mean of weights that were seen; until then, the weights as they are."""

    def __init__(self, network: nn.Module, settings: settings_training.Average):
        super().__init__(network, settings)
        self.mean: dict[str, Tensor] = {}

    @torch.no_grad()
    def move(self, share: float) -> None:
        """Move the mean towards the weights as they are, which get this share of it."""
        state = self.network.state_dict()
        floats = {name: t for name, t in state.items() if t.is_floating_point()}
        if self.mean:
            means = [self.mean[name] for name in floats]
            torch._foreach_lerp_(means, list(floats.values()), share)
        else:
            self.mean = copied(floats)

    def state(self) -> dict[str, Tensor]:
        """The mean, and the network's counts."""
        return copied({**self.network.state_dict(), **self.mean})

    def state_dict(self) -> dict:
        """The mean."""
        return {"mean": copied(self.mean)}

    def load_state_dict(self, state: dict) -> None:
        """Go on from that mean."""
        self.mean = copied(state["mean"], self.network)


class Exponential(Mean):
    """Weights that are forgotten by a factor `decay` with each update.

    After update t the mean is that of Kingma and Ba 2015, arXiv:1412.6980, section 3:
    (1 - decay) sum_s decay^(t - s) w_s / (1 - decay^(t + 1)) for s from 0 to t, in
    which the initial weights have no share.
    """

    def after_update(self, update: int) -> None:
        """Add the weights after an update to the mean."""
        # The same sum as a recursion of the corrected mean itself.
        decay = self.settings.decay
        self.move((1 - decay) / (1 - decay ** (update + 1)))


class Stochastic(Mean):
    """Equal mean of the weights at the ends of epochs, from `first_epoch` on.

    Izmailov et al. 2018, arXiv:1803.05407, algorithm 1, which computes statistics of
    batch normalization anew by a pass over the data; here their mean is taken.
    """

    def __init__(self, network: nn.Module, settings: settings_training.Stochastic):
        super().__init__(network, settings)
        self.n_seen = 0

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """Add the weights after an epoch to the mean."""
        if epoch >= self.settings.first_epoch:
            self.n_seen += 1
            self.move(1 / self.n_seen)

    def state_dict(self) -> dict:
        """The mean and over how many epochs it is."""
        return {**super().state_dict(), "n_seen": self.n_seen}

    def load_state_dict(self, state: dict) -> None:
        """Go on from that mean."""
        super().load_state_dict(state)
        self.n_seen = state["n_seen"]


class Snapshots(Average):
    """Weights at the ends of cycles of the rate, the last `n_last` of them.

    Huang et al. 2017, arXiv:1704.00109, section 3, with a cosine schedule. With
    linear cycles of few epochs, from `first_epoch` on, they are those of Garipov et
    al. 2018, arXiv:1802.10026, section 4. The weights judged during the training are
    those of the network.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: settings_training.Snapshots | settings_training.FastGeometric,
    ):
        super().__init__(network, settings)
        self.first_epoch = getattr(settings, "first_epoch", 1)
        self.kept: list[dict[str, Tensor]] = []

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """Keep the weights if a cycle is over."""
        if ends_cycle and epoch >= self.first_epoch:
            self.kept = [*self.kept, self.state()][-self.settings.n_last :]

    def sets(self) -> list[dict[str, Tensor]]:
        """The kept weights; if there are none yet, the weights as they are."""
        return [copied(state) for state in self.kept] or [self.state()]

    def state_dict(self) -> dict:
        """The kept weights."""
        return {"kept": [copied(state) for state in self.kept]}

    def load_state_dict(self, state: dict) -> None:
        """Go on from those kept weights."""
        self.kept = [copied(kept, self.network) for kept in state["kept"]]


KINDS = {
    "none": Average,
    "exponential": Exponential,
    "stochastic": Stochastic,
    "snapshots": Snapshots,
    "fast_geometric": Snapshots,
}


def build(settings: settings_training.Average, network: nn.Module) -> Average:
    """The average of the weights of a network."""
    return KINDS[settings.kind](network, settings)


def copied(
    state: dict[str, Tensor], network: nn.Module | None = None
) -> dict[str, Tensor]:
    """Copies of tensors by name, on the device of a network if one is given."""
    device = None if network is None else next(network.parameters()).device
    return {
        name: tensor.detach().to(device=device, copy=True)
        for name, tensor in state.items()
    }
