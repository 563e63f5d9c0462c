"""Models that start from another training, and checks that they can."""

from collections.abc import Iterator

from hepfold.core import blend_parts, logs, settings, settings_layers, settings_models

# Settings that must be equal for both trainings to draw the same validation events.
DRAWS = ("seed", "n_events", "hypotheses", "validation_fraction")

StartingModel = settings_models.NetworkModel | settings_models.XGBoost


def start_of(model: settings_models.Model) -> settings_layers.OtherTraining | None:
    """What a model starts from; None for random weights, or no trees."""
    return getattr(model, "start_from", None)


def lineage(
    full: settings.Configuration, dataset: str | None, name: str
) -> Iterator[tuple[str | None, str]]:
    """Data set and model of each training that a training starts from, latest first.

    Raises InputError if it starts from itself.
    """
    seen = [(dataset, name)]
    while start := start_of(full.models[seen[-1][1]]):
        other = start.dataset or seen[-1][0], start.model
        if other in seen:
            names = " from ".join(model for _, model in [*seen, other])
            raise logs.InputError(
                f"models.{name}.start_from: {names} is a circle; set start_from of "
                "one of them to null"
            )
        yield other
        seen.append(other)


def trainings(full: settings.Configuration) -> list[tuple[str, str]]:
    """Data set and model of all trainings that those of the run start from."""
    found = {
        other: None
        for dataset in full.run.datasets
        for name in blend_parts.trained(full)
        for other in lineage(full, dataset, name)
    }
    return list(found)


def dataset_names(models: object) -> list[str]:
    """Data sets named by `start_from` in models that are not validated yet."""
    declared = models.values() if isinstance(models, dict) else ()
    starts = [m.get("start_from") for m in declared if isinstance(m, dict)]
    names = [start.get("dataset") for start in starts if isinstance(start, dict)]
    return [name for name in names if isinstance(name, str)]


def check(full: settings.Configuration) -> None:
    """Check that the named models exist, match and form no circle.

    Raises InputError, in one line that names the model and the setting.
    """
    for name, model in full.models.items():
        start = start_of(model)
        if start is None:
            continue
        check_names(name, start, full)
        check_fit(name, model, full.models[start.model])
        if start.dataset is None or start.dataset in full.run.datasets:
            check_validation(name, model, full.models[start.model])
    for name in full.models:
        list(lineage(full, None, name))
    check_toys(full)


def check_toys(full: settings.Configuration) -> None:
    """Check that no training starts from toy events that its folds hold out."""
    for dataset in full.run.datasets:
        for name in blend_parts.trained(full):
            for other, _ in lineage(full, dataset, name):
                ours, theirs = full.datasets[dataset], full.datasets[other]
                if other != dataset and ours.has_toys_of(theirs):
                    raise logs.InputError(
                        f"models.{name}.start_from: {other} and {dataset} have the "
                        f"same toy events; change datasets.{other}.toy_seed"
                    )


def check_names(
    name: str, start: settings_layers.OtherTraining, full: settings.Configuration
) -> None:
    """Check that model and data set exist, and that no search varies the model."""
    place = f"models.{name}.start_from"
    if start.model not in full.models:
        known = ", ".join(full.models)
        raise logs.InputError(f"{place}.model: {start.model!r} is not one of {known}")
    if start.dataset not in {None, *full.datasets}:
        known = ", ".join(full.datasets)
        raise logs.InputError(
            f"{place}.dataset: {start.dataset!r} is not one of {known}; declare it"
        )
    if start.fold is not None and start.fold >= full.folds.n_folds:
        raise logs.InputError(
            f"{place}.fold: {start.fold} is not one of 0 to {full.folds.n_folds - 1}"
        )
    if start.fold is not None and start.dataset in full.run.datasets:
        raise logs.InputError(
            f"{place}.fold: {start.dataset} is a data set of the run, and fold "
            f"{start.fold} was trained on events of its other folds; leave fold out"
        )
    if name in full.search:
        raise logs.InputError(
            f"search.{name}: trials start from no other training, but the model does; "
            f"search {start.model} or remove {place}"
        )


def check_fit(name: str, model: StartingModel, other: settings_models.Model) -> None:
    """Check that a model can take over the trees or weights of another one."""
    if isinstance(model, settings_models.XGBoost):
        check_trees(name, model, other)
    else:
        check_weights(name, model, other)


def check_trees(
    name: str, model: settings_models.XGBoost, other: settings_models.Model
) -> None:
    """Check that the trees of a model can follow those of another one."""
    place, start = f"models.{name}.start_from", model.start_from
    if not isinstance(other, settings_models.XGBoost):
        raise logs.InputError(
            f"{place}.model: {start.model} is of kind {other.kind}, which has no trees "
            "to continue from; choose a model of kind xgboost"
        )
    check_equal(name, model, other, ("preparation", "symmetry"), "make them equal")


def check_weights(
    name: str, model: settings_models.NetworkModel, other: settings_models.Model
) -> None:
    """Check that the weights of another model can be those of a model."""
    place, start = f"models.{name}.start_from", model.start_from
    if not isinstance(other, settings_models.NetworkModel):
        raise logs.InputError(
            f"{place}.model: {start.model} is of kind {other.kind}, which has no "
            "weights to start from; choose a network"
        )
    if getattr(model.network, "pretrained_epochs", 0):
        raise logs.InputError(
            f"{place}: network.pretrained_epochs would replace the weights; set it to 0"
        )
    if start.part == "embeddings":
        return
    remedy = "make them equal, or set part to embeddings"
    check_equal(name, model, other, ("kind", "preparation"), remedy)


def check_equal(
    name: str,
    model: StartingModel,
    other: settings_models.Model,
    names: tuple[str, ...],
    remedy: str,
) -> None:
    """Check that two models have the same values of settings."""
    for setting in names:
        if getattr(model, setting) != getattr(other, setting):
            raise logs.InputError(
                f"models.{name}.start_from: {name} and {model.start_from.model} differ "
                f"in {setting}; {remedy}"
            )


def check_validation(name: str, model: StartingModel, other: StartingModel) -> None:
    """Check that the other model was not trained on the validation events of a model.

    Its loss on them would be too low to choose an epoch or round by.
    """
    if not model.validation_fraction:
        return
    for setting in DRAWS:
        if getattr(model, setting) != getattr(other, setting):
            raise logs.InputError(
                f"models.{name}.start_from: {model.start_from.model} was trained on "
                f"validation events of {name}; make their {setting} equal, or set "
                f"models.{name}.validation_fraction to 0"
            )
