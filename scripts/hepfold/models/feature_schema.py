"""What a model sees of a fold file: which columns of its inputs, and what they are.

And which events it is trained on, where that is said by a mass hypothesis.
"""

import numpy as np

from hepfold.core import logs, settings_models
from hepfold.data import datasets, event_arrays, fold_file
from hepfold.models import feature_preparation


def read(
    train_path: str, dataset: str, feature_set: str
) -> tuple[feature_preparation.Schema, list[int]]:
    """The schema of a set of features, and their columns in the fold file."""
    definition = datasets.DATASETS[dataset]
    layout = fold_file.read_layout(train_path)
    chosen = definition.feature_sets[feature_set]
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
    dataset: str,
    folds: list[int],
    model: settings_models.BaseModel,
) -> event_arrays.Events:
    """The events of the given folds that a model is trained on, with its features."""
    definition, layout = datasets.DATASETS[dataset], fold_file.read_layout(train_path)
    events = fold_file.read(train_path, folds)
    if model.hypotheses:
        place = layout.features.index(definition.mass_hypothesis)
        events = events.take(of_hypotheses(events.inputs[:, place], model.hypotheses))
    return events.with_features(
        layout.positions(definition.feature_sets[model.features])
    )


def of_hypotheses(mass: np.ndarray, hypotheses: tuple[int, ...]) -> np.ndarray:
    """Which events, (n_events,), are of the given mass hypotheses in GeV.

    To the nearest GeV: the file of HEPMASS has 499.99997 for 500.
    """
    nearest = np.rint(mass)
    present = set(np.unique(nearest).astype(int).tolist())
    if unknown := sorted(set(hypotheses) - present):
        known = ", ".join(map(str, sorted(present)))
        raise logs.InputError(
            f"hypotheses: no event that is trained on is of {unknown[0]} GeV, but of "
            f"{known} GeV"
        )
    return np.isin(nearest, hypotheses)
