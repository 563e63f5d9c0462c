"""Methods text: averages of weights, and which weights of a training were used."""

from hepfold.core import settings_averages, settings_models, settings_training
from hepfold.publish import phrases


def average(settings: settings_averages.Average) -> str:
    """The average of the weights, or snapshots of them; empty for none."""
    if isinstance(settings, settings_averages.Exponential):
        return (
            "Weights were averaged exponentially over updates, with a decay of up to "
            f"{settings.decay:g} per update."
        )
    if isinstance(settings, settings_averages.Stochastic):
        return (
            f"Weights were averaged over the ends of epochs from epoch "
            f"{settings.first_epoch} on {phrases.cite('izmailov2018')}."
        )
    if isinstance(settings, settings_averages.SelfStarting):
        return (
            f"Of {settings.n_averages} averages of weights over the ends of epochs "
            f"{phrases.cite('izmailov2018')}, the worst of which restarted at "
            f"intervals of {phrases.count(settings.restart_epochs, 'epoch')} or more, "
            "the one with the lowest validation loss was used."
        )
    return snapshots(settings)


def snapshots(settings: settings_averages.Average) -> str:
    """Snapshots of weights as further members; empty for none."""
    if not takes_snapshots(settings):
        return ""
    if isinstance(settings, settings_averages.Snapshots):
        start, cited = "", "huang2017snapshot"
    else:
        start, cited = f"from epoch {settings.first_epoch} on ", "garipov2018"
    return (
        f"The weights of each member at the last {settings.n_last} ends of cycles of "
        f"the schedule {start}were members of the ensemble {phrases.cite(cited)}."
    )


def takes_snapshots(settings: settings_averages.Average) -> bool:
    """Whether the weights of several epochs become members.

    A single snapshot gives way to the weights of the best epoch.
    """
    kinds = settings_averages.Snapshots, settings_averages.FastGeometric
    return isinstance(settings, kinds) and settings.n_last > 1


def is_mean(settings: settings_averages.Average) -> bool:
    """Whether an average is a mean of weights."""
    return isinstance(
        settings,
        (
            settings_averages.Exponential,
            settings_averages.Stochastic,
            settings_averages.SelfStarting,
        ),
    )


def can_stop_early(model: settings_models.GradientModel) -> bool:
    """Whether training can end before its last epoch.

    With a mean of weights, a training follows a cycle of the schedule to its end.
    """
    one_cycle = isinstance(model.schedule, settings_training.OneCycle)
    return bool(model.validation_fraction) and not (
        one_cycle and is_mean(model.average)
    )


def selection(model: settings_models.GradientModel) -> str:
    """Which epoch was used, and when training stopped early."""
    has_snapshots = takes_snapshots(model.average)
    if not model.validation_fraction:
        return "" if has_snapshots else "The weights after the last epoch were used."
    parts = []
    if not has_snapshots:
        parts.append("The weights with the lowest validation loss were used.")
    if can_stop_early(model):
        parts.append(early_stop(model))
    return " ".join(parts)


def early_stop(model: settings_models.GradientModel) -> str:
    """When training stopped early."""
    stopping = model.stopping
    changes = [
        text
        for value, text in (
            (stopping.min_change, f"{stopping.min_change:g}"),
            (
                stopping.min_relative_change,
                f"a fraction {stopping.min_relative_change:g}",
            ),
        )
        if value
    ]
    by_more = f" by more than {phrases.listing(changes)}" if changes else ""
    first = (
        f", but not before epoch {stopping.first_epoch}"
        if stopping.first_epoch > 1
        else ""
    )
    cyclic = settings_training.LinearCycles, settings_training.Cosine
    follows = is_mean(model.average) and isinstance(model.schedule, cyclic)
    end = " at the end of a cycle of the learning rate" if follows else ""
    return (
        f"Training stopped early{end} after {phrases.count(stopping.patience, 'epoch')}"
        f" in which the validation loss of no member fell{by_more}{first}."
    )
