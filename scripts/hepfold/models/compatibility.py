"""Checks that the models fit the data sets of a run, before any job starts."""

import numpy as np

from hepfold.core import (
    blend_parts,
    logs,
    settings,
    settings_datasets,
    settings_models,
    starting_models,
)
from hepfold.data import datasets, event_classes, event_samples
from hepfold.models import image_layouts


def check(full: settings.Configuration) -> None:
    """Check that each model can be trained on each data set of the run.

    Raises InputError, in one line that names the model, its setting and the data set.
    """
    pairs = [
        (dataset, name)
        for name in blend_parts.trained(full)
        for dataset in full.run.datasets
    ]
    for dataset, name in (*pairs, *starting_models.trainings(full)):
        definition = datasets.Dataset.of(full.datasets[dataset])
        check_features(name, full.models[name], dataset, definition)
        check_bodies(name, full.models[name], dataset, definition)
        check_spectrum(name, full, dataset)
        check_classes(name, full, dataset)
    for name, model in full.models.items():
        for dataset in full.run.datasets if model.sees_images else ():
            definition = datasets.Dataset.of(full.datasets[dataset])
            check_images(name, model, dataset, definition)


def check_features(
    name: str,
    model: settings_models.BaseModel,
    dataset: str,
    definition: datasets.Dataset,
) -> None:
    """Check that a data set has the features and hypotheses that a model needs."""
    if model.features not in definition.feature_sets:
        known = ", ".join(definition.feature_sets)
        raise logs.InputError(
            f"models.{name}.features: {dataset} has no feature set "
            f"{model.features!r}; it has {known}"
        )
    if model.hypotheses and not definition.hypothesis:
        raise logs.InputError(
            f"models.{name}.hypotheses: {dataset} has no mass hypothesis; change the "
            "setting or the data set"
        )


def check_bodies(
    name: str,
    model: settings_models.Model,
    dataset: str,
    definition: datasets.Dataset,
) -> None:
    """Check that a transformer has bodies to attend to."""
    if not isinstance(model, settings_models.Transformer):
        return
    features = definition.feature_sets.get(model.features, ())
    n_bodies = sum(set(body.names) <= set(features) for body in definition.bodies)
    if n_bodies < 2:
        raise logs.InputError(
            f"models.{name}: kind: transformer needs two or more bodies whose momentum "
            f"and angles are among the features {model.features!r}, and {dataset} has "
            f"{n_bodies}; declare bodies, or choose other features or another kind"
        )


def check_spectrum(name: str, full: settings.Configuration, dataset: str) -> None:
    """Check that a data set has the spectrum that a model is decorrelated from."""
    if wants_spectrum(name, full) and full.datasets[dataset].spectrum is None:
        raise logs.InputError(
            f"models.{name}.decorrelation: {dataset} declares no spectrum; declare "
            f"datasets.{dataset}.spectrum or set it to 0"
        )


def check_classes(name: str, full: settings.Configuration, dataset: str) -> None:
    """Check that a data set has the processes that a multi-class model needs."""
    model, declared = full.models[name], full.datasets[dataset]
    if model.weight_classes is not None:
        check_weight_classes(name, model, dataset, declared)
        return
    if model.classes is None:
        check_fractions(name, model, dataset, None)
        return
    if not declared.processes and declared.process is None:
        raise logs.InputError(
            f"models.{name}.classes: {dataset} declares no processes, only signal and "
            "background; declare processes or set classes to null"
        )
    processes = event_samples.process_names(declared)
    labels = event_samples.process_labels(declared)
    try:
        classes = event_classes.of(model.classes, processes, labels)
    except logs.InputError as error:
        raise logs.InputError(f"models.{name}.classes on {dataset}: {error}") from None
    check_columns(name, dataset, declared, classes)
    check_fractions(name, model, dataset, classes)


def check_weight_classes(
    name: str,
    model: settings_models.BaseModel,
    dataset: str,
    declared: settings_datasets.Dataset,
) -> None:
    """Check that events have the weights that divide them into classes."""
    if declared.weight is None and not declared.processes:
        raise logs.InputError(
            f"models.{name}.weight_classes: events of {dataset} have no weight; "
            f"declare datasets.{dataset}.weight, or set weight_classes to null"
        )
    classes = event_classes.WeightClasses.of(model.weight_classes)
    check_columns(name, dataset, declared, classes)
    check_fractions(name, model, dataset, classes)


def check_columns(
    name: str,
    dataset: str,
    declared: settings_datasets.Dataset,
    classes: event_classes.Classes,
) -> None:
    """Check that columns of probabilities have names of their own."""
    for column in (event_classes.PROBABILITY + key for key in classes.names):
        if column in declared.keep:
            raise logs.InputError(
                f"datasets.{dataset}.keep: tables of scores have a column {column!r} "
                f"of the model {name}; use another name"
            )


def check_fractions(
    name: str,
    model: settings_models.Model,
    dataset: str,
    classes: event_classes.Classes | None,
) -> None:
    """Check that fractions, if given, match the classes of a model."""
    place = f"models.{name}.class_fractions"
    if model.class_fractions is None:
        return
    if classes is None:
        raise logs.InputError(f"{place}: the model has no classes; set it to null")
    try:
        event_classes.check_fractions(model.class_fractions, classes)
    except logs.InputError as error:
        raise logs.InputError(f"{place} on {dataset}: {error}") from None


def wants_spectrum(name: str, full: settings.Configuration) -> bool:
    """Whether a model has a penalty, in its settings or in those of a search."""
    model = full.models[name]
    search = full.search.get(getattr(model, "tuned", None) or name)
    is_varied = search is not None and "decorrelation" in search.space
    return is_varied or getattr(model, "decorrelation", 0.0) > 0


def check_images(
    name: str,
    model: settings_models.SuperTML,
    dataset: str,
    definition: datasets.Dataset,
) -> None:
    """Check that the features of a data set fit into the images of a model."""
    seen = definition.feature_sets.get(model.features)
    if seen is None:
        return  # a model for other data sets
    names = [feature for feature in definition.features if feature in seen]
    try:
        image_layouts.check(model.images, np.array(definition.is_derived(names)))
    except logs.InputError as error:
        raise logs.InputError(f"models.{name} on {dataset}: {error}") from None
