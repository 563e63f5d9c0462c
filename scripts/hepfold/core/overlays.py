"""Overlays of settings: from `like`, from a search, and from a trial of a search."""

import math
from collections.abc import Iterator

from hepfold.core import logs, settings_base, settings_training

# Training length, which a search sets itself. Its name depends on the kind of model.
LENGTHS = ("n_epochs", "n_rounds")


def inherited(models: dict, name: str, seen: tuple[str, ...] = ()) -> dict:
    """A model with the settings inherited by `like`; null restores the default."""
    model = models[name]
    if not isinstance(model, dict):
        return model
    other = model.get("like")
    if other is None:
        return without_nulls(model)
    known = {n for n in models if isinstance(models[n], dict)} - {*seen, name}
    if not isinstance(other, str) or other not in known:
        raise logs.InputError(f"models.{name}.like: {other!r} is not another model")
    keys = {key: value for key, value in model.items() if key != "like"}
    return without_nulls(overlaid(inherited(models, other, (*seen, name)), keys))


def inherited_dataset(
    name: str, declared: dict, public: dict, seen: tuple[str, ...] = ()
) -> object:
    """A declaration with keys inherited from a public data set or from `like`.

    A key replaces the inherited key as a whole; null removes it. Raises InputError if
    there is no such data set, or if a data set is like itself.
    """
    keys = declared.get(name, {})
    if not isinstance(keys, dict):
        return keys
    other, before = keys.get("like"), public.get(name)
    if other is not None:
        known = {*declared, *public} - {*seen, name}
        if not isinstance(other, str) or other not in known:
            raise logs.InputError(
                f"datasets.{name}.like: {other!r} is not another data set"
            )
        before = inherited_dataset(other, declared, public, (*seen, name))
    if not isinstance(before, dict):
        return keys
    laid_over = {key: v for key, v in {**before, **keys}.items() if v is not None}
    laid_over.pop("like", None)
    return laid_over


def without_nulls(part: dict) -> dict:
    """Settings without null values, also in nested groups."""
    return {
        name: without_nulls(value) if isinstance(value, dict) else value
        for name, value in part.items()
        if value is not None
    }


def overlaid(part: dict, changes: dict) -> dict:
    """Settings overridden by an overlay.

    If the overlay changes the `kind` of a group, it replaces the whole group.
    """
    changed = {}
    for name, value in changes.items():
        before = part.get(name)
        is_kept = isinstance(value, dict) and isinstance(before, dict)
        if is_kept and value.get("kind", before.get("kind")) == before.get("kind"):
            value = overlaid(before, value)
        changed[name] = value
    return {**part, **changed}


def applied(model: dict, values: dict) -> dict:
    """A model with settings replaced; `values` has paths as keys."""
    return overlaid(model, nested(values))


def nested(values: dict) -> dict:
    """Nested groups of settings from values by path, such as `network.width`."""
    groups: dict = {}
    for path, value in values.items():
        *parents, name = path.split(".")
        group = groups
        for parent in parents:
            group = group.setdefault(parent, {})
        group[name] = value
    return groups


def tuned(model: dict, overlay: dict | None) -> dict:
    """A model with the best settings of a search; unchanged without an overlay."""
    if not overlay:
        return model
    (best,) = overlay["models"].values()
    return overlaid(model, best)


def for_trial(model: dict, values: dict, n_epochs: int, fraction: float) -> dict:
    """A model for a trial of `n_epochs` epochs or boosting rounds.

    `fraction` of the training folds is used for validation.
    """
    length = next(name for name in LENGTHS if name in model)
    changes = {**values, length: n_epochs, "validation_fraction": fraction}
    return applied(model, changes)


def size(space: settings_training.Space) -> int | None:
    """Number of distinct candidates; None if the space contains a range."""
    if any(isinstance(values, settings_training.Range) for values in space.values()):
        return None
    return math.prod(len(values) for values in space.values())


def fault(model: dict, space: settings_training.Space) -> str | None:
    """What is wrong with the paths of a search space; None if they are valid."""
    for path, values in space.items():
        if path in (*LENGTHS, "validation_fraction", "kind"):
            return f"{path}: a search cannot vary it"
        if not has_value(model, path.split(".")):
            return f"{path}: the model has no such setting, or it is a group"
        if isinstance(values, settings_training.Range):
            if type(values.low) is not type(values.high) or values.low >= values.high:
                return f"{path}: low and high must be rising numbers of one type"
            if values.log and values.low <= 0:
                return f"{path}: a logarithmic range must be above zero"
    return None


def changes(
    space: settings_training.Space,
) -> Iterator[tuple[str, settings_base.Value]]:
    """Path and value of each change to check: list entries and ends of ranges."""
    for path, values in space.items():
        is_range = isinstance(values, settings_training.Range)
        for value in (values.low, values.high) if is_range else values:
            yield path, value


def costliest(
    space: settings_training.Space, *, is_for_memory: bool = False
) -> dict[str, settings_base.Value]:
    """The largest number of each setting of a space: those of its largest candidate.

    `true` counts as larger than `false`, and null as all events for `n_events`. The
    smallest batch takes the longest, the largest most memory. Other settings than
    numbers are left out.
    """
    numbers: dict = {}
    for path, value in changes(space):
        if isinstance(value, int | float):
            numbers.setdefault(path, []).append(value)
    largest = {path: max(values) for path, values in numbers.items()}
    if "batch_size" in numbers and not is_for_memory:
        largest["batch_size"] = min(numbers["batch_size"])
    if ("n_events", None) in changes(space):
        largest["n_events"] = None
    return largest


def has_value(model: dict, names: list[str]) -> bool:
    """Whether a model has a single setting, not a group, at a path."""
    part = model
    for name in names:
        if not isinstance(part, dict) or name not in part:
            return False
        part = part[name]
    return not isinstance(part, dict | list)
