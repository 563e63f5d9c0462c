"""Tests of publish.methods_selection: averages, and the weights that were used."""

import method_samples
import pytest

from hepfold.core import settings_averages, settings_models, settings_training
from hepfold.core.settings_models import MLP
from hepfold.models import networks
from hepfold.publish import methods_selection
from hepfold.training import weight_averages

CONSTANT = settings_training.Constant()
COSINE = settings_training.Cosine(5, 2.0, 0.01)


@pytest.mark.parametrize("average", method_samples.AVERAGES)
def test_each_average_has_a_text_of_its_own(average):
    texts = [methods_selection.average(other) for other in method_samples.AVERAGES]
    text = methods_selection.average(average)
    assert texts.count(text) == 1
    assert bool(text) != isinstance(average, settings_averages.NoAverage)


@pytest.mark.parametrize("average", method_samples.AVERAGES)
def test_means_are_those_of_the_training(average):
    network = networks.build(MLP(n_members=1), 1, networks.Inputs(2, ()))
    kind = weight_averages.build(average, network)
    assert methods_selection.is_mean(average) == kind.is_mean


def model(average, schedule, fraction: float = 0.1) -> settings_models.MLP:
    return MLP(average=average, schedule=schedule, validation_fraction=fraction)


def test_training_stops_early_only_with_validation_events():
    none = settings_averages.NoAverage()
    assert methods_selection.can_stop_early(model(none, CONSTANT))
    assert not methods_selection.can_stop_early(model(none, CONSTANT, 0.0))
    text = methods_selection.selection(model(none, CONSTANT, 0.0))
    assert text == "The weights after the last epoch were used."


def test_a_mean_follows_its_cycle_to_the_end():
    mean = settings_averages.Exponential()
    one_cycle = model(mean, settings_training.OneCycle())
    assert not methods_selection.can_stop_early(one_cycle)
    assert "Training stopped" not in methods_selection.selection(one_cycle)
    assert "at the end of a cycle" in methods_selection.selection(model(mean, COSINE))
    without = model(settings_averages.NoAverage(), COSINE)
    assert "at the end of a cycle" not in methods_selection.selection(without)


def test_conditions_of_the_early_stop_are_given():
    stopping = settings_training.Stopping(10, 0.1, 1e-5, 200)
    stopped = MLP(validation_fraction=0.1, stopping=stopping, schedule=CONSTANT)
    text = methods_selection.selection(stopped)
    assert "after 10 epochs" in text and "not before epoch 200" in text
    assert "by more than 0.1 and a fraction 1e-05" in text


def test_snapshots_take_the_place_of_the_best_epoch():
    several = model(settings_averages.Snapshots(3), COSINE)
    assert "lowest validation loss" not in methods_selection.selection(several)
    single = settings_averages.Snapshots(1)
    assert methods_selection.average(single) == ""
    text = methods_selection.selection(model(single, COSINE))
    assert "lowest validation loss" in text
