"""The columns of a fold file that a model uses, and the events it is trained on."""

from dataclasses import replace

import numpy as np

from hepfold.core import columns, logs, settings_models
from hepfold.data import event_arrays, fold_file, weights
from hepfold.models import feature_preparation


def read(
    train_path: str, feature_set: str
) -> tuple[feature_preparation.Schema, list[int]]:
    """The schema of a feature set, and positions of its columns in the fold file."""
    chosen = fold_file.read_dataset(train_path).feature_sets[feature_set]
    return of_features(train_path, chosen)


def of_features(
    train_path: str, chosen: tuple[str, ...]
) -> tuple[feature_preparation.Schema, list[int]]:
    """The schema of the named features, and their positions in the fold file."""
    definition = fold_file.read_dataset(train_path)
    layout = fold_file.read_layout(train_path)
    positions = layout.positions(chosen)
    schema = feature_preparation.Schema.of(
        definition,
        tuple(layout.features[i] for i in positions),
        layout.n_values(chosen),
        fold_file.read_made_by(train_path).get("units", {}),
    )
    return schema, positions


def training_events(
    train_path: str,
    folds: list[int],
    model: settings_models.BaseModel,
    negative_weights: str,
    spectrum: str | None = None,
) -> event_arrays.Events:
    """The training events of a model from the given folds, with its features.

    Negative weights are changed by the rule `negative_weights`, one of those of
    `weights.for_training`, before training and validation events are divided: the
    validation loss, which chooses the epoch, is that of the weights of the training.
    Events have an extra column `columns.SPECTRUM` if a variable is named.
    """
    definition = fold_file.read_dataset(train_path)
    layout = fold_file.read_layout(train_path)
    events = fold_file.read(train_path, folds)
    if model.hypotheses:
        place = layout.features.index(definition.hypothesis)
        events = events.take(of_hypotheses(events.inputs[:, place], model.hypotheses))
    if spectrum is not None:
        values = spectrum_of(events, spectrum, layout)
        events = replace(events, extra={**events.extra, columns.SPECTRUM: values})
    chosen = layout.positions(definition.feature_sets[model.features])
    chosen_events = events.with_features(chosen)
    return weights.with_training_weights(chosen_events, negative_weights)


def spectrum_of(
    events: event_arrays.Events, name: str, layout: fold_file.Layout
) -> np.ndarray:
    """Values (n_events,) of a feature or of a variable kept beside the features."""
    if name in events.extra:
        return events.extra[name]
    return events.inputs[:, layout.features.index(name)]


def of_hypotheses(mass: np.ndarray, hypotheses: tuple[int, ...]) -> np.ndarray:
    """Which events (n_events,) have one of the given mass hypotheses in GeV.

    Masses are rounded to GeV, as the HEPMASS file has 499.99997 for 500.
    """
    nearest = np.rint(mass)
    present = set(np.unique(nearest).astype(int).tolist())
    if unknown := sorted(set(hypotheses) - present):
        known = ", ".join(map(str, sorted(present)))
        raise logs.InputError(
            f"hypotheses: no training event has a mass of {unknown[0]} GeV; choose "
            f"from {known} GeV"
        )
    return np.isin(nearest, hypotheses)
