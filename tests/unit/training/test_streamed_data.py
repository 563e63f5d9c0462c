"""Tests of training.streamed_data: trainings on buffers of the events of a file."""

import itertools
import tempfile
import tracemalloc

import numpy as np
import pytest
import samples
import stream_samples
import torch
from training_runs import finished

from hepfold.data import event_streams
from hepfold.models import ensembles, feature_preparation
from hepfold.training import checkpoints, fit, training_data

SCHEMA = samples.schema(4)


@pytest.fixture
def gaussians(tmp_path):
    """A function that returns a source of two Gaussians in the order of the classes."""

    def source(n_events: int, n_buffer: int, seed: int = 0) -> event_streams.Source:
        path = str(tmp_path / f"{n_events}_{seed}.h5")
        return stream_samples.gaussians(path, n_events, n_buffer, seed)

    return source


def train(source, checkpoint=None, seed=1, **changes):
    model, training = samples.model(**changes), samples.TRAINING
    with tempfile.TemporaryDirectory() as folder:
        place = checkpoint or checkpoints.Place(f"{folder}/state", {})
        return fit.train(source, SCHEMA, model, training, seed, place)


def new_run(source, **changes):
    """A run before its first update, and the stream of its events."""
    model = samples.model(**changes)
    stream, validation = event_streams.divided(source, source.draw(model, 1))
    torch.manual_seed(3)
    preparation = feature_preparation.fitted(SCHEMA, model, stream.sample.inputs)
    ensemble = ensembles.Ensemble.assembled(
        preparation, model, model.n_members, samples.TRAINING
    )
    parts = [
        training_data.of(ensemble, part, model, samples.TRAINING)
        for part in (stream, validation)
    ]
    return fit.new_run(ensemble, parts, model, samples.TRAINING), stream


def test_every_member_sees_every_event_once_in_a_different_order(gaussians):
    run, stream = new_run(gaussians(2000, n_buffer=500))
    seen, n_updates = [], 0
    for first, order in run.train_data.orders(1, 0):
        assert first == n_updates
        n_updates += -(-order.shape[1] // run.batch_size)
        seen.append(run.train_data.batch(order).x)
    assert n_updates == run.n_updates == -(-len(stream) // run.batch_size)
    of_member = torch.cat(seen, dim=1)
    assert of_member.shape == (3, len(stream), 4)
    assert not torch.equal(of_member[0], of_member[1])
    sample = run.train_data.ensemble.prepared(stream.sample.inputs)
    expected = sample[:, 0].sort().values
    for member in of_member:
        assert torch.equal(member[:, 0].sort().values, expected)


def test_labels_and_weights_stay_with_their_events(gaussians):
    """The stream of one buffer has the prepared events of the memory."""
    source = gaussians(1000, n_buffer=10_000)
    run, stream = new_run(source, validation_fraction=0.0)
    ((_, order),) = run.train_data.orders(1, 0)
    assert order.shape[1] == len(stream)
    held = training_data.of(
        run.train_data.ensemble, stream.sample, run.model, samples.TRAINING
    )
    n = len(stream)
    streamed, expected = (
        data.rows[:n][data.rows[:n, 1].argsort()] for data in (run.train_data, held)
    )
    torch.testing.assert_close(streamed, expected)


@pytest.mark.analyses
def test_a_streamed_training_is_as_good_as_one_in_memory(gaussians):
    """Over four seeds: no worse than twice the spread, and near the best possible."""
    unseen = samples.two_gaussians(6000, seed=9)
    areas = []
    for n_buffer in (1000, 10**6):
        source = gaussians(4000, n_buffer)
        models = [train(source, seed=seed, n_members=1)[0] for seed in range(4)]
        areas.append([samples.auc(model, unseen) for model in models])
    streamed, whole = areas
    spread = max(np.std(whole, ddof=1), 1e-4)
    assert abs(np.mean(streamed) - np.mean(whole)) < 2 * spread
    assert np.mean(streamed) == pytest.approx(samples.ideal_auc(2.0), abs=0.01)


@pytest.mark.parametrize(
    "i_killed", [3, *(pytest.param(i, marks=pytest.mark.slow) for i in (11, 16, 23))]
)
def test_a_resumed_training_ends_as_an_undisturbed_one(gaussians, i_killed):
    """In the first or a later buffer, and at its end; with dropout, bit by bit."""
    source = gaussians(1200, n_buffer=320)
    noisy = {"network": samples.NETWORK | {"dropout": 0.2}, "n_epochs": 2}
    undisturbed = finished(new_run(source, **noisy)[0])
    run, _ = new_run(source, **noisy)
    states = itertools.count(1)

    def save(run):
        if next(states) == i_killed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.finish(save)
    state = run.state()
    again, _ = new_run(source, **noisy)
    torch.manual_seed(7)
    again.load(state)
    finished(again)
    assert again.history == undisturbed.history
    for name, values in undisturbed.network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], values), name


@pytest.mark.analyses
def test_memory_does_not_grow_with_the_number_of_events(gaussians):
    peaks = []
    for n_events in (20_000, 80_000):
        run, stream = new_run(gaussians(n_events, n_buffer=2000), n_epochs=1)
        assert 1500 < len(run.train_data.rows) <= 2000
        tracemalloc.start()
        n_seen = sum(order.shape[1] for _, order in run.train_data.orders(1, 0))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert n_seen == len(stream)
    # The order of the blocks is four times as long.
    assert peaks[1] < 1.5 * peaks[0]


def test_a_spectrum_is_standardized_in_each_buffer(gaussians):
    source = gaussians(2000, n_buffer=640)
    spectral = stream_samples.with_spectrum(source)
    run, _ = new_run(spectral, decorrelation=1.0)
    for _, order in run.train_data.orders(1, 0):
        n_events = order.shape[1]
        values, x = (
            run.train_data.rows[:n_events, -1],
            run.train_data.rows[:n_events, 1],
        )
        assert float(values.mean()) == pytest.approx(0.0, abs=1e-5)
        correlation = np.corrcoef(values, x)[0, 1]
        assert correlation == pytest.approx(1.0)


@pytest.mark.analyses
def test_two_processes_train_as_one(gaussians, tmp_path):
    source = gaussians(600, n_buffer=1000)
    weights = []
    for n_devices, batch_size in ((2, 32), (1, 64)):
        training = samples.training(n_devices=n_devices)
        model = samples.model(batch_size=batch_size, n_epochs=2)
        place = checkpoints.Place(str(tmp_path / f"{n_devices}.state"), {})
        trained, _ = fit.train(source, SCHEMA, model, training, 1, place)
        weights.append(trained.arrays())
    for name, values in weights[1].items():
        np.testing.assert_allclose(weights[0][name], values, rtol=1e-4, atol=1e-5)
