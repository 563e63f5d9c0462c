"""Tests of data.event_arrays: selections and draws of events."""

import numpy as np
import pytest
import samples

from hepfold.data import event_arrays


def test_selected_events_keep_all_their_columns():
    n = np.arange(5)
    events = event_arrays.Events(
        np.stack([n, n + 10], axis=1), n, n + 1, n + 2, n + 3, {"extra": n + 4}
    )
    chosen = events.take(n > 2)
    assert chosen.inputs.tolist() == [[3, 13], [4, 14]]
    assert chosen.extra["extra"].tolist() == [7, 8]
    assert len(chosen) == 2
    assert events.with_features([1]).inputs[:, 0].tolist() == (n + 10).tolist()


def test_concatenated_parts_are_the_whole():
    n = np.arange(7)
    whole = event_arrays.Events(n[:, None], n, n + 1, n + 2, n + 3, {"extra": n + 4})
    ends = [0, 2, 2, 7]
    parts = [whole.rows(*ends[i : i + 2]) for i in range(3)]
    assert [len(part) for part in parts] == [2, 0, 5]
    again = event_arrays.concatenated(parts)
    assert again.inputs.tolist() == whole.inputs.tolist()
    assert again.extra["extra"].tolist() == whole.extra["extra"].tolist()
    assert np.shares_memory(parts[2].inputs, whole.inputs)


def test_drawn_parts_share_no_event_and_depend_on_the_seed_alone():
    n = np.arange(1000)
    events = event_arrays.Events(n[:, None], n, n, n, n)
    for n_events, total in ((None, 1000), (400, 400), (2000, 1000)):
        model = samples.model(n_events=n_events, validation_fraction=0.3)
        training, validation = event_arrays.drawn_parts(events, model, 1)
        drawn = [*training.event_id, *validation.event_id]
        assert len(drawn) == len(set(drawn)) == total
        assert abs(len(validation) / total - 0.3) < 0.1
        again = event_arrays.drawn_parts(events, model, 1)[1]
        assert again.event_id.tolist() == validation.event_id.tolist()
        other = event_arrays.drawn_parts(events, model, 2)[1]
        assert other.event_id.tolist() != validation.event_id.tolist()


@pytest.fixture
def events():
    return samples.two_gaussians(50)


def test_a_draw_leaves_the_events_as_they_are(events):
    drawn = event_arrays.draw(events, 20, seed=1)
    assert len(drawn) == 20
    np.testing.assert_array_equal(drawn.inputs, events.inputs[drawn.event_id])
    np.testing.assert_array_equal(drawn.label, events.label[drawn.event_id])
    assert (np.diff(drawn.event_id) > 0).all()


def test_all_events_are_drawn_if_there_are_fewer(events):
    for n_events in (50, 1000):
        drawn = event_arrays.draw(events, n_events, seed=1)
        np.testing.assert_array_equal(drawn.event_id, events.event_id)


def test_a_draw_depends_on_the_seed_and_not_on_the_order(events):
    drawn = event_arrays.draw(events, 20, seed=1)
    mixed = events.take(np.random.default_rng(0).permutation(50))
    np.testing.assert_array_equal(
        event_arrays.draw(mixed, 20, seed=1).event_id, drawn.event_id
    )
    assert (event_arrays.draw(events, 20, seed=2).event_id != drawn.event_id).any()


def test_all_events_are_equally_likely(events):
    ids = [event_arrays.draw(events, 10, seed).event_id for seed in range(2000)]
    counts = np.bincount(np.concatenate(ids), minlength=50)
    # 400 each, with a standard deviation of 18.
    assert abs(counts - 400).max() < 5 * 18
