"""Tests of training.update_numbers: the numbers of each update, and closed forms."""

import math

import pytest
import samples
import torch

from hepfold.core import parsing, settings_averages, settings_training
from hepfold.training import schedules, update_numbers, weight_averages

N_UPDATES, N_EPOCHS = 5, 3
MOMENTUM = 0.7


def schedule_of(kind: str) -> schedules.Schedule:
    settings = parsing.parse(samples.SCHEDULES[kind], settings_training.Schedule)
    return schedules.build(settings, 0.01, N_UPDATES, N_EPOCHS)


def numbers_of(decay: float = 0.9) -> update_numbers.UpdateNumbers:
    network = torch.nn.Linear(2, 2)
    settings = settings_averages.Exponential(decay=decay)
    average = weight_averages.build(settings, network)
    device = torch.device("cpu")
    return update_numbers.UpdateNumbers(N_UPDATES, average, MOMENTUM, device)


@pytest.mark.parametrize("kind", samples.SCHEDULES)
def test_numbers_are_those_of_the_schedule_and_the_average(kind):
    """In single precision, in any order of updates."""
    schedule, numbers = schedule_of(kind), numbers_of()
    for update in [*range(N_UPDATES * N_EPOCHS), 3, 11]:
        numbers.set(schedule, update)
        rate, momentum = schedule.at(update)
        share = 1 - min(0.9, (1 + update) / (10 + update))
        expected = [rate, MOMENTUM if momentum is None else momentum, share]
        values = [numbers.rate, numbers.momentum, numbers.share]
        assert [float(value) for value in values] == pytest.approx(expected, rel=1e-6)


def test_tensors_stay_where_they_are():
    """A graph reads them there."""
    numbers, schedule = numbers_of(), schedule_of("one_cycle")
    places = {t.data_ptr() for t in (numbers.rate, numbers.share, numbers.adam_rate)}
    numbers.set(schedule, 0)
    numbers.clear()
    numbers.set(schedule, 7)
    after = {t.data_ptr() for t in (numbers.rate, numbers.share, numbers.adam_rate)}
    assert after == places and len(after) == 3


def test_a_new_epoch_has_the_rate_that_the_one_before_led_to():
    schedule, numbers = schedule_of("plateau"), numbers_of()
    numbers.set(schedule, N_UPDATES - 1)
    for loss in (1.0, 2.0):
        schedule.epoch_ended(loss)
    numbers.set(schedule, N_UPDATES)
    assert float(numbers.rate) == pytest.approx(0.005)


def test_a_range_test_ends_within_an_epoch():
    """Its rate would overflow at the end of the epoch."""
    settings = settings_training.RangeTest(1e-150, 1e150, 10)
    schedule, numbers = schedules.RangeTest(settings, 0.01, 10, 1), numbers_of()
    numbers.n_updates = 1000
    numbers.set(schedule, 9)
    assert schedule.at(9)[0] == pytest.approx(1e150)
    with pytest.raises(OverflowError):
        schedule.at(999)


def test_a_loaded_schedule_replaces_the_table():
    schedule, numbers = schedule_of("plateau"), numbers_of()
    numbers.set(schedule, 1)
    schedule.load_state_dict({"learning_rate": 0.003})
    numbers.clear()
    numbers.set(schedule, 2)
    assert float(numbers.rate) == pytest.approx(0.003)


def test_a_constant_momentum_of_adam_is_that_of_the_kernel():
    numbers, schedule = numbers_of(), schedule_of("cosine")
    for update in range(8):
        numbers.set(schedule, update)
        assert float(numbers.adam_scale) == 1
        assert torch.equal(numbers.adam_rate, numbers.rate)


def test_scaled_means_and_rates_step_as_adam_with_any_momentum():
    """The step, rate times mean gradient over its bias, for a changing momentum."""
    beta1 = [0.95, 0.95, 0.7, 0.0, 0.99, 0.85, 0.9]
    b, gradients = update_numbers.KERNEL_BETA1, [3.0, -1.0, 2.0, 5.0, -4.0, 1.0]
    scale, factor = update_numbers.adam_numbers(
        torch.tensor(beta1, dtype=torch.float64), torch.arange(len(gradients))
    )
    mean = kept = 0.0
    for n, gradient in enumerate(gradients):
        beta = beta1[n + 1]
        mean = beta * mean + (1 - beta) * gradient
        kept = b * float(scale[n]) * kept + (1 - b) * gradient
        expected = mean / (1 - beta ** (n + 1))
        step = float(factor[n]) * kept / (1 - b ** (n + 1))
        assert math.isclose(step, expected, rel_tol=1e-12, abs_tol=1e-12)
