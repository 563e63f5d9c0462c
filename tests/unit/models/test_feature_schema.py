"""Tests of models.feature_schema: columns and training events of a model."""

import dataclasses

import declarations
import numpy as np
import public_sets
import pytest
import samples

from hepfold.core import columns, logs
from hepfold.data import fold_file
from hepfold.models import feature_schema

HIGGSML = public_sets.DATASETS["higgsml"]


@pytest.mark.parametrize("feature_set", ["all", "low_level", "high_level"])
@pytest.mark.parametrize("n_jets", [3, 4])
def test_names_are_those_of_the_columns_taken(tmp_path, feature_set, n_jets):
    """A category has one more code where an event has another value."""
    path, declared = str(tmp_path / "train.h5"), public_sets.DECLARED["higgsml"]
    part, layout = declarations.blank_events(declared, 4), declarations.layout(declared)
    part.inputs[2, layout.features.index("PRI_jet_num")] = n_jets
    made_by = declarations.made_by(declared, units={"PRI_tau_phi": 2.0})
    with fold_file.writing(path, 1, layout, made_by) as writer:
        writer.append(part, np.zeros(4, int))
    schema, positions = feature_schema.read(path, feature_set)
    assert set(schema.features) == set(HIGGSML.feature_sets[feature_set])
    assert schema.features == tuple(HIGGSML.features[i] for i in positions)
    n_values = 4 + (n_jets == 4)
    assert schema.n_values == (() if feature_set == "high_level" else (n_values,))
    units = dict(zip(schema.features, schema.units, strict=True))
    assert units.get("PRI_tau_phi", 2.0) == 2.0


def hepmass_file(folder, mass: list[float], weight: float = 1) -> str:
    """A fold file of HEPMASS events of the given masses, in two alternating folds."""
    n, declared = len(mass), public_sets.DECLARED["hepmass"]
    part, layout = declarations.blank_events(declared, n), declarations.layout(declared)
    part.inputs[:, layout.features.index("mass")] = mass
    part = dataclasses.replace(part, weight=np.full(n, float(weight)))
    path, made_by = str(folder / "train.h5"), declarations.made_by(declared)
    with fold_file.writing(path, 2, layout, made_by) as writer:
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
    events = feature_schema.training_events(path, [0], model, "absolute")
    assert events.event_id.tolist() == taken
    assert events.inputs.shape[1] == (28 if features == "all" else 27)


def test_a_hypothesis_without_events_is_rejected(tmp_path):
    path = hepmass_file(tmp_path, [500, 750, 1000, 1500])
    model = samples.model(hypotheses=[500, 1250])
    message = "no training event has a mass of 1250 GeV; choose from 500, 1000"
    with pytest.raises(logs.InputError, match=message):
        feature_schema.training_events(path, [0], model, "absolute")


@pytest.mark.parametrize(
    ("rule", "weight"), [("absolute", 2), ("zero", 0), ("keep", -2)]
)
def test_training_events_have_the_weights_of_the_rule(tmp_path, rule, weight):
    path = hepmass_file(tmp_path, [500, 750, 1000, 1500], weight=-2)
    model = samples.model(features="all")
    events = feature_schema.training_events(path, [0], model, rule)
    assert events.weight.tolist() == [weight] * 2


@pytest.mark.parametrize("features", ["all", "blind"])
def test_training_events_can_have_the_spectrum(tmp_path, features):
    masses = [500, 750, 1000, 1500]
    path, model = hepmass_file(tmp_path, masses), samples.model(features=features)
    events = feature_schema.training_events(path, [0], model, "absolute", "mass")
    assert events.extra[columns.SPECTRUM].tolist() == [500, 1000]
    events = feature_schema.training_events(path, [0], model, "absolute")
    assert columns.SPECTRUM not in events.extra
