"""Completes and validates the configuration before any job starts."""

import re

import msgspec

from hepfold.core import (
    blend_parts,
    logs,
    overlays,
    parsing,
    settings,
    settings_models,
    settings_training,
    starting_models,
)

# Default kinds of optimizer, schedule and average.
DEFAULT_KINDS = {
    field.name: type(field.default).__struct_config__.tag
    for field in msgspec.structs.fields(settings_models.GradientModel)
    if field.name in ("optimizer", "schedule", "average")
}


def complete(config: dict, public: dict[str, dict]) -> settings.Configuration:
    """Validated configuration with all defaults and every model written out.

    `public` are the declarations of public data sets, which keys of the configuration
    override. `like: mlp` inherits the settings of `mlp`; keys listed with it override
    them. `run.n_seeds` adds copies of the models with further seeds to `run.compared`.
    `training.max_epochs` limits every number of epochs. A complete configuration is
    returned unchanged. Raises InputError with one line that names the setting.
    """
    models = config.get("models")
    if isinstance(models, dict):
        inherited = {n: with_kinds(overlays.inherited(models, n)) for n in models}
        config = {**config, "models": inherited}
    config = {**config, "datasets": declared_datasets(config, public)}
    full = parsing.parse(config, settings.Configuration)
    check_names(full, public)
    starting_models.check(full)
    blend_parts.check(full)
    for name, search in full.search.items():
        check_search(name, search, full.models)
    return with_further_seeds(with_limited_epochs(full))


def declared_datasets(config: dict, public: dict[str, dict]) -> object:
    """Declarations of the data sets of the configuration and of the run."""
    declared, run = config.get("datasets") or {}, config.get("run")
    names = run.get("datasets") if isinstance(run, dict) else ()
    names = [*(names or ()), *starting_models.dataset_names(config.get("models"))]
    if not isinstance(declared, dict):
        return declared
    full = {name: public[name] for name in names if name in public}
    for name in declared:
        full[name] = overlays.inherited_dataset(name, declared, public)
    return full


def with_kinds(model: object) -> object:
    """A model with default kinds of optimizer, schedule and average filled in."""
    if not isinstance(model, dict):
        return model
    kinds = {
        name: {"kind": kind, **model[name]}
        for name, kind in DEFAULT_KINDS.items()
        if isinstance(model.get(name), dict)
    }
    return model | kinds


def check_names(full: settings.Configuration, public: dict[str, dict]) -> None:
    """Check that all data sets, models and searches referred to by name exist."""
    run = full.run
    datasets = full.datasets | public
    for place, names, known in (
        ("run.datasets", run.datasets, datasets),
        ("run.models", run.models, full.models),
        ("run.compared", run.compared, full.models),
        ("search", full.search, full.models),
    ):
        for name in names:
            if name not in known:
                choices = ", ".join(known)
                raise logs.InputError(f"{place}: {name!r} is not one of {choices}")
    if twice := set(run.models) & set(run.compared):
        raise logs.InputError(f"run.compared: {min(twice)!r} is in run.models too")
    for name, model in full.models.items():
        tuned = getattr(model, "tuned", None)
        if tuned not in {None, *full.search}:
            place = f"models.{name}.tuned"
            raise logs.InputError(f"{place}: there is no search.{tuned}")
    n_folds, n_trained = full.folds.n_folds, full.folds.n_trained
    if n_trained and n_trained > n_folds:
        raise logs.InputError(
            f"folds.n_trained: {n_trained} is more than n_folds ({n_folds})"
        )
    trained = {None, *run.models, *run.compared}
    for row in full.study.rows if full.study else ():
        if row.model not in trained or row.dataset not in run.datasets:
            place = f"study.rows, {row.label!r}"
            raise logs.InputError(
                f"{place}: {row.model} on {row.dataset} is not in the run"
            )


def check_search(
    name: str,
    search: settings_training.Search,
    models: dict[str, settings_models.Model],
) -> None:
    """Check that the model accepts every value in the space of a search."""
    tuned = [n for n, m in models.items() if getattr(m, "tuned", None) == name]
    for other in (name, *tuned):
        model, place = parsing.as_dict(models[other]), f"search.{name}.space"
        if fault := overlays.fault(model, search.space):
            raise logs.InputError(f"{place}.{fault}")
        for path, value in overlays.changes(search.space):
            changed = overlays.applied(model, {path: value})
            fault = next(parsing.faults(changed, settings_models.Model, ""), None)
            if fault is not None:
                raise logs.InputError(f"{place}.{path}: {fault[1]}")


def with_limited_epochs(full: settings.Configuration) -> settings.Configuration:
    """The configuration with all models limited to `training.max_epochs` epochs."""
    limit = full.training.max_epochs
    if limit is None:
        return full
    models = {name: limited(model, limit) for name, model in full.models.items()}
    return msgspec.structs.replace(full, models=models)


def limited(model: settings_models.Model, max_epochs: int) -> settings_models.Model:
    """A model with at most `max_epochs` epochs in each stage of its training."""
    if not isinstance(model, settings_models.GradientModel):
        return model
    steps = {
        name: min(getattr(model.network, name), max_epochs)
        for name in ("frozen_epochs", "pretrained_epochs")
        if hasattr(model.network, name)
    }
    changes = {"network": msgspec.structs.replace(model.network, **steps)}
    if start := starting_models.start_of(model):
        n_frozen = min(start.frozen_epochs, max_epochs)
        start = msgspec.structs.replace(start, frozen_epochs=n_frozen)
        changes["start_from"] = start
    n_epochs = min(model.n_epochs, max_epochs)
    return msgspec.structs.replace(model, n_epochs=n_epochs, **changes)


def with_further_seeds(full: settings.Configuration) -> settings.Configuration:
    """The configuration with copies of all models in the run, one per further seed.

    Parts of blends, and the models that models start from, are copied too.
    """
    run, shown = full.run, [*full.run.models, *full.run.compared]
    starting = [name for _, name in starting_models.trainings(full)]
    copied = dict.fromkeys([*shown, *blend_parts.trained(full), *starting])
    seeds = range(1, run.n_seeds)
    copies = {
        seed_name(name, i_seed): with_seed(full.models[name], i_seed)
        for i_seed in seeds
        for name in copied
    }
    compared = [seed_name(name, i_seed) for i_seed in seeds for name in shown]
    run = msgspec.structs.replace(run, compared=(*run.compared, *compared), n_seeds=1)
    return msgspec.structs.replace(full, run=run, models=full.models | copies)


def with_seed(model: settings_models.Model, i_seed: int) -> settings_models.Model:
    """The copy of a model with its i-th seed.

    A blend combines such copies, and a model that starts from another one starts from a
    copy of it.
    """
    if isinstance(model, settings_models.Blend):
        names = tuple(seed_name(name, i_seed) for name in model.of)
        return msgspec.structs.replace(model, of=names)
    changes: dict = {"seed": model.seed + i_seed}
    if start := starting_models.start_of(model):
        name = seed_name(start.model, i_seed)
        changes["start_from"] = msgspec.structs.replace(start, model=name)
    return msgspec.structs.replace(model, **changes)


def seed_name(model: str, i_seed: int) -> str:
    """Name of the copy of a model with its i-th seed; seed 0 is the model itself."""
    return f"{model}_seed{i_seed + 1}" if i_seed else model


def is_first_seed(model: str) -> bool:
    """Whether a model is not a copy with a further seed."""
    return re.search(r"_seed\d+$", model) is None
