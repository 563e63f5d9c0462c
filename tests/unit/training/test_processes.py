"""Tests of training.processes: two processes train like one, and end together."""

import multiprocessing
import os
import signal

import numpy as np
import pytest
import samples
import torch

from hepfold.core import logs
from hepfold.models import joint_batch
from hepfold.training import checkpoints, fit, loop, processes

EVENTS = samples.two_bodies(203)
# About 152 training events, so the last batch of an epoch has an odd number.
BASE = {
    "schema_": samples.TWO_BODIES,
    "preparation": samples.VECTORS,
    "symmetry": {"use": "augmentation", "n_views": 4},
    "kind": "wide_deep",
    "network": samples.NETWORK | {"depth": 2, "batch_norm": True, "dropout": 0.1},
    "optimizer": {"kind": "sgd", "momentum": 0.9, "weight_decay": 1e-5},
    "n_members": 2,
    "n_epochs": 3,
}


def train(n_devices: int, batch_size: int, state_path=None, device="cpu", **changes):
    training = samples.training(n_devices=n_devices, device=device)
    return samples.train(
        EVENTS,
        state_path=state_path,
        training=training,
        **BASE | {"batch_size": batch_size} | changes,
    )


def broken(*arguments):
    """A training that saves its state at once; one process ends in the second epoch."""
    checkpoints.SAVE_EVERY_S = 0.0
    update = loop.Run.update

    def breaking(run, i_update, batch):
        if i_update == 6 and not joint_batch.is_first():
            raise logs.InputError("what is wrong")
        update(run, i_update, batch)

    loop.Run.update = breaking
    return fit.train_networks(*arguments)


@pytest.mark.analyses
def test_two_processes_train_as_one_with_the_joint_batch(tmp_path, monkeypatch):
    """Even if an error in one of them ends both, and they resume.

    Compares weights, statistics of batch normalization and losses of a training with
    dropout and random rotations.
    """
    path, run = tmp_path / "model.state", processes.run
    with monkeypatch.context() as patch:
        patch.setattr(processes, "run", lambda work, *rest: run(broken, *rest))
        with pytest.raises(logs.InputError, match=r"^what is wrong$"):
            train(2, 25, path)
    assert not multiprocessing.active_children()
    assert torch.load(path, weights_only=True)["run"]["epoch"] == 2
    model, history = train(2, 25, path)
    expected, expected_history = train(1, 50)
    for name, values in expected.arrays().items():
        np.testing.assert_allclose(
            model.arrays()[name], values, rtol=1e-3, atol=2e-5, err_msg=name
        )
    for row, other in zip(history, expected_history, strict=True):
        assert row == pytest.approx(other, rel=1e-4)
    assert not multiprocessing.active_children()


def one_is_killed():
    if not joint_batch.is_first():
        os.kill(os.getpid(), signal.SIGKILL)
    joint_batch.add_up([torch.ones(1)])


@pytest.mark.slow
def test_the_end_of_one_process_ends_all():
    with pytest.raises(logs.InputError, match="n_devices: process 1 was killed"):
        processes.run(one_is_killed, 2, "cpu", ())
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    ("kind", "network"),
    [("tabm", {}), ("mlp", {"activation": "selu", "dropout": 0.1})],
)
def test_networks_without_a_joint_batch_are_rejected(kind, network):
    network = samples.NETWORK | network
    with pytest.raises(logs.InputError, match="train on one device"):
        train(2, 25, kind=kind, network=network)


def test_more_devices_than_available_are_rejected(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(logs.InputError, match="n_devices: 2 devices requested, but 1"):
        processes.run(one_is_killed, 2, "cuda", ())


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_two_cuda_devices_train_as_one():
    two, one = (train(n, 50 // n, device="cuda") for n in (2, 1))
    for name, values in one[0].arrays().items():
        joint = two[0].arrays()[name]
        np.testing.assert_allclose(joint, values, rtol=1e-2, atol=1e-3, err_msg=name)
