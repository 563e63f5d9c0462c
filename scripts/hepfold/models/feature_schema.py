"""The columns of a fold file that a model uses, and its training events."""

from dataclasses import dataclass, field, replace

import msgspec
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
    features that are computed from others. `decays` has the names of the bodies and
    their decays, as in JSON; it is empty without decays. `kinds` are the kinds of the
    bodies, and `more` the positions of their other features. A multi-class model also
    has the name, the label and the share of expected events of each class.
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


def of_record(record: dict) -> Schema:
    """The schema from the metadata of a model file."""
    return msgspec.convert(record, Schema)


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
) -> event_classes.Classes | None:
    """The classes of a multi-class model; None for a binary one."""
    if model.weight_classes is not None:
        return event_classes.WeightClasses.of(model.weight_classes)
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


def with_shares_of_sums(
    schema: Schema,
    expected: np.ndarray,
    counts: np.ndarray,
    model: settings_models.BaseModel,
) -> Schema:
    """The same from sums of signed weights, and counts, of each class (n_classes,)."""
    if not schema.class_names:
        return schema
    names, labels = schema.class_names, schema.class_labels
    shares = event_classes.shares_of_sums(
        expected, counts, names, labels, model.class_fractions
    )
    return replace(schema, class_shares=shares)


def training_events(
    train_path: str,
    folds: list[int],
    model: settings_models.BaseModel,
    negative_weights: str,
    spectrum: str | None = None,
) -> event_arrays.Events:
    """The training events of a model from the given folds, with its features.

    Negative weights are changed by the rule `negative_weights` (see
    `weights.for_training`) before training and validation events are divided, so that
    the validation loss, which selects the epoch, uses the weights of the training.
    Events have an extra column `columns.SPECTRUM` if a variable is named, and those of
    a multi-class model the columns that `event_classes.with_class` adds.
    """
    selection = selection_of(train_path, model, spectrum)
    events = fold_file.read(train_path, folds)
    if model.hypotheses:
        check_hypotheses(selection.masses(events), model.hypotheses)
    events = selection.of_hypotheses(events)
    return weights.with_training_weights(selection.completed(events), negative_weights)


@dataclass(frozen=True)
class Selection:
    """How the training events of a model are made from those of a fold file.

    `mass_position` is the position of the mass hypothesis, of which the values
    `hypotheses` are used.
    """

    positions: list[int]
    layout: fold_file.Layout
    hypotheses: tuple[int, ...] | None
    mass_position: int | None
    spectrum: str | None
    classes: event_classes.Classes | None

    @property
    def extra(self) -> tuple[str, ...]:
        """Extra columns of the fold file that are needed."""
        needed = {self.spectrum, self.classes.column if self.classes else None}
        return tuple(name for name in self.layout.extra if name in needed)

    def masses(self, events: event_arrays.Events) -> np.ndarray:
        """Mass hypothesis of each event, in GeV."""
        # The HEPMASS file has 499.99997 for 500.
        return np.rint(events.inputs[:, self.mass_position])

    def of(self, events: event_arrays.Events) -> event_arrays.Events:
        """Events of the model, with signed weights, from events of the file."""
        return self.completed(self.of_hypotheses(events))

    def of_hypotheses(self, events: event_arrays.Events) -> event_arrays.Events:
        """The events of the file that have one of the mass hypotheses."""
        if not self.hypotheses:
            return events
        return events.take(np.isin(self.masses(events), self.hypotheses))

    def completed(self, events: event_arrays.Events) -> event_arrays.Events:
        """Events with the spectrum, the classes and the features of the model."""
        if self.spectrum is not None:
            values = spectrum_of(events, self.spectrum, self.layout)
            events = replace(events, extra={**events.extra, columns.SPECTRUM: values})
        if self.classes:
            events = event_classes.with_class(events, self.classes)
        return events.with_features(self.positions)


def selection_of(
    train_path: str, model: settings_models.BaseModel, spectrum: str | None
) -> Selection:
    """The selection of the training events of a model, and of a spectrum if named."""
    definition = fold_file.read_dataset(train_path)
    layout = fold_file.read_layout(train_path)
    mass = layout.features.index(definition.hypothesis) if model.hypotheses else None
    return Selection(
        layout.positions(definition.feature_sets[model.features]),
        layout,
        model.hypotheses,
        mass,
        spectrum,
        classes_of(train_path, model),
    )


def spectrum_of(
    events: event_arrays.Events, name: str, layout: fold_file.Layout
) -> np.ndarray:
    """Values (n_events,) of a feature or of a kept variable."""
    if name in events.extra:
        return events.extra[name]
    return events.inputs[:, layout.features.index(name)]


def check_hypotheses(masses: np.ndarray, hypotheses: tuple[int, ...]) -> None:
    """Check that events have each mass hypothesis, from their masses in GeV."""
    present = set(np.unique(masses).astype(int).tolist())
    if unknown := sorted(set(hypotheses) - present):
        known = ", ".join(map(str, sorted(present)))
        raise logs.InputError(
            f"hypotheses: no training event has a mass of {unknown[0]} GeV; choose "
            f"from {known} GeV"
        )
