"""Tests of models.feature_schema: columns and training events of a model."""

import numpy as np
import pytest
import samples

from hepfold.core import logs
from hepfold.data import datasets, event_arrays, fold_file
from hepfold.models import feature_schema

HIGGSML = datasets.HIGGSML


@pytest.mark.parametrize("feature_set", ["all", "low_level", "high_level"])
def test_names_are_those_of_the_columns_taken(tmp_path, feature_set):
    path, n = str(tmp_path / "train.h5"), 4
    part = event_arrays.Events(
        inputs=np.zeros((n, len(HIGGSML.features)), "f4"),
        label=np.array([0, 1, 0, 1], "i1"),
        weight=np.ones(n, "f4"),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
    )
    layout = fold_file.Layout.of(HIGGSML, {"KaggleWeight": None})
    with fold_file.writing(path, 1, layout, {"units": {"PRI_tau_phi": 2.0}}) as writer:
        writer.append(part, np.zeros(n, int))
    schema, positions = feature_schema.read(path, "higgsml", feature_set)
    assert set(schema.features) == set(HIGGSML.feature_sets[feature_set])
    assert schema.features == tuple(HIGGSML.features[i] for i in positions)
    assert schema.n_values == (() if feature_set == "high_level" else (4,))
    units = dict(zip(schema.features, schema.units, strict=True))
    assert units.get("PRI_tau_phi", 2.0) == 2.0


def hepmass_file(folder, mass: list[float], weight: float = 1) -> str:
    """A fold file of HEPMASS events of the given masses, in two alternating folds."""
    n, definition = len(mass), datasets.HEPMASS
    part = event_arrays.Events(
        inputs=np.ones((n, len(definition.features)), "f4"),
        label=np.zeros(n, "i1"),
        weight=np.full(n, weight, "f4"),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
    )
    part.inputs[:, definition.features.index("mass")] = mass
    path = str(folder / "train.h5")
    layout = fold_file.Layout.of(definition, {})
    with fold_file.writing(path, 2, layout, {"units": {}}) as writer:
        writer.append(part, np.arange(n) % 2)
    return path


@pytest.mark.parametrize("features", ["all", "blind"])
@pytest.mark.parametrize(
    ("hypotheses", "taken"),
    [(None, [0, 2, 4, 6]), ([500], [0, 6]), ([1000, 500], [0, 4, 6])],
)
def test_training_events_have_the_mass_hypotheses_of_the_model(
    tmp_path, features, hypotheses, taken
):
    path = hepmass_file(tmp_path, [500, 750, 750, 750, 1000, 750, 499.99997, 1500])
    model = samples.model(features=features, hypotheses=hypotheses)
    events = feature_schema.training_events(path, "hepmass", [0], model, "absolute")
    assert events.event_id.tolist() == taken
    assert events.inputs.shape[1] == (28 if features == "all" else 27)


def test_a_hypothesis_without_events_is_rejected(tmp_path):
    path = hepmass_file(tmp_path, [500, 750, 1000, 1500])
    model = samples.model(hypotheses=[500, 1250])
    message = "no training event has a mass of 1250 GeV; choose from 500, 1000"
    with pytest.raises(logs.InputError, match=message):
        feature_schema.training_events(path, "hepmass", [0], model, "absolute")


@pytest.mark.parametrize(
    ("rule", "weight"), [("absolute", 2), ("zero", 0), ("keep", -2)]
)
def test_training_events_have_the_weights_of_the_rule(tmp_path, rule, weight):
    path = hepmass_file(tmp_path, [500, 750, 1000, 1500], weight=-2)
    model = samples.model(features="all")
    events = feature_schema.training_events(path, "hepmass", [0], model, rule)
    assert events.weight.tolist() == [weight] * 2
