"""Averages and snapshots of an ensemble's weights during training.

All returned tensors are copies. Weights are read from the network whenever they are
needed, so the network may replace its tensors. All floating-point entries of its state
are averaged, including running statistics of batch normalization; other entries, such
as counts, are copied.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from hepfold.core import settings_averages
from hepfold.training import number_or_tensor

Weights = dict[str, Tensor]


class Average:
    """No average: the current weights. The base class of all averages."""

    # Whether `state` is a mean, which is good at the end of a cycle of the schedule.
    is_mean = False

    def __init__(self, network: nn.Module, settings: settings_averages.Average):
        self.network, self.settings = network, settings

    def share(self, update: int) -> float:
        """Share in the mean of the weights after an update, counted over all epochs."""
        return 0.0

    def after_update(self, share: number_or_tensor.Factor) -> None:
        """Called after each update with its share, a number or a tensor."""

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """Called after each epoch, counted from one."""

    def compare(self, loss_of: Callable[[Weights], Tensor]) -> None:
        """Called after `epoch_ended` with a function that gives validation losses."""

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

    is_mean = True

    def __init__(self, network: nn.Module, settings: settings_averages.Average):
        super().__init__(network, settings)
        self.mean: dict[str, Tensor] = {}

    @torch.no_grad()
    def move(self, share: number_or_tensor.Factor) -> None:
        """Move the mean by the fraction `share` towards the current weights."""
        state = self.network.state_dict()
        floats = {name: t for name, t in state.items() if t.is_floating_point()}
        if self.mean:
            means = [self.mean[name] for name in floats]
            number_or_tensor.move_towards(means, list(floats.values()), share)
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
    """Exponential moving average of the weights.

    The decay of update t is the smaller of `decay` and (1 + t) / (10 + t), as with
    `num_updates` of TensorFlow's ExponentialMovingAverage. The mean spans the last
    ninth of the updates until it spans 1 / (1 - decay) of them: early weights are
    forgotten, however short the training is. The initial weights do not contribute.
    """

    def share(self, update: int) -> float:
        """Share in the mean of the weights after an update."""
        return 1 - min(self.settings.decay, (1 + update) / (10 + update))

    def after_update(self, share: number_or_tensor.Factor) -> None:
        """Add the weights after an update to the mean."""
        self.move(share)


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


class SelfStarting(Average):
    """The best of several means over the ends of epochs, of which the worst restarts.

    G. Strong's LUMIN follows two means in this way, for members that are trained one by
    one. Here each member has its own means, as it has its own best epoch.
    """

    is_mean = True
    COUNTS = ("n_seen", "loss", "n_left", "n_kept")

    def __init__(self, network: nn.Module, settings: settings_averages.SelfStarting):
        super().__init__(network, settings)
        device = next(network.parameters()).device
        shape = settings.n_averages, network.n_members
        self.means: list[Weights] = []
        # Epochs in each mean and its validation loss; of each member, the epochs until
        # the next restart, and the restarts in a row in which the old means stayed.
        self.n_seen = torch.zeros(shape, dtype=torch.int64, device=device)
        self.loss = torch.full(shape, torch.inf, dtype=torch.float64, device=device)
        self.n_left = torch.zeros(shape[1], dtype=torch.int64, device=device)
        self.n_kept = torch.zeros(shape[1], dtype=torch.int64, device=device)

    def epoch_ended(self, epoch: int, ends_cycle: bool) -> None:
        """Add the weights after an epoch to all means that have begun."""
        if not self.means:
            state = self.network.state_dict()
            floats = {name: t for name, t in state.items() if t.is_floating_point()}
            self.means = [copied(floats) for _ in range(self.settings.n_averages)]
        self.n_seen += self.n_seen > 0
        for i in range(len(self.means)):
            self.move(i, 1 / self.n_seen[i].clamp(min=1))

    @torch.no_grad()
    def move(self, i: int, share: Tensor) -> None:
        """Move a mean by fractions `share` (n_members,) towards the current weights."""
        state = self.network.state_dict()
        for name, mean in self.means[i].items():
            # Members that share weights have equal fractions.
            n_sets = len(share) if self.network.independent else 1
            part = share[:n_sets].reshape(-1, *[1] * (mean.ndim - 1))
            moved = mean.lerp(state[name], part.to(mean.dtype))
            # A new mean forgets also weights that were not finite.
            mean.copy_(torch.where(part == 1, state[name], moved))

    def compare(self, loss_of: Callable[[Weights], Tensor]) -> None:
        """Compare the means; in members whose time has come, restart the worst one.

        A mean that has not begun is the worst. If the youngest mean is the worst again,
        the next one gets more time to become better than the old ones.
        """
        for i in range(len(self.means)):
            loss = loss_of(self.whole(self.means[i])).nan_to_num(nan=torch.inf)
            self.loss[i] = loss.where(self.n_seen[i] > 0, torch.inf)
        finite = self.loss.clamp(max=torch.finfo(torch.float64).max)
        worst = finite.where(self.n_seen > 0, torch.inf).argmax(0)
        is_due = self.n_left == 0
        self.n_left -= 1
        if is_due.any():
            self.restart(is_due, worst)

    def restart(self, is_due: Tensor, worst: Tensor) -> None:
        """Restart the mean `worst` (n_members,) of members that are due."""
        begun = self.n_seen.where(self.n_seen > 0, torch.iinfo(torch.int64).max)
        is_young = (self.n_seen.amax(0) > 0) & (begun.argmin(0) == worst)
        n_kept = (self.n_kept + 1).where(is_young, 0)
        self.n_kept = n_kept.where(is_due, self.n_kept)
        wait = self.settings.restart_epochs * (1 + self.n_kept) - 1
        self.n_left = wait.where(is_due, self.n_left)
        for i in range(len(self.means)):
            restarts = is_due & (worst == i)
            self.n_seen[i, restarts] = 1
            self.move(i, restarts.double())
            # It is compared from the next epoch on.
            self.loss[i, restarts] = torch.inf

    def state(self) -> Weights:
        """The mean of each member with the lowest loss, and what is not averaged."""
        if not self.means:
            return copied(self.network.state_dict())
        best = self.loss.argmin(0)
        if not self.network.independent:
            return self.whole(self.means[int(best[0])])
        members = torch.arange(len(best), device=best.device)
        chosen = {
            name: torch.stack([mean[name] for mean in self.means])[best, members]
            for name in self.means[0]
        }
        return self.whole(chosen)

    def whole(self, mean: Weights) -> Weights:
        """A mean, and the entries of the network that are not averaged."""
        return copied({**self.network.state_dict(), **mean})

    def state_dict(self) -> dict:
        """The means and what determines the next restarts."""
        counts = {name: getattr(self, name).clone() for name in self.COUNTS}
        return {"means": [copied(mean) for mean in self.means], **counts}

    def load_state_dict(self, state: dict) -> None:
        """Restore saved means."""
        self.means = [copied(mean, self.network) for mean in state["means"]]
        for name in self.COUNTS:
            getattr(self, name).copy_(state[name])


KINDS = {
    "none": Average,
    "exponential": Exponential,
    "stochastic": Stochastic,
    "self_starting": SelfStarting,
    "snapshots": Snapshots,
    "fast_geometric": Snapshots,
}


def build(settings: settings_averages.Average, network: nn.Module) -> Average:
    """The weight average that the settings name."""
    return KINDS[settings.kind](network, settings)


def copied(state: Weights, network: nn.Module | None = None) -> Weights:
    """Copies of named tensors, on the device of a network if one is given."""
    device = None if network is None else next(network.parameters()).device
    return {
        name: tensor.detach().to(device=device, copy=True)
        for name, tensor in state.items()
    }
