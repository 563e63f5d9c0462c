"""Tests of data.training_fractions: nested subsets with the mix of all events."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import samples

from hepfold.core import columns
from hepfold.data import event_arrays, training_fractions

FRACTIONS = (0.01, 0.03, 0.1, 0.3, 1.0)


@pytest.fixture(scope="module")
def events():
    """Ten thousand events; a tenth of them are signal, in two processes each."""
    n = np.arange(10_000)
    label = (n % 10 == 0).astype("i1")
    process = {columns.PROCESS: (n % 100 < 3).astype("u2")}
    return event_arrays.Events(
        n[:, None].astype("f4"), label, np.ones(len(n)), n, np.zeros(len(n)), process
    )


def test_subsets_are_nested(events):
    drawn = [training_fractions.drawn(events, f, seed=1) for f in FRACTIONS]
    ids = [set(part.event_id) for part in drawn]
    assert all(a < b for a, b in itertools.pairwise(ids))
    assert len(ids[-1]) == len(events)


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_each_class_and_process_has_its_share(events, fraction):
    drawn = training_fractions.drawn(events, fraction, seed=1)
    for label in (0, 1):
        for process in (0, 1):
            n_all, n_drawn = (
                np.count_nonzero(
                    (part.label == label) & (part.extra[columns.PROCESS] == process)
                )
                for part in (events, drawn)
            )
            assert abs(n_drawn - fraction * n_all) <= 0.5


def test_a_draw_depends_on_ids_and_seed_and_not_on_the_order(events):
    drawn = training_fractions.drawn(events, 0.1, seed=1)
    mixed = events.take(np.random.default_rng(0).permutation(len(events)))
    again = training_fractions.drawn(mixed, 0.1, seed=1)
    assert set(again.event_id) == set(drawn.event_id)
    other = training_fractions.drawn(events, 0.1, seed=2)
    # Two independent tenths share a hundredth of all events.
    shared = len(set(other.event_id) & set(drawn.event_id))
    assert abs(shared - 100) < 5 * 10


def test_a_full_training_may_use_fewer_events(events):
    for n_events, expected in ((None, 10_000), (4000, 4000), (20_000, 10_000)):
        model = samples.model(n_events=n_events)
        assert training_fractions.n_available(events, model) == expected


def test_too_few_events_are_not_trained_on(events):
    enough = events.rows(0, 200)
    assert training_fractions.is_trainable([enough, events.rows(0, 0)], 2)
    assert not training_fractions.is_trainable([events.rows(0, 0)] * 2, 2)
    assert not training_fractions.is_trainable([events.rows(0, 90)], 2)
    assert not training_fractions.is_trainable([events.rows(0, 190)], 2)
    # Validation events without signal.
    assert not training_fractions.is_trainable([enough, events.rows(201, 209)], 2)
    negative = replace(enough, weight=-enough.weight)
    assert not training_fractions.is_trainable([negative], 2)


@pytest.mark.parametrize(
    ("n_of_rare", "is_enough"), [(0, False), (19, False), (20, True)]
)
def test_every_class_of_a_multi_class_model_needs_events(events, n_of_rare, is_enough):
    """Signal and background have enough events, but one of three classes may not."""
    chosen = events.rows(0, 400)
    code = chosen.label.astype("i8")
    code[np.flatnonzero(code == 0)[:n_of_rare]] = 2
    chosen = replace(chosen, extra={columns.CLASS: code})
    assert training_fractions.is_trainable([chosen], 3) == is_enough


def test_a_class_without_validation_events_is_not_trained_on(events):
    chosen, validation = (
        replace(part, extra={columns.CLASS: (part.event_id % 3).astype("i8")})
        for part in (events.rows(0, 400), events.rows(400, 402))
    )
    assert training_fractions.is_trainable([chosen], 3)
    assert not training_fractions.is_trainable([chosen, validation], 3)
