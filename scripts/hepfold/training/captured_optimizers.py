"""Optimizers that read their rate and momentum from the device, for captured updates.

What the AdamW of torch 2.13 does with tensors (torch/optim/adam.py):

fused
    One kernel for all weights. The rate may be a tensor; the momentum is a number,
    which a CUDA graph would freeze. A tensor makes the host wait, as `.item()` does.
foreach
    With `capturable`, `_foreach_lerp_` and `_foreach_pow` take the momentum as a
    number too.
neither
    Rate and momentum may be tensors (not beta2), at a dozen kernels for each weight.

SGD has no `capturable`; its fused kernel likewise takes the rate as a tensor. The fused
kernels are used here, and what they keep is scaled before, for the momentum to change.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from hepfold.core import settings_training
from hepfold.training import optimizers, update_numbers


class AdamW(torch.optim.AdamW):
    """AdamW with a fused kernel, whose rate and momentum are `numbers`.

    The kernel has the constant momentum KERNEL_BETA1. `update_numbers.adam_numbers`
    gives the scale of the mean gradient and the rate with which it moves weights as
    with the momentum of the schedule. The weight decay, which goes with the rate of the
    schedule, comes before the kernel.
    """

    def __init__(
        self,
        weights: Iterable[nn.Parameter],
        settings: settings_training.AdamW,
        numbers: update_numbers.UpdateNumbers,
    ):
        self.numbers = numbers
        groups = [
            group | {"decay": group["weight_decay"], "weight_decay": 0.0}
            for group in optimizers.decay_groups(weights, settings.weight_decay)
        ]
        super().__init__(
            groups,
            lr=numbers.adam_rate,
            betas=(update_numbers.KERNEL_BETA1, settings.beta2),
            fused=True,
            capturable=True,
        )

    @torch.no_grad()
    def step(self) -> None:
        """Update all weights that have a gradient."""
        for group in self.param_groups:
            trained = [weight for weight in group["params"] if weight.grad is not None]
            rate = self.numbers.rate * group["factor"]
            group["lr"] = self.numbers.adam_rate * group["factor"]
            if group["decay"] and trained:
                torch._foreach_mul_(trained, 1 - rate * group["decay"])
            scale_state(self, trained, "exp_avg", self.numbers.adam_scale)
        super().step()


class SGD(torch.optim.SGD):
    """SGD with a fused kernel, whose rate and momentum are `numbers`.

    The kernel has a momentum of one and adds the gradient to what is left of the sum.
    """

    def __init__(
        self,
        weights: Iterable[nn.Parameter],
        settings: settings_training.SGD,
        numbers: update_numbers.UpdateNumbers,
    ):
        self.numbers = numbers
        groups = optimizers.decay_groups(weights, settings.weight_decay)
        super().__init__(groups, lr=numbers.rate, momentum=1.0, fused=True)

    @torch.no_grad()
    def step(self) -> None:
        """Update all weights that have a gradient."""
        for group in self.param_groups:
            trained = [weight for weight in group["params"] if weight.grad is not None]
            group["lr"] = self.numbers.rate * group["factor"]
            scale_state(self, trained, "momentum_buffer", self.numbers.momentum)
        super().step()


class Muon(optimizers.Muon):
    """Muon whose rate and momentum are `numbers`."""

    def __init__(
        self,
        matrices: list[nn.Parameter],
        settings: settings_training.Muon,
        numbers: update_numbers.UpdateNumbers,
    ):
        self.numbers = numbers
        super().__init__(matrices, 0.0, settings.weight_decay)

    def step(self) -> None:
        """Update all matrices."""
        (group,) = self.param_groups
        group["lr"], group["momentum"] = self.numbers.rate, self.numbers.momentum
        super().step()


def scale_state(
    optimizer: torch.optim.Optimizer,
    weights: list[nn.Parameter],
    name: str,
    scale: Tensor,
) -> None:
    """Scale what an optimizer keeps of weights; before their first step, nothing."""
    kept = [optimizer.state[w][name] for w in weights if name in optimizer.state[w]]
    if kept:
        torch._foreach_mul_(kept, scale)


def build(
    settings: settings_training.Optimizer,
    network: nn.Module,
    numbers: update_numbers.UpdateNumbers,
) -> optimizers.Optimizer:
    """The optimizer of a network, which must already be on its device."""
    weights = network.parameters()
    if settings.kind == "sgd":
        return optimizers.Optimizer(SGD(weights, settings, numbers))
    if settings.kind == "adamw":
        return optimizers.Optimizer(AdamW(weights, settings, numbers))
    matrices, others = optimizers.hidden_and_other(network)
    return optimizers.Optimizer(
        Muon(matrices, settings, numbers), AdamW(others, settings, numbers)
    )


def default_momentum(settings: settings_training.Optimizer) -> float:
    """The momentum of SGD or Muon where the schedule sets none; Adam has its own."""
    return settings.momentum if settings.kind == "sgd" else optimizers.MUON_MOMENTUM
