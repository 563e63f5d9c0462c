"""Numbers that change with every update, on the device, for a captured update.

A captured CUDA graph repeats the numbers of its capture, but reads tensors again. The
numbers of all updates of an epoch are a table; before each update, its row is copied to
where the graph reads it.
"""

import torch
from torch import Tensor

from hepfold.training import optimizers, schedules, weight_averages

# The momentum (beta1) that the kernel of Adam has as a number, which a graph fixes.
KERNEL_BETA1 = optimizers.ADAM_BETA1


class UpdateNumbers:
    """The numbers of the current update, each a tensor with one value.

    `rate` and `momentum` are those of the schedule, `share` that of the weights in
    their mean. `adam_rate` and `adam_scale` let a kernel of Adam with constant momentum
    compute with that of the schedule; see `captured_optimizers.AdamW`.

    Parameters
    ----------
    n_updates
        Updates per epoch.
    average
        Gives the share of each update.
    default_momentum
        The momentum of SGD and Muon where the schedule sets none.
    device
        Where the numbers are.
    """

    def __init__(
        self,
        n_updates: int,
        average: weight_averages.Average,
        default_momentum: float,
        device: torch.device,
    ):
        self.n_updates, self.average = n_updates, average
        self.default_momentum = default_momentum
        self.row = torch.zeros(5, device=device)
        parts = self.row.unbind()
        self.rate, self.momentum, self.adam_rate, self.adam_scale, self.share = parts
        self.clear()

    def clear(self) -> None:
        """Drop the table, as after loading the state of a schedule."""
        self.first, self.table = 0, self.row[:0]

    def set(self, schedule: schedules.Schedule, update: int) -> None:
        """Set the numbers to those of an update; an epoch begins with a new table."""
        if not 0 <= update - self.first < len(self.table):
            self.first = update - update % self.n_updates
            # A range test may end within an epoch, and its rate must not overflow.
            end = schedule.n_updates * schedule.n_epochs
            stop = max(min(self.first + self.n_updates, end), update + 1)
            rows = self.rows(schedule, range(self.first, stop))
            self.table = rows.to(self.row)
        self.row.copy_(self.table[update - self.first])

    def rows(self, schedule: schedules.Schedule, updates: range) -> Tensor:
        """The numbers of updates (n_updates, 5), double, on the CPU."""
        rates, momenta = zip(*(schedule.at(update) for update in updates), strict=True)
        # The momentum of the update before; the first one has nothing to scale.
        _, before = schedule.at(max(updates.start - 1, 0))
        rate = torch.tensor(rates, dtype=torch.float64)
        momentum = filled([before, *momenta], self.default_momentum)[1:]
        beta1 = filled([before, *momenta], optimizers.ADAM_BETA1)
        scale, factor = adam_numbers(beta1, torch.arange(len(updates)) + updates.start)
        shares = [self.average.share(update) for update in updates]
        share = torch.tensor(shares, dtype=torch.float64)
        return torch.stack([rate, momentum, rate * factor, scale, share], dim=1)


def filled(momenta: list[float | None], default: float) -> Tensor:
    """Momenta, double, with a default where the schedule sets none."""
    values = [default if momentum is None else momentum for momentum in momenta]
    return torch.tensor(values, dtype=torch.float64)


def adam_numbers(beta1: Tensor, update: Tensor) -> tuple[Tensor, Tensor]:
    """Scale of Adam's mean gradient before each update, and factor of its rate.

    `beta1` begins with that of the update before the first. With b = KERNEL_BETA1, the
    kernel keeps m' = m (1 - b) / (1 - beta1) in place of the mean gradient m:

        b (scale m') + (1 - b) g = (1 - b) / (1 - beta1) (beta1 m + (1 - beta1) g).

    The factor undoes this in the step, and exchanges the corrections of the bias.
    """
    b, n_steps = KERNEL_BETA1, update.double() + 1
    before, now = beta1[:-1], beta1[1:]
    scale = now / b * (1 - before) / (1 - now)
    correction = (1 - b**n_steps) / (1 - now**n_steps)
    return scale, correction * (1 - now) / (1 - b)
