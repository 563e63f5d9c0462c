"""Methods text: optimizers and schedules of the learning rate."""

from hepfold.core import settings_training
from hepfold.publish import phrases

# Schedules that set the momentum of the optimizer.
SETTING_MOMENTUM = (settings_training.Decay, settings_training.OneCycle)


def optimizer(
    settings: settings_training.Optimizer, schedule: settings_training.Schedule
) -> str:
    """The optimizer with its settings, but those that the schedule sets."""
    decay = f"a weight decay of {settings.weight_decay:g}"
    if isinstance(settings, settings_training.SGD):
        if isinstance(schedule, SETTING_MOMENTUM):
            return f"stochastic gradient descent with momentum and {decay}"
        momentum = f"a momentum of {settings.momentum:g}"
        return f"stochastic gradient descent with {momentum} and {decay}"
    adam = f"AdamW {phrases.cite('loshchilov2019')}"
    values = f"(beta2 of {settings.beta2:g}, {decay})"
    if isinstance(settings, settings_training.Muon):
        muon = f"Muon {phrases.cite('jordan2024')}"
        return f"{muon} for hidden matrices and {adam} for all other weights {values}"
    return f"{adam} {values}"


def schedule(settings: settings_training.Schedule, rate: float) -> str:
    """The schedule of the highest learning rate `rate`, in one sentence."""
    return SCHEDULES[type(settings)](settings, rate)


def constant(_: settings_training.Constant, rate: float) -> str:
    """A constant learning rate."""
    return f"The learning rate was {rate:g} throughout."


def decay(settings: settings_training.Decay, rate: float) -> str:
    """A learning rate that falls with every update."""
    first, last = settings.momentum
    return (
        f"The learning rate fell from {rate:g}, divided by {settings.factor:.10g} at "
        f"every update, down to {settings.min_rate:g}, while the momentum rose from "
        f"{first:g} to {last:g} in {phrases.count(settings.ramp_epochs, 'epoch')}."
    )


def plateau(settings: settings_training.Plateau, rate: float) -> str:
    """A learning rate that falls on plateaus of the loss."""
    return (
        f"The learning rate began at {rate:g} and was multiplied by "
        f"{settings.factor:g}, down to {settings.min_rate:g}, after "
        f"{phrases.count(settings.patience, 'epoch')} without a lower loss."
    )


def linear_cycles(settings: settings_training.LinearCycles, rate: float) -> str:
    """Triangular cycles."""
    return (
        f"From epoch {settings.first_epoch} on, the learning rate rose from "
        f"{settings.min_fraction * rate:.3g} to {rate:g} and fell again in triangular "
        f"cycles of {phrases.count(settings.n_epochs, 'epoch')} "
        f"{phrases.cite('smith2017')}."
    )


def cosine(settings: settings_training.Cosine, rate: float) -> str:
    """Cosine cycles with warm restarts."""
    return (
        f"The learning rate fell from {rate:g} to {settings.min_fraction * rate:.3g} "
        f"as a cosine with warm restarts {phrases.cite('loshchilov2017')}; the first "
        f"cycle took {phrases.count(settings.n_epochs, 'epoch')}, each later one "
        f"{settings.growth:g} times as many as the one before."
    )


def one_cycle(settings: settings_training.OneCycle, rate: float) -> str:
    """The one-cycle schedule."""
    low, high = settings.momentum
    momentum = (
        f"at a momentum of {low:g}"
        if low == high
        else f"while the momentum fell from {high:g} to {low:g} and rose again"
    )
    return (
        f"The learning rate rose from {settings.start_fraction * rate:.3g} to "
        f"{rate:g} in the first {settings.warm_fraction:.0%} of the updates and then "
        f"fell to {settings.end_fraction * rate:.3g}, {momentum} (one-cycle schedule "
        f"{phrases.cite('smith2018')})."
    )


SCHEDULES = {
    settings_training.Constant: constant,
    settings_training.Decay: decay,
    settings_training.Plateau: plateau,
    settings_training.LinearCycles: linear_cycles,
    settings_training.Cosine: cosine,
    settings_training.OneCycle: one_cycle,
}
