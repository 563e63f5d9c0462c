"""Which models are blended, and which are trained for it."""

from hepfold.core import logs, settings, settings_models


def trained(full: settings.Configuration) -> list[str]:
    """Names of the models that a run trains, also as parts of blends, each once."""
    names = {
        part: None
        for name in (*full.run.models, *full.run.compared)
        for part in parts_of(full.models[name]) or (name,)
    }
    return list(names)


def parts_of(model: settings_models.Model) -> tuple[str, ...]:
    """Names of the models that are blended; none for other kinds of model."""
    return model.of if isinstance(model, settings_models.Blend) else ()


def check(full: settings.Configuration) -> None:
    """Check the parts of all blends, and that there are folds to fit the weights on.

    Raises InputError with one line that names the setting.
    """
    for name, model in full.models.items():
        for part in parts_of(model):
            check_part(f"models.{name}.of", part, full)
    blends = [n for n in (*full.run.models, *full.run.compared) if is_blend(n, full)]
    if blends and full.folds.n_trained == 1:
        raise logs.InputError(
            f"folds.n_trained: 1, but the weights of {blends[0]!r} in a fold are "
            "fitted on the other trained folds; train 2 or more"
        )


def is_blend(name: str, full: settings.Configuration) -> bool:
    """Whether a model is a blend."""
    return bool(parts_of(full.models[name]))


def check_part(place: str, name: str, full: settings.Configuration) -> None:
    """Check that a model can be a part of a blend."""
    if name not in full.models:
        choices = ", ".join(n for n in full.models if not is_blend(n, full))
        raise logs.InputError(f"{place}: {name!r} is not one of {choices}")
    if is_blend(name, full):
        raise logs.InputError(
            f"{place}: {name!r} is a blend itself; name its parts instead"
        )
    model = full.models[name]
    if model.sees_images:
        raise logs.InputError(
            f"{place}: {name!r} sees images, which a blend does not support; leave it "
            "out"
        )
    if model.hypotheses:
        raise logs.InputError(
            f"{place}: {name!r} is trained on some mass hypotheses only, but the "
            "weights of a blend are fitted on all events; leave it out"
        )
