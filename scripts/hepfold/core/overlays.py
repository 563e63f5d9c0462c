"""Settings that a search tries: their place in a model, and their values.

A space is `{path: values}`; a path is like `network.width`, and values are a list or
`{low, high, log}`.
"""

import math
from collections.abc import Iterator

# What a search sets itself: the length of a training, by the kind of model.
LENGTHS = ("n_epochs", "n_rounds")


def applied(model: dict, values: dict) -> dict:
    """Settings of a model with some of them replaced, each given by its path."""
    return overlaid(model, nested(values))


def nested(values: dict) -> dict:
    """Values by path as settings in settings, which an overlay adds to a model."""
    found = {}
    for path, value in values.items():
        *groups, name = path.split(".")
        part = found
        for group in groups:
            part = part.setdefault(group, {})
        part[name] = value
    return found


def overlaid(model: dict, changes: dict) -> dict:
    """Settings of a model with those of an overlay in their place."""
    changed = {
        name: overlaid(model[name], value)
        if isinstance(value, dict) and isinstance(model.get(name), dict)
        else value
        for name, value in changes.items()
    }
    return {**model, **changed}


def tuned(settings: dict, overlay: dict | None) -> dict:
    """Settings of a training with `model` as a search found it best, if one did."""
    if not overlay:
        return settings
    (found,) = overlay["models"].values()
    return {**settings, "model": overlaid(settings["model"], found)}


def for_trial(model: dict, values: dict, n_epochs: int, fraction: float) -> dict:
    """Settings of a model for a trial of so many epochs, or rounds of trees.

    `fraction` of the training folds judges it.
    """
    length = next(name for name in LENGTHS if name in model)
    changes = {**values, length: n_epochs, "validation_fraction": fraction}
    return applied(model, changes)


def size(space: dict) -> int | None:
    """How many candidates differ; None where a range makes them countless."""
    if any(isinstance(values, dict) for values in space.values()):
        return None
    return math.prod(len(values) for values in space.values())


def ends(values: list | dict) -> list:
    """Values that stand for all: the list, or both ends of a range."""
    return [values["low"], values["high"]] if isinstance(values, dict) else values


def fault(model: dict, space: dict) -> str | None:
    """What is wrong with a space, whatever the values mean, if anything is."""
    for path, values in space.items():
        if path in (*LENGTHS, "validation_fraction", "kind"):
            return f"{path}: a search does not vary it"
        if not has_value(model, path.split(".")):
            return f"{path}: the model has no such setting, or a group of settings"
        if isinstance(values, dict):
            low, high = values["low"], values["high"]
            if type(low) is not type(high) or not low < high:
                return f"{path}: low and high must be two rising numbers of one type"
            if values["log"] and low <= 0:
                return f"{path}: a logarithmic range must be above zero"
    return None


def changes(space: dict) -> Iterator[tuple[str, object]]:
    """Path and value of each change that stands for a space."""
    for path, values in space.items():
        for value in ends(values):
            yield path, value


def has_value(model: dict, names: list[str]) -> bool:
    """Whether a model has a setting at a path, which is no group of settings."""
    part = model
    for name in names:
        if not isinstance(part, dict) or name not in part:
            return False
        part = part[name]
    return not isinstance(part, dict | list)
