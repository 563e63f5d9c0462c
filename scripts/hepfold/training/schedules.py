"""Schedules of the learning rate and momentum.

Updates are counted from zero over all epochs, epochs from one. Rates depend only on the
update, except for `plateau`, whose state is saved with a training.
"""

import bisect
import math

from hepfold.core import logs, settings_base, settings_training


class Schedule:
    """A constant rate; the base class of all schedules.

    `n_updates` is the number of updates per epoch.
    """

    def __init__(
        self,
        settings: settings_base.Settings,
        learning_rate: float,
        n_updates: int,
        n_epochs: int,
    ):
        self.settings = settings
        self.learning_rate = learning_rate
        self.n_updates = n_updates
        self.n_epochs = n_epochs

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate and momentum of an update; None means no change of momentum."""
        return self.learning_rate, None

    def epoch_ended(self, loss: float) -> None:
        """Note the loss at the end of an epoch."""

    def ends_cycle(self, epoch: int) -> bool:
        """Whether a cycle ends, at its lowest rate, with this epoch."""
        return False

    def is_in_cycle(self, epoch: int) -> bool:
        """Whether a cycle, which ends with a low rate, continues after this epoch."""
        return False

    def state_dict(self) -> dict:
        """The state to save with a training."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Restore the state of a schedule of the same kind."""

    def progress(self, update: int) -> float:
        """Fraction of the training done: 0 at the first update, 1 at the last."""
        return update / max(self.n_updates * self.n_epochs - 1, 1)


class Decay(Schedule):
    """A rate that decays with every update, and a momentum that rises to a plateau.

    Baldi et al. 2014, arXiv:1402.4735: factor 1.0000002, lowest rate 1e-6, momentum
    from 0.9 to 0.99 over 200 epochs (their code: github.com/uci-igb/higgs-susy). Here,
    the momentum rises with every update; in their code, with every epoch.
    """

    def __init__(self, settings: settings_training.Decay, *training: float):
        super().__init__(settings, *training)
        check_min_rate(settings.min_rate, self.learning_rate)
        self.ramp = settings.ramp_epochs * self.n_updates

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate and momentum of an update."""
        # A negative power underflows to zero; a positive one would overflow.
        rate = self.learning_rate * self.settings.factor**-update
        first, last = self.settings.momentum
        risen = min(update / self.ramp, 1.0)
        return max(rate, self.settings.min_rate), first + risen * (last - first)


class Plateau(Schedule):
    """A rate that is multiplied by a factor when the loss stops falling.

    That is, when none of the last `patience` epochs reached a new lowest loss.
    """

    def __init__(self, settings: settings_training.Plateau, *training: float):
        super().__init__(settings, *training)
        check_min_rate(settings.min_rate, self.learning_rate)
        self.lowest_loss = math.inf
        self.n_waited = 0

    def epoch_ended(self, loss: float) -> None:
        """Lower the rate after `patience` epochs without a fall; NaN is no fall."""
        self.n_waited += 1
        if loss < self.lowest_loss:
            self.lowest_loss = loss
            self.n_waited = 0
        if self.n_waited >= self.settings.patience:
            lower = self.learning_rate * self.settings.factor
            self.learning_rate = max(lower, self.settings.min_rate)
            self.n_waited = 0

    def state_dict(self) -> dict:
        """The current rate, the lowest loss, and the epochs since."""
        names = ("learning_rate", "lowest_loss", "n_waited")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: dict) -> None:
        """Restore a saved state."""
        self.__dict__.update(state)


class LinearCycles(Schedule):
    """Triangles of `n_epochs` epochs: up to the full rate and down again.

    Before `first_epoch`, the rate is the full rate. The triangular policy of Smith
    2017, arXiv:1506.01186, section 3.1. Garipov et al. 2018, arXiv:1802.10026, also
    take weights at the lowest rate, which is in the middle of their cycles and at the
    ends of these.
    """

    def __init__(self, settings: settings_training.LinearCycles, *training: float):
        super().__init__(settings, *training)
        self.n_cycle_epochs = settings.n_epochs
        self.n_before = settings.first_epoch - 1

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate of an update."""
        period = self.n_cycle_epochs * self.n_updates
        since = update - self.n_before * self.n_updates
        height = 1 - abs(2 * (since % period) / period - 1) if since >= 0 else 1.0
        lowest = self.settings.min_fraction
        return self.learning_rate * (lowest + (1 - lowest) * height), None

    def ends_cycle(self, epoch: int) -> bool:
        """Whether a triangle ends with this epoch."""
        since = epoch - self.n_before
        return since > 0 and since % self.n_cycle_epochs == 0

    def is_in_cycle(self, epoch: int) -> bool:
        """Whether a triangle continues after this epoch."""
        return epoch > self.n_before and not self.ends_cycle(epoch)


class Cosine(Schedule):
    """Half cosines down from the full rate, with warm restarts.

    Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5. The first cycle takes
    `n_epochs` epochs, each next one `growth` times as many, rounded to whole epochs.
    """

    def __init__(self, settings: settings_training.Cosine, *training: float):
        super().__init__(settings, *training)
        # Last epochs of the cycles; the training may end before the last one.
        self.ends = [settings.n_epochs]
        while self.ends[-1] < self.n_epochs:
            length = settings.n_epochs * settings.growth ** len(self.ends)
            length = max(round(length), 1)
            self.ends.append(self.ends[-1] + length)

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate of an update."""
        epoch = update / self.n_updates
        cycle = bisect.bisect_right(self.ends, epoch)
        start, end = [0, *self.ends][cycle : cycle + 2]
        done = (epoch - start) / (end - start)
        fraction = between(1.0, self.settings.min_fraction, done)
        return self.learning_rate * fraction, None

    def ends_cycle(self, epoch: int) -> bool:
        """Whether a half cosine ends with this epoch."""
        return epoch in self.ends

    def is_in_cycle(self, epoch: int) -> bool:
        """Whether a half cosine continues after this epoch."""
        return not self.ends_cycle(epoch)


class OneCycle(Schedule):
    """The rate rises and falls once by half cosines; the momentum does the opposite.

    Smith and Topin 2018, arXiv:1708.07120, and for the momentum Smith 2018,
    arXiv:1803.09820; fast.ai replaced their straight lines by cosines. Strong 2020,
    arXiv:2002.01427, uses rates 1e-4, 1e-2, 0 and momenta 0.95, 0.85, 0.95 over 5 and
    10 epochs.
    """

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate and momentum of an update."""
        progress, warm = self.progress(update), self.settings.warm_fraction
        lowest, highest = self.settings.momentum
        if progress < warm:
            done = progress / warm
            fraction = between(self.settings.start_fraction, 1.0, done)
            momentum = between(highest, lowest, done)
        else:
            done = (progress - warm) / (1 - warm)
            fraction = between(1.0, self.settings.end_fraction, done)
            momentum = between(lowest, highest, done)
        return self.learning_rate * fraction, momentum

    def ends_cycle(self, epoch: int) -> bool:
        """Whether the one cycle ends with this epoch."""
        return epoch == self.n_epochs

    def is_in_cycle(self, epoch: int) -> bool:
        """Whether the one cycle continues after this epoch."""
        return not self.ends_cycle(epoch)


class RangeTest(Schedule):
    """Rates from `first_rate` to `last_rate` for a learning-rate range test.

    Smith 2017, arXiv:1506.01186, section 3.3, but the logarithm of the rate rises
    linearly instead of the rate, to span decades. The rate of the model is not used.
    """

    def at(self, update: int) -> tuple[float, float | None]:
        """Learning rate of an update."""
        first, last = self.settings.first_rate, self.settings.last_rate
        return first * (last / first) ** self.progress(update), None


KINDS = {
    "constant": Schedule,
    "decay": Decay,
    "plateau": Plateau,
    "linear_cycles": LinearCycles,
    "cosine": Cosine,
    "one_cycle": OneCycle,
}


def build(
    settings: settings_training.Schedule,
    learning_rate: float,
    n_updates: int,
    n_epochs: int,
) -> Schedule:
    """The schedule of a training with `n_updates` updates per epoch."""
    return KINDS[settings.kind](settings, learning_rate, n_updates, n_epochs)


def between(start: float, end: float, done: float) -> float:
    """Half cosine from `start` to `end` at the fraction `done`, from 0 to 1."""
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def check_min_rate(min_rate: float, learning_rate: float) -> None:
    """Check that the lowest rate does not exceed the rate of the model."""
    if min_rate > learning_rate:
        raise logs.InputError(
            f"schedule.min_rate: {min_rate} is above learning_rate ({learning_rate}); "
            "lower it"
        )
