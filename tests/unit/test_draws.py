"""Tests of hepfold.draws: a draw is of some events, whatever their order."""

import numpy as np
import pytest
from tests import samples

from hepfold import draws


@pytest.fixture
def events():
    return samples.two_gaussians(50)


def test_a_draw_has_the_events_asked_for_as_they_are(events):
    drawn = draws.some(events, 20, seed=1)
    assert len(drawn) == 20
    np.testing.assert_array_equal(drawn.inputs, events.inputs[drawn.event_id])
    np.testing.assert_array_equal(drawn.label, events.label[drawn.event_id])
    assert (np.diff(drawn.event_id) > 0).all()


def test_where_there_are_fewer_all_are_drawn(events):
    for n_events in (50, 1000):
        drawn = draws.some(events, n_events, seed=1)
        np.testing.assert_array_equal(drawn.event_id, events.event_id)


def test_the_seed_alone_decides_not_the_order(events):
    drawn = draws.some(events, 20, seed=1)
    mixed = events.take(np.random.default_rng(0).permutation(50))
    np.testing.assert_array_equal(
        draws.some(mixed, 20, seed=1).event_id, drawn.event_id
    )
    assert (draws.some(events, 20, seed=2).event_id != drawn.event_id).any()


def test_every_event_is_drawn_as_often(events):
    found = [draws.some(events, 10, seed).event_id for seed in range(2000)]
    counts = np.bincount(np.concatenate(found), minlength=50)
    # 400 each, with a standard deviation of 18.
    assert abs(counts - 400).max() < 5 * 18
