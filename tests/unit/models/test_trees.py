"""Tests of models.trees: learning, reproducibility and early stopping of boosters."""

import json

import numpy as np
import pytest
import samples
import torch

from hepfold.core import logs, metrics
from hepfold.models import trees, zoo


def train(events, seed=1, schema_=None, **changes):
    return samples.train(events, seed, schema_, base=samples.FOREST, **changes)


def test_the_ideal_auc_is_reached():
    events, unseen = samples.two_gaussians(8000), samples.two_gaussians(8000, seed=9)
    forest, history = train(events)
    auc = metrics.auc(forest.score(unseen.inputs), unseen.label, np.ones(8000))
    assert auc == pytest.approx(samples.ideal_auc(2.0), abs=0.01)
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]


def test_same_seed_gives_same_scores():
    events = samples.two_gaussians(500)
    first, again, other = (train(events, seed)[0] for seed in (1, 1, 2**64 - 1))
    score = first.score(events.inputs)
    np.testing.assert_array_equal(again.score(events.inputs), score)
    assert (other.score(events.inputs) != score).any()


def test_score_is_the_mean_of_members_that_differ():
    events = samples.two_gaussians(500)
    forest, _ = train(events)
    prepared = forest.prepared(events.inputs)
    first, second = (booster.inplace_predict(prepared) for booster in forest.boosters)
    assert (first != second).any()
    np.testing.assert_allclose(
        forest.score(events.inputs), (first + second) / 2, rtol=1e-6
    )


def test_weight_two_is_two_events():
    """All events are repeated equally often, so that the bins are the same."""
    events = samples.two_gaussians(400)
    twice = samples.events_of(events.inputs, events.label, np.full(400, 2))
    copies = events.take(np.repeat(np.arange(400), 2))
    copies = samples.events_of(copies.inputs, copies.label)
    options = {
        "trees": samples.FOREST["trees"]
        | {"event_fraction": 1.0, "min_child_weight": 0.0},
        "validation_fraction": 0.0,
    }
    options["trees"]["l2"] = 0.0
    scores = [
        train(part, **options)[0].score(events.inputs) for part in (twice, copies)
    ]
    np.testing.assert_allclose(*scores, rtol=1e-4)


def test_events_without_weight_have_no_effect():
    events = samples.two_gaussians(2000)
    label, weight = events.label.copy(), events.weight.copy()
    label[::2], weight[::2] = 1 - label[::2], 0
    forest, _ = train(samples.events_of(events.inputs, label, weight))
    score = forest.score(events.inputs)
    assert metrics.auc(score, events.label, np.ones(2000)) > 0.9


def test_every_member_keeps_its_best_round():
    events = samples.two_gaussians(400, distance=0.5)
    forest, history = train(events, n_rounds=300, learning_rate=0.5)
    for member, booster in enumerate(forest.boosters):
        rows = [row for row in history if row["member"] == member]
        losses = [row["validation_loss"] for row in rows]
        best = int(np.argmin(losses)) + 1
        assert booster.num_boosted_rounds() == best
        assert len(losses) == best + samples.FOREST["patience"] < 300
        assert [row["epoch"] for row in rows] == [*range(1, len(rows) + 1)]


def test_without_validation_all_rounds_are_trained():
    forest, history = train(samples.two_gaussians(300), validation_fraction=0.0)
    assert [b.num_boosted_rounds() for b in forest.boosters] == [40, 40]
    assert {row["validation_loss"] for row in history} == {None}


def test_orientation_makes_turns_change_nothing():
    """Except for events that rounding moves across a cut."""
    assert part_changed_by_turns("orientation") < 0.01


def test_without_orientation_turns_change_the_score():
    assert part_changed_by_turns("none") > 0.5


def part_changed_by_turns(use: str) -> float:
    forest, _ = train(
        samples.two_bodies(1000),
        schema_=samples.TWO_BODIES,
        preparation=samples.VECTORS,
        symmetry={"use": use},
    )
    inputs = samples.two_bodies(1000, seed=7).inputs
    turned = samples.turned(inputs, 2.0, -1, -1)
    return np.mean(abs(forest.score(turned) - forest.score(inputs)) > 1e-6)


def test_batches_of_scoring_change_nothing_and_no_event_has_no_score(monkeypatch):
    events = samples.two_gaussians(300)
    forest, _ = train(events)
    whole = forest.score(events.inputs)
    monkeypatch.setattr(trees, "SCORING_BATCH", 7)
    np.testing.assert_array_equal(forest.score(events.inputs), whole)
    assert forest.score(np.empty((0, 4), "f4")).shape == (0,)
    assert forest.prepared(np.empty((0, 4), "f4")).shape == (0, 4)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_boosters_use_the_threads_of_the_job(n_threads, tmp_path):
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        forest, _ = train(samples.two_gaussians(200), n_rounds=2)
        path = str(tmp_path / "forest.safetensors")
        zoo.save(path, forest, samples.record(base=samples.FOREST))
        for booster in forest.boosters + zoo.load(path, "cpu").boosters:
            config = json.loads(booster.save_config())
            thread_count = config["learner"]["generic_param"]["nthread"]
            assert int(thread_count) == n_threads
    finally:
        torch.set_num_threads(before)


def test_the_feature_with_the_signal_gains_most():
    gains = trees.gains(samples.two_gaussians(500), seed=1)
    assert gains.shape == (4,) and (gains >= 0).all()
    assert gains.argmax() == 0 and gains[0] > 5 * gains[1:].max()


def test_negative_weights_are_rejected_in_one_line():
    events = samples.two_gaussians(100)
    weight = np.where(np.arange(100) % 10 == 0, -1, 1)
    events = samples.events_of(events.inputs, events.label, weight)
    message = "keep is not available for models of kind xgboost, and 10 of the 100"
    with pytest.raises(logs.InputError, match=message) as error:
        train(events)
    assert "\n" not in str(error.value)
