"""Tests of training.fit: every kind learns and can be stored and loaded."""

import numpy as np
import pytest
import samples
import signed
import torch

from hepfold.core import logs
from hepfold.data import weights
from hepfold.models import networks, zoo
from hepfold.training import loop

# Every kind with every schedule, and each of both with every optimizer: a third of all
# combinations.
COMBINATIONS = [
    (kind, list(samples.OPTIMIZERS)[(i + j) % len(samples.OPTIMIZERS)], schedule)
    for i, kind in enumerate(networks.NETWORKS)
    for j, schedule in enumerate(samples.SCHEDULES)
]


@pytest.mark.parametrize(("kind", "optimizer", "schedule"), COMBINATIONS)
def test_every_kind_learns_with_every_optimizer_and_schedule(kind, optimizer, schedule):
    model, history = samples.train(
        samples.two_gaussians(400),
        kind=kind,
        n_members=2,
        n_epochs=2,
        network=samples.NETWORK | {"depth": 2, "width": 8},
        optimizer=samples.OPTIMIZERS[optimizer],
        schedule=samples.SCHEDULES[schedule],
    )
    loss = [row["loss"] for row in history]
    assert sum(loss[2:]) < sum(loss[:2])
    assert model.n_members == 2


@pytest.mark.parametrize("average", ["exponential", "stochastic"])
def test_averages_of_weights_score_well(average):
    events = samples.two_gaussians(1500)
    model, history = samples.train(
        events, average=samples.AVERAGES[average], n_epochs=4
    )
    score = model.score(events.inputs)
    loss = -np.log(np.where(events.label == 1, score, 1 - score)).mean()
    assert loss < 1.05 * min(row["validation_loss"] for row in history)


@pytest.mark.parametrize(
    ("average", "schedule"),
    [("snapshots", "cosine"), ("fast_geometric", "linear_cycles")],
)
def test_snapshots_are_further_members(average, schedule, tmp_path):
    settings = {
        "average": samples.AVERAGES[average],
        "schedule": samples.SCHEDULES[schedule],
        "n_epochs": 4,
    }
    events = samples.two_gaussians(300)
    model, _ = samples.train(events, **settings)
    assert model.n_members == 3 * 2
    states = model.network.state_dict()["output.weight"]
    assert not torch.equal(states[:3], states[3:])
    path = str(tmp_path / "model.safetensors")
    zoo.save(path, model, samples.record(**settings))
    again = zoo.load(path, "cpu")
    assert again.n_members == 6
    np.testing.assert_array_equal(
        again.score(events.inputs), model.score(events.inputs)
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "tabm"}, "for tabm, whose members share weights"),
        ({"schedule": {"kind": "constant"}}, "no cycle ends from epoch 1 to 3"),
        (
            {"schedule": samples.SCHEDULES["cosine"] | {"n_epochs": 4}},
            "no cycle ends from epoch 1 to 3",
        ),
        (
            {"average": {"kind": "fast_geometric", "n_last": 2, "first_epoch": 4}},
            "no cycle ends from epoch 4 to 3",
        ),
    ],
)
def test_impossible_snapshots_are_rejected(monkeypatch, changes, message):
    """Before the first update."""
    monkeypatch.delattr(loop.Run, "finish")
    cycles = {
        "average": samples.AVERAGES["snapshots"],
        "schedule": samples.SCHEDULES["cosine"],
        "n_epochs": 3,
    }
    with pytest.raises(logs.InputError, match=message):
        samples.train(samples.two_gaussians(300), **cycles | changes)


def test_out_of_memory_names_the_settings_to_lower(monkeypatch):
    def run_out_of_memory(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate ...")

    monkeypatch.setattr(loop.Run, "update", run_out_of_memory)
    with pytest.raises(logs.InputError) as error:
        samples.train(samples.two_gaussians(300))
    for name in ("batch_size", "n_members", "network.width"):
        assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_class_without_weight_is_rejected():
    events = samples.two_gaussians(100)
    signal = samples.events_of(events.inputs, np.ones(100))
    with pytest.raises(logs.InputError, match="background weights"):
        samples.train(signal)


def test_bfloat16_is_close_to_float32():
    events, unseen = samples.two_gaussians(1000), samples.two_gaussians(2000, seed=9)
    fine, coarse = (
        samples.train(events, training=samples.training(precision=p), n_epochs=3)[0]
        for p in ("float32", "bfloat16")
    )
    assert (fine.score(unseen.inputs) != coarse.score(unseen.inputs)).any()
    assert samples.auc(coarse, unseen) == pytest.approx(
        samples.auc(fine, unseen), abs=0.01
    )


@pytest.mark.parametrize("kind", ["mlp", "tabm"])
@pytest.mark.parametrize("fraction", [0.0, 0.25])
def test_a_loss_that_is_never_finite_is_reported(kind, fraction):
    with pytest.raises(logs.InputError, match="lower learning_rate"):
        samples.train(
            samples.two_gaussians(300),
            kind=kind,
            optimizer=samples.OPTIMIZERS["sgd"],
            learning_rate=1e30,
            n_epochs=2,
            validation_fraction=fraction,
        )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_cuda_and_cpu_learn_and_score_alike(precision, tmp_path):
    events, unseen = samples.two_gaussians(2000), samples.two_gaussians(2000, seed=9)
    training = samples.training(device="cuda", precision=precision)
    on_gpu, _ = samples.train(events, training=training)
    assert samples.auc(on_gpu, unseen) == pytest.approx(
        samples.ideal_auc(2.0), abs=0.015
    )
    path = str(tmp_path / "model.safetensors")
    zoo.save(path, on_gpu, samples.record(training=training))
    on_cpu = zoo.load(path, "cpu").score(unseen.inputs)
    np.testing.assert_allclose(on_cpu, on_gpu.score(unseen.inputs), atol=0.01)


@pytest.mark.parametrize(
    ("use", "least", "most"),
    [
        ("augmentation", 0.6, 1),
        pytest.param("none", 0, 0.3, marks=pytest.mark.slow),
    ],
)
def test_augmentation_trains_on_rotated_events(use, least, most):
    """All training events point one way, and the scored events the other way."""
    inputs, label = (events := samples.two_bodies(1500)).inputs.copy(), events.label
    inputs[:, 5] = samples.wrapped(inputs[:, 5] - inputs[:, 2])
    inputs[:, 2] = 0
    model, _ = samples.train(
        samples.events_of(inputs, label),
        schema_=samples.TWO_BODIES,
        preparation=samples.VECTORS,
        symmetry={"use": use, "n_views": 1},
        n_epochs=20,
    )
    turned = samples.events_of(samples.turned(inputs, np.pi, 1, 1), label)
    assert least < samples.auc(model, turned) < most


def test_a_number_of_events_is_drawn_to_train_on():
    events = samples.two_gaussians(400)
    few, _ = samples.train(events, n_events=200, n_epochs=1)
    drawn, _ = samples.train(events, n_events=399, n_epochs=1)
    every, _ = samples.train(events, n_events=400, n_epochs=1)
    plain, _ = samples.train(events, n_epochs=1)
    score = [m.score(events.inputs) for m in (few, drawn, every, plain)]
    assert not np.array_equal(score[0], score[3])
    assert not np.array_equal(score[1], score[3])
    np.testing.assert_array_equal(score[2], score[3])


@pytest.mark.parametrize("rule", ["absolute", "zero", "keep"])
def test_networks_learn_from_events_with_negative_weights(rule):
    """A fifth of the weights is negative; also as autoencoders first."""
    gaussians = samples.two_gaussians(2000)
    weight = signed.signed_weights(2000, 0.2)
    events = samples.events_of(gaussians.inputs, gaussians.label, weight)
    model, history = samples.train(
        weights.with_training_weights(events, rule),
        network=samples.NETWORK | {"pretrained_epochs": 1},
    )
    assert samples.auc(model, gaussians) > samples.ideal_auc(2.0) - 0.03
    assert all(np.isfinite(row["validation_loss"]) for row in history)
    assert history[-1]["validation_auc"] > 0.8
