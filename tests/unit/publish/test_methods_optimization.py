"""Tests of publish.methods_optimization: each schedule and optimizer has its text."""

import method_samples
import pytest

from hepfold.core import settings_training
from hepfold.publish import methods_optimization

CONSTANT = settings_training.Constant()


@pytest.mark.parametrize("schedule", method_samples.SCHEDULES)
def test_each_schedule_is_one_sentence_with_its_rate(schedule):
    text = methods_optimization.schedule(schedule, 0.0123)
    assert text.startswith(("The learning rate", "From epoch 11"))
    assert text.endswith(".") and "0.0123" in text


def test_rates_of_one_cycle_are_fractions_of_the_highest():
    one_cycle = settings_training.OneCycle(start_fraction=0.1, end_fraction=0.01)
    text = methods_optimization.schedule(one_cycle, 0.02)
    assert "rose from 0.002 to 0.02 in the first 30%" in text
    assert "fell to 0.0002" in text and "from 0.95 to 0.85" in text
    flat = settings_training.OneCycle(momentum=(0.9, 0.9))
    assert "at a momentum of 0.9 " in methods_optimization.schedule(flat, 0.02)


def test_the_momentum_is_that_of_the_schedule_where_it_sets_one():
    sgd = settings_training.SGD(0.7, 1e-5)
    assert "momentum of 0.7" in methods_optimization.optimizer(sgd, CONSTANT)
    one_cycle = settings_training.OneCycle()
    assert "0.7" not in methods_optimization.optimizer(sgd, one_cycle)


def test_optimizers_have_their_settings():
    adam = settings_training.AdamW(beta2=0.98, weight_decay=0.03)
    text = methods_optimization.optimizer(adam, CONSTANT)
    assert text == "AdamW [@loshchilov2019] (beta2 of 0.98, a weight decay of 0.03)"
    muon = methods_optimization.optimizer(settings_training.Muon(), CONSTANT)
    assert muon.startswith("Muon [@jordan2024] for hidden matrices and AdamW")
