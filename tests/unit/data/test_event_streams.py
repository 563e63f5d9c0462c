"""Tests of data.event_streams: every event once, in blocks and buffers at random."""

import dataclasses
import itertools

import numpy as np
import pytest
import stream_samples

from hepfold.core import logs
from hepfold.data import event_arrays, event_streams

N_EVENTS = 5000


@pytest.fixture
def source(tmp_path) -> event_streams.Source:
    """Events whose first feature is their number; the second half is signal."""
    return stream_samples.source(str(tmp_path / "train.h5"), N_EVENTS, n_buffer=1000)


def numbers(events: event_arrays.Events) -> list[int]:
    return events.inputs[:, 0].astype(int).tolist()


def of_epoch(stream, epoch: int, size: int = 640, first: int = 0) -> list[list[int]]:
    """Numbers of the events in each buffer."""
    return [
        [number for block in blocks for number in numbers(block)]
        for blocks in stream.buffers(epoch, first, size)
    ]


def divided(source, **draw):
    changes = {"seed": 3, "fraction": 1.0, "validation_fraction": 0.2} | draw
    return event_streams.divided(source, event_streams.Draw(**changes))


@pytest.mark.slow
def test_every_training_event_comes_once_in_each_epoch(source):
    stream, validation = divided(source)
    held = numbers(validation)
    expected = sorted(set(range(N_EVENTS)) - set(held))
    for epoch in (1, 2):
        buffers = of_epoch(stream, epoch)
        assert sorted(itertools.chain(*buffers)) == expected
        assert [len(part) for part in buffers[:-1]] == [640] * (len(buffers) - 1)
    assert len(stream) == len(expected)
    assert len(held) == pytest.approx(0.2 * N_EVENTS, abs=100)


@pytest.mark.slow
def test_epochs_differ_and_are_reproducible(source):
    stream, _ = divided(source)
    first = of_epoch(stream, 1)
    assert first == of_epoch(divided(source)[0], 1)
    assert first != of_epoch(stream, 2)
    assert first != of_epoch(divided(source, seed=4)[0], 1)


@pytest.mark.slow
def test_an_epoch_can_begin_at_any_buffer(source):
    stream, _ = divided(source)
    assert of_epoch(stream, 2)[3:] == of_epoch(stream, 2, first=3)


@pytest.mark.slow
def test_each_buffer_has_events_from_the_whole_file(source):
    """Though the file is in order of the classes."""
    stream, _ = divided(source)
    for blocks in stream.buffers(1, 0, 1000):
        label = np.concatenate([block.label for block in blocks])
        spread = 0.5 / np.sqrt(len(label) / 64)
        assert abs(label.mean() - 0.5) < spread


@pytest.mark.slow
def test_values_of_events_are_those_of_the_file(source):
    stream, validation = divided(source)
    (blocks,) = stream.buffers(1, 0, len(stream))
    train = event_arrays.concatenated(blocks)
    signed, rule = stream_samples.weight(N_EVENTS), np.abs
    for part in (train, validation):
        np.testing.assert_array_equal(part.label, part.inputs[:, 0] >= N_EVENTS // 2)
        np.testing.assert_array_equal(part.inputs[:, 1], -part.inputs[:, 0])
    np.testing.assert_array_equal(validation.weight, rule(signed[numbers(validation)]))
    for label in (0, 1):
        of_class = train.take(train.label == label)
        ratio = of_class.weight / rule(signed[numbers(of_class)])
        np.testing.assert_allclose(ratio, ratio[0])
        assert of_class.weight.sum() == pytest.approx(len(train) / 2)


@pytest.mark.slow
def test_fractions_of_events_are_drawn(source):
    stream, validation = divided(source, fraction=0.3)
    assert len(stream) + len(validation) == pytest.approx(0.3 * N_EVENTS, abs=100)
    half = source.drawn(0.5)
    draw = half.draw(stream_samples.model(n_events=1000), 3)
    assert draw.fraction == pytest.approx(0.1)
    few, _ = event_streams.divided(half, draw)
    assert len(few) == pytest.approx(500 * (1 - draw.validation_fraction), abs=80)


def test_validation_events_fit_into_a_buffer(source):
    draw = source.draw(stream_samples.model(validation_fraction=0.5), 3)
    assert draw.validation_fraction == pytest.approx(1000 / N_EVENTS)
    assert (
        source.draw(
            stream_samples.model(validation_fraction=0.1), 3
        ).validation_fraction
        == 0.1
    )


@pytest.mark.slow
def test_the_sample_is_spaced_evenly(source, monkeypatch):
    everything = numbers(divided(source, validation_fraction=0.0)[0].sample)
    assert sorted(everything) == list(range(N_EVENTS))
    monkeypatch.setattr(event_streams, "N_SAMPLE", 100)
    sample = np.sort(numbers(divided(source, validation_fraction=0.0)[0].sample))
    # Every fiftieth event of each of five folds, which begin with successive events.
    expected = np.arange(0, N_EVENTS, 250)[:, None] + np.arange(5)
    assert sample.tolist() == expected.ravel().tolist()


@pytest.mark.slow
def test_the_checksum_changes_with_an_event_or_the_draw(source, tmp_path):
    (stream, _), (again, _), (other, _) = (
        divided(source),
        divided(source),
        divided(source, seed=5),
    )
    assert stream.checksum() == again.checksum() != other.checksum()
    path = str(tmp_path / "other.h5")
    changed = stream_samples.source(path, N_EVENTS, n_buffer=1000, first_value=7.0)
    assert divided(changed)[0].checksum() != stream.checksum()


@pytest.mark.slow
def test_buffers_hold_whole_batches(source):
    stream, _ = divided(source, validation_fraction=0.0)
    for batch in (1, 64, 300, 999, 4000):
        size = stream.n_buffer(batch)
        assert size % batch == 0
        assert size <= max(1000, batch)
        n_buffers = -(-N_EVENTS // size)
        # No buffer is nearly empty.
        assert N_EVENTS - (n_buffers - 1) * size > size - n_buffers * batch


@pytest.mark.slow
def test_a_class_without_positive_weights_is_rejected(source):
    only = dataclasses.replace(source, selected=stream_samples.background_only)
    stream, _ = divided(only)
    with pytest.raises(logs.InputError, match=r"signal weights of .* sum to 0"):
        stream.factors  # noqa: B018


@pytest.mark.slow
def test_negative_weights_are_logged_for_the_whole_file(source, caplog):
    caplog.set_level("INFO")
    divided(source)
    n_negative = (stream_samples.weight(N_EVENTS) < 0).sum()
    (message,) = [m for m in caplog.messages if "negative" in m]
    assert f"{n_negative} of {N_EVENTS} training events" in message
