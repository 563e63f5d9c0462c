"""Tests of models.training_events: in memory or streamed, with equal properties."""

import dataclasses

import class_samples
import declarations
import numpy as np
import public_sets
import pytest
import samples

from hepfold.core import columns, logs, parsing
from hepfold.data import event_arrays, event_streams, fold_file
from hepfold.models import feature_schema, training_events

MASSES = np.array([500, 750, 750, 750, 1000, 750, 499.99997, 1500] * 50)


@pytest.fixture
def path(tmp_path) -> str:
    """A fold file of HEPMASS events in two alternating folds."""
    n, declared = len(MASSES), public_sets.DECLARED["hepmass"]
    part, layout = declarations.blank_events(declared, n), declarations.layout(declared)
    rng = np.random.default_rng(0)
    part.inputs[:] = rng.normal(size=part.inputs.shape)
    part.inputs[:, layout.features.index("mass")] = MASSES
    label = rng.integers(0, 2, n).astype("i1")
    weight = np.where(rng.random(n) < 0.1, -1.0, 1.0)
    part = dataclasses.replace(part, label=label, weight=weight)
    name, made_by = str(tmp_path / "train.h5"), declarations.made_by(declared)
    with fold_file.writing(name, 2, layout, made_by) as writer:
        writer.append(part, np.arange(n) % 2)
    return name


def parameters(above_gb: float | None, **changes) -> dict:
    """Parameters of a rule that trains."""
    training = parsing.as_dict(samples.TRAINING)
    training["streaming"] = {"above_gb": above_gb, "buffer_events": 1000}
    return {
        "n_folds": 2,
        "negative_weights": "absolute",
        "spectrum": None,
        "training": training,
        **changes,
    }


def test_events_are_streamed_above_a_size(path):
    """28 features of 200 events in single precision have 22,400 bytes."""
    model = samples.model()
    for above_gb, is_streamed in ((2.23e-5, True), (2.25e-5, False), (None, False)):
        events = training_events.without_fold(path, 0, model, parameters(above_gb))
        assert isinstance(events, event_streams.Source) is is_streamed
        assert len(events) == 200


def test_trees_are_trained_in_memory(path):
    forest = samples.model(samples.FOREST)
    events = training_events.without_fold(path, 0, forest, parameters(0.0))
    assert isinstance(events, event_arrays.Events)


@pytest.mark.slow
@pytest.mark.parametrize("hypotheses", [None, [500, 1000]])
@pytest.mark.parametrize("spectrum", [None, "mass"])
@pytest.mark.parametrize("rule", ["absolute", "zero", "keep"])
def test_streamed_events_are_those_in_memory(path, hypotheses, spectrum, rule):
    model = samples.model(hypotheses=hypotheses, features="blind")
    held, streamed = (
        training_events.without_fold(
            path, 1, model, parameters(gb, spectrum=spectrum, negative_weights=rule)
        )
        for gb in (None, 0.0)
    )
    every = training_events.in_memory(streamed, 1000, seed=1)
    order, of_held = (np.lexsort(part.inputs.T) for part in (every, held))
    np.testing.assert_array_equal(every.inputs[order], held.inputs[of_held])
    np.testing.assert_array_equal(every.label[order], held.label[of_held])
    sample = event_streams.divided(streamed, event_streams.Draw(1, 1.0, 0.0))[0].sample
    np.testing.assert_array_equal(np.sort(sample.weight), np.sort(held.weight))
    if spectrum:
        spectra = (part.extra[columns.SPECTRUM] for part in (every, held))
        first, second = (
            values[o] for values, o in zip(spectra, (order, of_held), strict=True)
        )
        np.testing.assert_array_equal(first, second)


def test_a_hypothesis_without_events_is_rejected(path):
    model = samples.model(hypotheses=[500, 1250])
    message = "no training event has a mass of 1250 GeV; choose from 500, 750, 1000 GeV"
    with pytest.raises(logs.InputError, match=message):
        training_events.without_fold(path, 1, model, parameters(0.0))


def test_shares_of_classes_are_those_of_the_events(tmp_path):
    """Without a draw, streamed and held events have the same sums of weights."""
    events, model = class_samples.events(800), samples.model(**class_samples.MODEL)
    source = class_samples.source(str(tmp_path / "train.h5"), events)
    schema = class_samples.schema()
    held, _ = training_events.divided(events, schema, model, 1)
    streamed, (stream, validation) = training_events.divided(source, schema, model, 1)
    assert streamed.class_shares == pytest.approx(held.class_shares)
    assert len(stream) + len(validation) == 800
    factors = stream.factors * stream.sums.weight
    np.testing.assert_allclose(factors, len(stream) / 4)


def test_events_in_memory_stay_there():
    events = samples.two_gaussians(100)
    assert training_events.in_memory(events, 10, 1) is events
    parts = training_events.drawn_parts(events, samples.model(), 1)
    expected = event_arrays.drawn_parts(events, samples.model(), 1)
    assert [p.checksum() for p in parts] == [p.checksum() for p in expected]
    schema, _ = training_events.divided(events, samples.schema(4), samples.model(), 1)
    assert schema == samples.schema(4)
    assert isinstance(schema, feature_schema.Schema)
