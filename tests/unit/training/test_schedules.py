"""Tests of training.schedules: closed forms, limits and periods."""

import io
import math

import numpy as np
import pytest
import torch

from hepfold.core import logs, parsing, settings_training
from hepfold.training import schedules

RATE, N_UPDATES, N_EPOCHS = 0.1, 7, 12
SETTINGS = {
    "constant": {},
    "decay": {
        "factor": 1.01,
        "min_rate": 0.05,
        "momentum": [0.9, 0.99],
        "ramp_epochs": 5,
    },
    "plateau": {"factor": 0.5, "patience": 2, "min_rate": 0.03},
    "linear_cycles": {"min_fraction": 0.1, "n_epochs": 4, "first_epoch": 1},
    "cosine": {"n_epochs": 3, "growth": 2, "min_fraction": 0.01},
    "one_cycle": {
        "warm_fraction": 1 / 3,
        "start_fraction": 0.01,
        "end_fraction": 0.0,
        "momentum": [0.85, 0.95],
    },
    "range_test": {"first_rate": 1e-5, "last_rate": 1.0},
}


def built(kind, n_updates=N_UPDATES, n_epochs=N_EPOCHS, cycle=None, **changes):
    """A schedule of the settings above with changes; `cycle` epochs in a cycle."""
    if cycle:
        changes["n_epochs"] = cycle
    settings = {**SETTINGS[kind], **changes}
    if kind == "range_test":
        steps = parsing.parse(settings, settings_training.RangeTest)
        return schedules.RangeTest(steps, RATE, n_updates, n_epochs)
    settings = parsing.parse({"kind": kind, **settings}, settings_training.Schedule)
    return schedules.build(settings, RATE, n_updates, n_epochs)


def curves(schedule):
    """Rates and momenta of all updates; NaN for a momentum that is not set."""
    n = schedule.n_updates * schedule.n_epochs
    return np.array([schedule.at(i) for i in range(n)], dtype=float).T


def ends(schedule):
    return [e for e in range(1, schedule.n_epochs + 1) if schedule.ends_cycle(e)]


@pytest.mark.parametrize("kind", SETTINGS)
def test_rates_are_positive_floats_and_at_most_the_one_set(kind):
    schedule = built(kind)
    rate, _ = curves(schedule)
    assert isinstance(schedule.at(3)[0], float)
    assert (rate >= 0).all()
    assert rate.max() <= (1.0 if kind == "range_test" else RATE) * (1 + 1e-12)


@pytest.mark.parametrize("kind", sorted(set(SETTINGS) - {"decay", "one_cycle"}))
def test_others_leave_the_momentum_alone(kind):
    assert built(kind).at(5)[1] is None


def test_constant_is_constant():
    schedule = built("constant")
    assert set(curves(schedule)[0]) == {RATE}
    assert ends(schedule) == []


def test_decay_is_geometric_down_to_its_floor():
    rate, momentum = curves(built("decay"))
    expected = np.maximum(RATE / 1.01 ** np.arange(len(rate)), 0.05)
    np.testing.assert_allclose(rate, expected, rtol=1e-12)
    assert rate[-1] == 0.05
    ramp = np.minimum(np.arange(len(rate)) / (5 * N_UPDATES), 1)
    np.testing.assert_allclose(momentum, 0.9 + 0.09 * ramp, rtol=1e-12)


def test_decay_reaches_its_floor_after_any_number_of_updates():
    assert built("decay", factor=2.0).at(10**9) == (0.05, 0.99)


def test_published_decay_reaches_the_published_rates():
    """Baldi et al. 2014: 10.9 million events in batches of 100, 200 epochs."""
    settings = settings_training.Decay(
        factor=1.0000002, min_rate=1e-6, momentum=(0.9, 0.99), ramp_epochs=200
    )
    schedule = schedules.build(settings, 0.05, n_updates=109_000, n_epochs=200)
    rate, momentum = schedule.at(109_000 * 100)
    assert rate == pytest.approx(0.05 * math.exp(-2.18), rel=1e-6)
    assert momentum == pytest.approx(0.945)
    assert schedule.at(109_000 * 200 - 1)[1] == pytest.approx(0.99)
    assert schedule.at(10**9)[0] == 1e-6


def test_plateau_waits_falls_and_stops_at_its_floor():
    schedule = built("plateau")
    rates = []
    for loss in (1.0, 0.9, 0.95, 0.9, 0.8, math.nan, math.inf, 0.8, 0.8, 0.7):
        schedule.epoch_ended(loss)
        rates.append(schedule.at(0)[0])
    assert rates == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03]


def test_plateau_keeps_the_rate_while_the_loss_falls():
    schedule = built("plateau")
    for epoch in range(50):
        schedule.epoch_ended(1 / (1 + epoch))
    assert schedule.at(0) == (RATE, None)


@pytest.mark.parametrize("n_epochs", [1, 2, 3])
def test_linear_cycles_are_triangles(n_epochs):
    schedule = built("linear_cycles", n_updates=6, n_epochs=12, cycle=n_epochs)
    rate, _ = curves(schedule)
    period = 6 * n_epochs
    np.testing.assert_allclose(rate[period:], rate[:-period], rtol=1e-12)
    corners = [0, period / 2, period]
    expected = np.interp(np.arange(period), corners, [0.1 * RATE, RATE, 0.1 * RATE])
    np.testing.assert_allclose(rate[:period], expected, rtol=1e-12)
    assert ends(schedule) == list(range(n_epochs, 13, n_epochs))


def test_linear_cycles_can_begin_late():
    """As in fast geometric ensembles, after a training at the full rate."""
    late, early = (
        built("linear_cycles", 6, 10, cycle=2, first_epoch=first) for first in (4, 1)
    )
    rate, expected = curves(late)[0], curves(early)[0]
    assert (rate[:18] == RATE).all()
    np.testing.assert_allclose(rate[18:], expected[:-18])
    assert ends(late) == [5, 7, 9]


def test_cosine_cycles_double_and_begin_anew():
    """Cycles of 3, 6 and 12 epochs, of which the training sees a part of the last."""
    schedule = built("cosine")
    rate, _ = curves(schedule)
    assert ends(schedule) == [3, 9]
    assert np.flatnonzero(np.diff(rate) > 0).tolist() == [3 * 7 - 1, 9 * 7 - 1]
    np.testing.assert_allclose(rate[[0, 3 * 7, 9 * 7]], RATE)
    for start, length in [(0, 3), (3, 6), (9, 12)]:
        done = np.arange(min(length, 3) * 7) / (length * 7)
        least = 0.01 * RATE
        expected = least + (RATE - least) * (1 + np.cos(np.pi * done)) / 2
        rates = rate[start * 7 : start * 7 + len(done)]
        np.testing.assert_allclose(rates, expected, rtol=1e-12)


def test_cosine_without_growth_is_that_of_torch():
    schedule = built("cosine", growth=1, min_fraction=0.0)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    theirs = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=3)
    for update in range(N_UPDATES * N_EPOCHS):
        theirs.step(update / N_UPDATES)
        expected = theirs.get_last_lr()[0]
        assert schedule.at(update)[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert ends(schedule) == [3, 6, 9, 12]


def test_cosine_over_the_whole_training_ends_near_its_least_rate():
    schedule = built("cosine", n_updates=1000, cycle=N_EPOCHS)
    assert schedule.at(0)[0] == RATE
    assert schedule.at(500 * N_EPOCHS)[0] == pytest.approx(RATE * 1.01 / 2)
    assert schedule.at(1000 * N_EPOCHS - 1)[0] == pytest.approx(0.01 * RATE, rel=1e-4)
    assert ends(schedule) == [N_EPOCHS]


def test_cycles_of_odd_growth_end_with_whole_epochs():
    schedule = built("cosine", n_epochs=40, cycle=3, growth=1.5)
    assert ends(schedule) == [3, 3 + 4, 7 + 7, 14 + 10, 24 + 15]


def test_one_cycle_is_that_of_torch():
    schedule = built("one_cycle")
    optimizer = torch.optim.AdamW(
        [torch.nn.Parameter(torch.zeros(1))], betas=(0.0, 0.9)
    )
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        *(optimizer, RATE),
        total_steps=N_UPDATES * N_EPOCHS,
        # They take the peak one update before this part of the training.
        pct_start=((N_UPDATES * N_EPOCHS - 1) / 3 + 1) / (N_UPDATES * N_EPOCHS),
        div_factor=100,
        final_div_factor=1e12,
    )
    for update in range(N_UPDATES * N_EPOCHS):
        rate, momentum = schedule.at(update)
        assert rate == pytest.approx(theirs.get_last_lr()[0], rel=1e-6, abs=1e-9)
        assert momentum == pytest.approx(optimizer.param_groups[0]["betas"][0])
        optimizer.step()
        if update < N_UPDATES * N_EPOCHS - 1:
            theirs.step()
    assert ends(schedule) == [N_EPOCHS]


def test_one_cycle_has_momentum_against_the_rate_and_no_jumps():
    rate, momentum = curves(built("one_cycle", n_updates=100))
    assert rate[0] == pytest.approx(0.01 * RATE)
    assert rate[-1] == pytest.approx(0.0, abs=1e-15)
    assert rate.max() == pytest.approx(RATE, rel=1e-4)
    assert rate.argmax() == momentum.argmin() == pytest.approx(400, abs=1)
    assert momentum[[0, -1]] == pytest.approx([0.95, 0.95])
    assert momentum.min() == pytest.approx(0.85, rel=1e-4)
    assert (np.diff(rate) * np.diff(momentum) <= 0).all()
    assert np.abs(np.diff(rate)).max() < 0.005 * RATE


@pytest.mark.parametrize("warm_fraction", [0.0, 0.5])
def test_one_cycle_of_one_update_is_defined(warm_fraction):
    schedule = built("one_cycle", n_updates=1, n_epochs=1, warm_fraction=warm_fraction)
    assert np.isfinite(schedule.at(0)).all()


def test_range_test_is_geometric_from_first_to_last_rate():
    rate, _ = curves(built("range_test"))
    np.testing.assert_allclose(rate, np.geomspace(1e-5, 1.0, len(rate)), rtol=1e-12)


@pytest.mark.parametrize("kind", SETTINGS)
def test_resumed_schedule_goes_on_as_before(kind):
    losses = [1.0, 0.9, 0.95, 0.93, 0.92, 0.91, 0.9, 0.89, 0.95, 0.9, 0.9, 0.9]
    whole, resumed = built(kind), built(kind)
    rates = []
    for epoch, loss in enumerate(losses):
        if epoch == 5:
            file = io.BytesIO()
            torch.save(whole.state_dict(), file)
            file.seek(0)
            resumed.load_state_dict(torch.load(file, weights_only=True))
        schedules_now = [whole, resumed] if epoch >= 5 else [whole]
        for schedule in schedules_now:
            rates.append(schedule.at(epoch * N_UPDATES))
            schedule.epoch_ended(loss)
    assert rates[5::2] == rates[6::2]


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("decay", {"min_rate": 0.2}, "min_rate: 0.2 is above learning_rate"),
        ("plateau", {"min_rate": 0.2}, "min_rate: 0.2 is above learning_rate"),
        ("one_cycle", {"momentum": [0.95, 0.85]}, r"must be \[lowest, highest\]"),
        ("range_test", {"last_rate": 1e-6}, "must be below last_rate"),
    ],
)
def test_settings_that_contradict_each_other_are_rejected(kind, changes, message):
    with pytest.raises(logs.InputError, match=message):
        built(kind, **changes)


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("constant", {}, []),
        ("decay", {}, []),
        ("plateau", {}, []),
        ("one_cycle", {}, [*range(1, 12)]),
        ("cosine", {}, [1, 2, 4, 5, 6, 7, 8, 10, 11, 12]),
        ("linear_cycles", {"first_epoch": 5}, [5, 6, 7, 9, 10, 11]),
    ],
)
def test_a_cycle_goes_on_between_its_first_and_its_last_epoch(kind, changes, expected):
    schedule = built(kind, **changes)
    epochs = range(1, N_EPOCHS + 1)
    assert [epoch for epoch in epochs if schedule.is_in_cycle(epoch)] == expected
