"""Tests of training.training_data: what the training loop gets of events."""

import dataclasses

import class_samples
import numpy as np
import pytest
import samples
import stream_samples

from hepfold.core import columns
from hepfold.data import event_streams
from hepfold.models import ensembles, feature_preparation
from hepfold.training import event_rows, streamed_data, training_data


def ensemble_of(inputs, schema):
    model = samples.model()
    preparation = feature_preparation.fitted(schema, model, inputs)
    return ensembles.Ensemble.assembled(preparation, model, 3, samples.TRAINING)


def data_of(events, schema=None) -> event_rows.EventRows:
    ensemble = ensemble_of(events.inputs, schema or samples.schema(4))
    return training_data.of(ensemble, events, samples.model(), samples.TRAINING)


def test_weights_of_both_classes_are_balanced():
    events = samples.two_gaussians(600)
    data = data_of(events)
    for label in (0, 1):
        assert data.weight[data.label == label].sum() == pytest.approx(300, rel=1e-5)
    np.testing.assert_array_equal(data.label, events.label)
    # Features are scaled to mean zero and variance one.
    np.testing.assert_allclose(data.x.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(data.x.std(0), 1, atol=1e-2)
    assert data.spectrum is None


def test_labels_of_several_classes_are_their_positions():
    events = class_samples.events(400)
    data = data_of(events, class_samples.schema((1.0, 0.5, 0.3, 0.2)))
    np.testing.assert_array_equal(data.label, events.extra[columns.CLASS])
    for code in range(4):
        assert data.weight[data.label == code].sum() == pytest.approx(100, rel=1e-5)


def test_a_spectrum_is_standardized():
    events = samples.two_gaussians(300)
    mass = np.linspace(50.0, 500.0, 300)
    spectrum = data_of(dataclasses.replace(events, extra={columns.SPECTRUM: mass}))
    values = spectrum.spectrum
    assert float(values.mean()) == pytest.approx(0, abs=1e-5)
    assert float(values.std()) == pytest.approx(1, abs=1e-5)


def test_streams_get_a_buffer_of_whole_batches_of_all_devices(tmp_path):
    source = stream_samples.gaussians(str(tmp_path / "train.h5"), 2000, 500)
    stream, _ = event_streams.divided(source, event_streams.Draw(1, 1.0, 0.0))
    ensemble = ensemble_of(stream.sample.inputs, samples.schema(4))
    training = samples.training(n_devices=3)
    data = training_data.of(ensemble, stream, samples.model(batch_size=50), training)
    assert isinstance(data, streamed_data.StreamedData)
    assert data.batch_size == 150
    assert len(data.rows) % 150 == 0
    assert len(data) == 2000
