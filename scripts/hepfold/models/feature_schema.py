"""The columns of a fold file that a model uses, and the events it is trained on."""

from dataclasses import dataclass, field, replace

import numpy as np

from hepfold.core import (
    columns,
    logs,
    parsing,
    settings_datasets,
    settings_models,
)
from hepfold.data import (
    datasets,
    event_arrays,
    event_classes,
    event_samples,
    fold_file,
    weights,
)
from hepfold.models import decay_candidates


@dataclass(frozen=True)
class Schema:
    """The columns of `inputs`.

    `bodies` are positions of (pt, eta or None, phi). `units` are factors that turn
    columns of eta and phi into pseudorapidities and radians. `n_values` are the numbers
    of values of the categorical features, which come last. `derived` are positions of
    features that are computed from others. `decays` has the names of the bodies and the
    decays of them, as in JSON; it is empty without decays. `kinds` are those of the
    bodies, and `more` positions of their further features. A multi-class model also has
    the name, the label and the share of expected events of each class.
    """

    features: tuple[str, ...]
    n_values: tuple[int, ...]
    bodies: tuple[tuple[int, int | None, int], ...]
    units: tuple[float, ...]
    momenta_are_positive: bool
    derived: tuple[int, ...] = ()
    decays: dict = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    more: tuple[tuple[int, ...], ...] = ()
    class_names: tuple[str, ...] = ()
    class_labels: tuple[int, ...] = ()
    class_shares: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        definition: datasets.Dataset,
        features: tuple[str, ...],
        n_values: list[int],
        units: dict[str, float],
    ) -> "Schema":
        """The schema of `features` of a data set, in this order."""
        position = {name: i for i, name in enumerate(features)} | {None: None}
        bodies = {
            name: body
            for name, body in zip(definition.body_names, definition.bodies, strict=True)
            if all(part in position for part in body.names)
        }
        return cls(
            features=tuple(features),
            n_values=tuple(n_values),
            bodies=tuple(
                (position[body.pt], position[body.eta], position[body.phi])
                for body in bodies.values()
            ),
            units=tuple(units.get(name, 1.0) for name in features),
            momenta_are_positive=definition.momenta_are_positive,
            derived=tuple(np.flatnonzero(definition.is_derived(features)).tolist()),
            decays=decay_candidates.of_bodies(definition, bodies, units),
            kinds=tuple(body.kind for body in bodies.values()),
            more=tuple(
                tuple(position[name] for name in body.more if name in position)
                for body in bodies.values()
            ),
        )

    @property
    def n_continuous(self) -> int:
        """Number of features that are not categorical."""
        return len(self.features) - len(self.n_values)


def read(train_path: str, feature_set: str) -> tuple[Schema, list[int]]:
    """The schema of a feature set, and positions of its columns in the fold file."""
    chosen = fold_file.read_dataset(train_path).feature_sets[feature_set]
    return of_features(train_path, chosen)


def of_features(train_path: str, chosen: tuple[str, ...]) -> tuple[Schema, list[int]]:
    """The schema of the named features, and their positions in the fold file."""
    definition = fold_file.read_dataset(train_path)
    layout = fold_file.read_layout(train_path)
    positions = layout.positions(chosen)
    schema = Schema.of(
        definition,
        tuple(layout.features[i] for i in positions),
        layout.n_values(chosen),
        fold_file.read_made_by(train_path).get("units", {}),
    )
    return schema, positions


def of_model(
    train_path: str, model: settings_models.BaseModel
) -> tuple[Schema, list[int]]:
    """The schema of a model with its classes, and positions of its columns."""
    schema, positions = read(train_path, model.features)
    classes = classes_of(train_path, model)
    if classes is None:
        return schema, positions
    named = replace(schema, class_names=classes.names, class_labels=classes.labels)
    return named, positions


def classes_of(
    train_path: str, model: settings_models.BaseModel
) -> event_classes.EventClasses | None:
    """The classes of a multi-class model; None for a binary one."""
    if model.classes is None:
        return None
    dataset = fold_file.read_made_by(train_path)["settings"]["dataset"]
    declared = parsing.parse(dataset, settings_datasets.Dataset)
    processes = fold_file.read_layout(train_path).processes
    return event_classes.of(
        model.classes, processes, event_samples.process_labels(declared)
    )


def with_shares(
    schema: Schema,
    events: event_arrays.Events,
    model: settings_models.BaseModel,
) -> Schema:
    """The schema with the share of each class in the expected training events."""
    if not schema.class_names:
        return schema
    names, labels = schema.class_names, schema.class_labels
    shares = event_classes.shares(events, names, labels, model.class_fractions)
    return replace(schema, class_shares=shares)


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
    Events have an extra column `columns.SPECTRUM` if a variable is named, and those of
    a multi-class model the columns that `event_classes.with_class` adds.
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
    if classes := classes_of(train_path, model):
        events = event_classes.with_class(events, classes)
    chosen = layout.positions(definition.feature_sets[model.features])
    chosen_events = events.with_features(chosen)
    return weights.with_training_weights(chosen_events, negative_weights)


def events_without_fold(
    train_path: str, i_fold: int, model: settings_models.BaseModel, params: dict
) -> event_arrays.Events:
    """The training events of a model from all folds but one.

    `params` are those of a rule that trains: the number of folds, the rule for negative
    weights, and the variable that the score is decorrelated from.
    """
    return training_events(
        train_path,
        [i for i in range(params["n_folds"]) if i != i_fold],
        model,
        params["negative_weights"],
        params["spectrum"],
    )


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
