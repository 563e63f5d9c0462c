"""Schedules of the learning rate and momentum.

Updates are counted from zero over all epochs, epochs from one. Rates depend on the
update alone, but for `plateau`, so that a resumed training goes on as it was.
"""

import bisect
import math

from hepfold.core import choices, logs


class Schedule:
    """The same rate for all updates; the base of the other kinds."""

    def __init__(self, learning_rate: float, n_updates: int, n_epochs: int):
        self.learning_rate = learning_rate
        self.n_updates = n_updates
        self.n_epochs = n_epochs

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate and momentum of an update; None leaves the momentum alone."""
        return self.learning_rate, None

    def epoch_ended(self, loss: float) -> None:
        """Learn the loss that an epoch ended with."""

    def ends_cycle(self, epoch: int) -> bool:
        """Whether a cycle of the rate is over, at its lowest, with an epoch."""
        return False

    def state_dict(self) -> dict:
        """All that a resumed training needs."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Go on from the state of a schedule of the same kind."""

    def progress(self, update: int) -> float:
        """Part of the training that is over: 0 at the first update, 1 at the last."""
        return update / max(self.n_updates * self.n_epochs - 1, 1)


class Decay(Schedule):
    """A rate that decays with every update, and a momentum that rises to a plateau.

    Baldi et al. 2014, arXiv:1402.4735: factor 1.0000002, least rate 1e-6, momentum
    from 0.9 to 0.99 over 200 epochs (their code: github.com/uci-igb/higgs-susy).
    Momentum rises with every update here, with every epoch there.
    """

    def __init__(
        self,
        *common: float,
        factor: float,
        least_rate: float,
        momentum: list[float],
        ramp_epochs: int,
    ):
        super().__init__(*common)
        refuse_least_rate(least_rate, self.learning_rate)
        self.factor = factor
        self.least_rate = least_rate
        self.momentum = momentum
        self.ramp = ramp_epochs * self.n_updates

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate and momentum of an update."""
        # A negative power runs into zero where a positive one would overflow.
        rate = self.learning_rate * self.factor**-update
        first, last = self.momentum
        risen = min(update / self.ramp, 1.0)
        return max(rate, self.least_rate), first + risen * (last - first)


class Plateau(Schedule):
    """A rate that is multiplied by a factor when the loss has stopped falling.

    It has when none of the last `patience` epochs went below the lowest loss before.
    """

    def __init__(self, *common: float, factor: float, patience: int, least_rate: float):
        super().__init__(*common)
        refuse_least_rate(least_rate, self.learning_rate)
        self.factor = factor
        self.patience = patience
        self.least_rate = least_rate
        self.lowest_loss = math.inf
        self.n_waited = 0

    def epoch_ended(self, loss: float) -> None:
        """Lower the rate if the loss has not fallen for long; NaN has not fallen."""
        self.n_waited += 1
        if loss < self.lowest_loss:
            self.lowest_loss = loss
            self.n_waited = 0
        if self.n_waited >= self.patience:
            self.learning_rate = max(self.learning_rate * self.factor, self.least_rate)
            self.n_waited = 0

    def state_dict(self) -> dict:
        """The rate that was reached and what was learned of the loss."""
        names = ("learning_rate", "lowest_loss", "n_waited")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: dict) -> None:
        """Go on with that rate."""
        self.__dict__.update(state)


class LinearCycles(Schedule):
    """Triangles of `n_epochs` epochs: up to the rate and down again.

    Before `first_epoch` the rate is the largest. The triangular policy of Smith 2017,
    arXiv:1506.01186, section 3.1. In the cycles of Garipov et al. 2018,
    arXiv:1802.10026, weights are taken at the lowest rate as well, which they have in
    the middle of a cycle and this one at its ends.
    """

    def __init__(
        self, *common: float, least_fraction: float, n_epochs: int, first_epoch: int
    ):
        super().__init__(*common)
        self.least_fraction = least_fraction
        self.n_cycle_epochs = n_epochs
        self.n_before = first_epoch - 1

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate of an update."""
        period = self.n_cycle_epochs * self.n_updates
        since = update - self.n_before * self.n_updates
        height = 1 - abs(2 * (since % period) / period - 1) if since >= 0 else 1.0
        least = self.least_fraction
        return self.learning_rate * (least + (1 - least) * height), None

    def ends_cycle(self, epoch: int) -> bool:
        """Whether a triangle is over."""
        since = epoch - self.n_before
        return since > 0 and since % self.n_cycle_epochs == 0


class Cosine(Schedule):
    """Half cosines down from the rate, each begun anew at the full rate.

    Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5. The first takes
    `n_epochs` epochs, each next one `growth` times as many, in whole epochs.
    """

    def __init__(
        self, *common: float, n_epochs: int, growth: float, least_fraction: float
    ):
        super().__init__(*common)
        self.least_fraction = least_fraction
        # Epochs after which a cycle is over; the last may lie beyond the training.
        self.ends = [n_epochs]
        while self.ends[-1] < self.n_epochs:
            length = max(round(n_epochs * growth ** len(self.ends)), 1)
            self.ends.append(self.ends[-1] + length)

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate of an update."""
        epoch = update / self.n_updates
        cycle = bisect.bisect_right(self.ends, epoch)
        start, end = [0, *self.ends][cycle : cycle + 2]
        fraction = between(1.0, self.least_fraction, (epoch - start) / (end - start))
        return self.learning_rate * fraction, None

    def ends_cycle(self, epoch: int) -> bool:
        """Whether a half cosine is over."""
        return epoch in self.ends


class OneCycle(Schedule):
    """The rate rises and falls once, by half cosines, and the momentum against it.

    Smith and Topin 2018, arXiv:1708.07120, and for the momentum Smith 2018,
    arXiv:1803.09820; cosines for their straight lines are of fast.ai. Strong 2020,
    arXiv:2002.01427, uses rates 1e-4, 1e-2, 0 and momenta 0.95, 0.85, 0.95 over 5 and
    10 epochs.
    """

    def __init__(
        self,
        *common: float,
        warm_fraction: float,
        start_fraction: float,
        end_fraction: float,
        momentum: list[float],
    ):
        super().__init__(*common)
        self.warm_fraction = warm_fraction
        self.start_fraction = start_fraction
        self.end_fraction = end_fraction
        self.low, self.high = momentum
        if self.low > self.high:
            raise logs.InputError(
                f"schedule: momentum of one_cycle is [low, high], found {momentum}"
            )

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate and momentum of an update."""
        progress, warm = self.progress(update), self.warm_fraction
        if progress < warm:
            done = progress / warm
            fraction = between(self.start_fraction, 1.0, done)
            momentum = between(self.high, self.low, done)
        else:
            done = (progress - warm) / (1 - warm)
            fraction = between(1.0, self.end_fraction, done)
            momentum = between(self.low, self.high, done)
        return self.learning_rate * fraction, momentum

    def ends_cycle(self, epoch: int) -> bool:
        """Whether the one cycle is over."""
        return epoch == self.n_epochs


class RangeTest(Schedule):
    """A rate that rises to find, from the loss, which rates are fit; no other is used.

    The range test of Smith 2017, arXiv:1506.01186, section 3.3, with the logarithm of
    the rate rising linearly instead of the rate, so as to span decades.
    """

    def __init__(self, *common: float, first_rate: float, last_rate: float):
        super().__init__(*common)
        self.first_rate = first_rate
        self.last_rate = last_rate
        if first_rate >= last_rate:
            raise logs.InputError(
                f"schedule: range_test must rise, found {first_rate} to {last_rate}"
            )

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate of an update."""
        ratio = self.last_rate / self.first_rate
        return self.first_rate * ratio ** self.progress(update), None


# Kinds of schedule that the configuration can name.
KINDS = {
    "constant": Schedule,
    "decay": Decay,
    "plateau": Plateau,
    "linear_cycles": LinearCycles,
    "cosine": Cosine,
    "one_cycle": OneCycle,
    "range_test": RangeTest,
}


def build(
    settings: dict, learning_rate: float, n_updates: int, n_epochs: int
) -> Schedule:
    """The schedule that `{kind: settings}` names, of `n_updates` updates per epoch."""
    kind, own = choices.chosen(settings, "schedule")
    return KINDS[kind](learning_rate, n_updates, n_epochs, **own)


def between(start: float, end: float, done: float) -> float:
    """Half a cosine from start to end, of which a part from 0 to 1 is done."""
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def refuse_least_rate(least_rate: float, learning_rate: float) -> None:
    """Refuse a least rate above the rate that the schedule starts with."""
    if least_rate > learning_rate:
        raise logs.InputError(
            f"schedule: least_rate {least_rate} is above learning_rate {learning_rate}"
        )
