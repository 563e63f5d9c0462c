"""Tests of hepfold.training: it learns, repeats itself, and stops in time."""

import numpy as np
import pytest
import torch

from hepfold import arrays, logs, metrics, training

MODEL = {
    "kind": "mlp",
    "n_members": 3,
    "network": {"depth": 1, "width": 16, "activation": "relu", "dropout": 0.0},
    "validation_fraction": 0.25,
    "n_epochs": 8,
    "patience": 8,
    "batch_size": 64,
    "learning_rate": 0.01,
    "weight_decay": 0.0,
}


def two_gaussians(n: int, seed: int = 0, distance: float = 2.0) -> arrays.Events:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, n).astype("i1")
    inputs = rng.normal(size=(n, 4))
    inputs[:, 0] += distance * label
    return arrays.Events(
        inputs=inputs.astype("f4"),
        label=label,
        weight=rng.uniform(0.5, 1.5, n).astype("f4"),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
    )


def train(events, seed=1, **changes):
    return training.train_ensemble(events, [], MODEL | changes, seed, "cpu")


def test_loss_falls_and_the_ideal_auc_is_reached():
    events, unseen = two_gaussians(4000), two_gaussians(4000, seed=9)
    ensemble, history = train(events)
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]
    auc = metrics.auc(ensemble.score(unseen.inputs), unseen.label, np.ones(4000))
    # Phi(2 / sqrt(2)), the AUC of the likelihood ratio.
    assert auc == pytest.approx(0.9214, abs=0.01)


def test_same_seed_gives_same_scores():
    events = two_gaussians(600)
    first, again, other = (train(events, seed)[0] for seed in (1, 1, 2))
    score = first.score(events.inputs)
    np.testing.assert_array_equal(again.score(events.inputs), score)
    assert (other.score(events.inputs) != score).any()


def test_few_events_can_be_learnt_by_heart():
    events = two_gaussians(43, distance=0.0)
    width = {"network": MODEL["network"] | {"width": 64}}
    _, history = train(events, n_epochs=300, patience=300, batch_size=8, **width)
    assert min(row["loss"] for row in history) < 0.05


def test_a_loss_that_is_never_finite_is_told():
    with pytest.raises(logs.InputError, match=r"loss of members \[0, 1, 2\]"):
        train(two_gaussians(300), learning_rate=1e30, n_epochs=2)


def test_scores_are_probabilities_and_empty_input_has_none():
    ensemble, _ = train(two_gaussians(300), n_epochs=1)
    score = ensemble.score(two_gaussians(100).inputs)
    assert ((score > 0) & (score < 1)).all()
    assert ensemble.score(np.empty((0, 4), "f4")).shape == (0,)


def test_batches_of_scoring_change_nothing(monkeypatch):
    ensemble, _ = train(two_gaussians(300), n_epochs=1)
    inputs = two_gaussians(100).inputs
    whole = ensemble.score(inputs)
    monkeypatch.setattr(training, "SCORING_BATCH", 7)
    np.testing.assert_allclose(ensemble.score(inputs), whole, rtol=1e-6)


def test_training_stops_when_validation_no_longer_improves():
    noise = two_gaussians(300, distance=0.0)
    _, history = train(noise, n_epochs=200, patience=3, learning_rate=0.05)
    assert history[-1]["epoch"] < 100


def test_every_member_keeps_its_best_epoch():
    """The kept weights have the lowest validation loss of each member's history."""
    events = two_gaussians(400, distance=0.5)
    ensemble, history = train(events, n_epochs=30, patience=30, learning_rate=0.05)
    in_validation = (
        np.random.default_rng(1).random(len(events)) < MODEL["validation_fraction"]
    )
    judged = training.prepared_part(events, in_validation, ensemble)
    found = training.evaluated_loss(ensemble.members, judged)
    for member in range(MODEL["n_members"]):
        losses = [r["validation_loss"] for r in history if r["member"] == member]
        assert found[member].item() == pytest.approx(min(losses), rel=1e-5)
        assert losses.index(min(losses)) < len(losses) - 1


def test_scale_of_the_physics_weights_does_not_matter():
    events = two_gaussians(300)
    scaled = arrays.Events(
        events.inputs, events.label, events.weight * 8, events.event_id, events.subset
    )
    score = train(events, n_epochs=2)[0].score(events.inputs)
    np.testing.assert_allclose(
        train(scaled, n_epochs=2)[0].score(events.inputs), score, rtol=1e-4
    )


def test_an_event_without_weight_is_not_learnt_from():
    """Weight honoured: mislabelled events of weight zero leave the scores good."""
    events = two_gaussians(2000)
    label, weight = events.label.copy(), events.weight.copy()
    label[::2], weight[::2] = 1 - label[::2], 0
    spoilt = arrays.Events(events.inputs, label, weight, events.event_id, events.subset)
    score = train(spoilt)[0].score(events.inputs)
    assert metrics.auc(score, events.label, np.ones(2000)) > 0.9


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_cuda_and_cpu_score_alike():
    events = two_gaussians(500)
    on_gpu, _ = training.train_ensemble(events, [], MODEL, 1, "cuda")
    score = on_gpu.score(events.inputs)
    on_cpu = on_gpu.to(torch.device("cpu")).score(events.inputs)
    np.testing.assert_allclose(on_cpu, score, rtol=1e-4)
