"""Tests of training.trials: figures of merit come from validation events."""

import dataclasses

import numpy as np
import pytest
import samples

from hepfold.data import event_arrays
from hepfold.training import checkpoints, trials

SCHEMA = samples.schema(4)
NONE = {"accuracy": None, "auc": None, "log_loss": None}


def run(events, tmp_path, **changes):
    place = checkpoints.Place(str(tmp_path / "trial.state"), {})
    model = samples.model(**changes)
    return trials.run(events, SCHEMA, model, samples.TRAINING, 1, place)


@pytest.mark.parametrize(
    "base", [samples.FOREST, pytest.param(samples.MODEL, marks=pytest.mark.slow)]
)
def test_merits_are_near_those_of_the_likelihood_ratio(base, tmp_path):
    events = samples.two_gaussians(6000)
    merits = run(events, tmp_path, base=base, validation_fraction=0.5)
    assert merits["auc"] == pytest.approx(samples.ideal_auc(2.0), abs=0.02)
    # Phi(1), for a cut halfway between the two means.
    assert merits["accuracy"] == pytest.approx(0.841, abs=0.02)
    assert merits == run(events, tmp_path, base=base, validation_fraction=0.5)


@pytest.mark.slow
def test_merits_do_not_use_training_events(tmp_path):
    """With random labels, an overfitted network is no better than chance."""
    rng = np.random.default_rng(1)
    events = samples.events_of(rng.normal(size=(600, 4)), rng.integers(0, 2, 600))
    changes = {"n_epochs": 60, "network": samples.NETWORK | {"width": 64}}
    merits = run(events, tmp_path, **changes, validation_fraction=0.5)
    assert abs(merits["accuracy"] - 0.5) < 0.1
    parts = event_arrays.drawn_parts(events, samples.model(validation_fraction=0.5), 1)
    assert set(parts[0].event_id).isdisjoint(parts[1].event_id)


def test_a_search_survives_a_trial_that_diverges(tmp_path):
    events = samples.two_gaussians(300)
    broken = dataclasses.replace(events, weight=np.full(300, np.nan, "f4"))
    assert run(broken, tmp_path) == NONE
