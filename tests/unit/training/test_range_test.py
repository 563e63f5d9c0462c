"""Tests of training.range_test: growth of the rate and smoothing of the loss."""

import class_samples
import numpy as np
import pytest
import samples

from hepfold.core import logs, settings_layers, settings_training
from hepfold.models import starts
from hepfold.training import range_test

STEPS = settings_training.RangeTest(1e-5, 10.0, 120)
SCHEMA = samples.schema(4)


def rates(n_events: int = 1000, **changes):
    model = samples.model(**changes)
    events = samples.two_gaussians(n_events)
    return range_test.train(events, SCHEMA, model, samples.TRAINING, STEPS, seed=1)


@pytest.mark.slow
def test_rate_grows_evenly_in_its_logarithm():
    table = rates()
    assert table["member"].n_unique() == 3
    rate = table.filter(table["member"] == 0)["learning_rate"].to_numpy()
    np.testing.assert_allclose(rate, np.geomspace(1e-5, 10, 120))


@pytest.mark.slow
def test_loss_stays_then_falls_then_grows():
    """Low rates leave the loss unchanged; too high a rate makes it rise."""
    loss = rates(batch_size=256)["smoothed_loss"].to_numpy().reshape(120, 3)
    np.testing.assert_allclose(loss[10], loss[0], atol=0.05)
    lowest = loss.min(axis=0)
    assert (lowest < loss[0] - 0.1).all()
    assert (loss[-1] > lowest + 0.05).all()


@pytest.mark.parametrize("n_events", [40, 5000])
def test_epochs_may_be_shorter_or_longer_than_the_test(n_events):
    assert len(rates(n_events)) == 3 * STEPS.n_updates


@pytest.mark.slow
def test_settings_of_the_schedule_and_average_do_not_matter():
    other = rates(
        schedule={"kind": "cosine", "min_fraction": 0.1, "n_epochs": 1, "growth": 1},
        average={"kind": "snapshots", "n_last": 1},
        learning_rate=0.5,
    )
    assert other.equals(rates())


def test_smoothing_shifts_nothing_and_survives_divergence():
    wave = np.cos(np.linspace(0, 2 * np.pi, 201))[:, None] + 3
    smooth = range_test.smoothed(wave)
    assert abs(smooth.argmin() - 100) <= 1
    np.testing.assert_allclose(smooth[20:-20], wave[20:-20], atol=0.01)
    wave[150:] = np.nan
    wave[170:] = np.inf
    assert np.isfinite(range_test.smoothed(wave)).all()
    assert range_test.smoothed(wave)[-1] == pytest.approx(8, rel=0.01)


def test_trees_are_rejected():
    forest = samples.model(base=samples.FOREST)
    events = samples.two_gaussians(50)
    with pytest.raises(logs.InputError, match=r"kind xgboost has no updates$"):
        range_test.train(events, SCHEMA, forest, samples.TRAINING, STEPS, seed=1)


@pytest.mark.slow
def test_the_weights_of_another_training_are_the_start():
    """Whose loss is low before the first update."""
    events = samples.two_gaussians(1000)
    model, _ = samples.train(events)
    start = settings_layers.StartFrom("other")
    taken = starts.Start(start, model.arrays(), SCHEMA, {})
    arguments = SCHEMA, samples.model(), samples.TRAINING, STEPS, 1
    random, started = (
        range_test.train(events, *arguments, start)["loss"][:3].mean()
        for start in (None, taken)
    )
    assert started < random - 0.2


def test_several_classes_are_learnt_at_a_good_rate():
    model, events = samples.model(**class_samples.MODEL), class_samples.events(800)
    schema = class_samples.schema()
    table = range_test.train(events, schema, model, samples.TRAINING, STEPS, seed=1)
    loss = table["smoothed_loss"].to_numpy().reshape(120, 3)
    assert (loss[0] > np.log(4) - 0.1).all()
    assert (loss.min(axis=0) < 0.8 * np.log(4)).all()
