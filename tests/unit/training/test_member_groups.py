"""Tests of training.member_groups: groups train as all members together do."""

import numpy as np
import pytest
import samples
import torch
from training_runs import finished, new_run

from hepfold.training import checkpoints, loop, member_groups

EVENTS = samples.two_bodies(203)
NETWORK = samples.NETWORK | {"depth": 2, "batch_norm": True, "dropout": 0.3}
BASE = {
    "schema_": samples.TWO_BODIES,
    "preparation": samples.VECTORS,
    "symmetry": {"use": "augmentation", "n_views": 4},
    "network": NETWORK,
    # Adam would scale the gradient of biases before a normalization, which is noise.
    "optimizer": samples.OPTIMIZERS["sgd"],
    "batch_size": 50,
    "n_epochs": 3,
}
CASES = {
    "mlp": {},
    "dense": {"kind": "dense", "network": NETWORK | {"batch_norm": False}},
    "residual": {"kind": "residual", "max_gradient_norm": 0.1},
    "wide_deep": {"kind": "wide_deep", "average": samples.AVERAGES["exponential"]},
    "muon": {
        "optimizer": samples.OPTIMIZERS["muon"],
        "network": NETWORK | {"batch_norm": False},
    },
    "pretrained": {
        "network": samples.NETWORK | {"depth": 2, "pretrained_epochs": 1},
        "n_epochs": 1,
    },
    "transformer": samples.TRANSFORMER,
}


@pytest.fixture
def threads():
    """A function that sets the number of threads, until the test ends."""
    yield torch.set_num_threads
    torch.set_num_threads(1)


def assert_close(trained, expected):
    (model, history), (other, expected_history) = trained, expected
    for name, values in other.arrays().items():
        np.testing.assert_allclose(
            model.arrays()[name], values, rtol=1e-3, atol=2e-5, err_msg=name
        )
    for row, expected_row in zip(history, expected_history, strict=True):
        assert row == pytest.approx(expected_row, rel=1e-4)


QUICK = {"mlp", "wide_deep"}


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, marks=() if c in QUICK else pytest.mark.slow) for c in CASES],
)
def test_two_or_three_groups_train_like_one(threads, case):
    """Weights, statistics, losses and scores, with random turns and dropout."""
    expected = samples.train(EVENTS, **BASE | CASES[case])
    for n_threads in (2, 3):
        threads(n_threads)
        trained = samples.train(EVENTS, **BASE | CASES[case])
        assert_close(trained, expected)
        score = trained[0].score(EVENTS.inputs)
        np.testing.assert_allclose(score, expected[0].score(EVENTS.inputs), rtol=1e-3)


def test_a_training_resumes_with_another_number_of_threads(
    threads, tmp_path, monkeypatch
):
    path, save = tmp_path / "model.state", checkpoints.Keeper.save
    monkeypatch.setattr(checkpoints, "SAVE_EVERY_S", 0.0)

    def save_and_die(keeper, run):
        save(keeper, run)
        if run.epoch == 2 and run.i_update == 2:
            raise KeyboardInterrupt

    expected = samples.train(EVENTS, **BASE)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checkpoints.Keeper, "save", save_and_die)
        threads(2)
        samples.train(EVENTS, state_path=path, **BASE)
    threads(1)
    assert_close(samples.train(EVENTS, state_path=path, **BASE), expected)


def test_groups_begin_and_end_with_the_random_numbers_of_one(threads):
    """Also with an odd number of members, whose groups differ in size."""
    states = []
    for n_threads in (1, 2):
        threads(n_threads)
        run = new_run(EVENTS, network=NETWORK, n_epochs=1, n_members=5)
        finished(run)
        states.append(torch.get_rng_state())
    assert [p.group.members for p in run.groups.parts] == [slice(0, 2), slice(2, 5)]
    assert torch.equal(*states)


def test_weights_of_groups_are_those_of_the_joint_network(threads):
    threads(2)
    run = new_run(EVENTS, network=NETWORK)
    run.network.load_state_dict(
        {name: torch.rand_like(t) for name, t in run.network.state_dict().items()}
    )
    for part in run.groups.parts:
        state = part.network.state_dict()
        for name, tensor in run.network.state_dict().items():
            assert torch.equal(state[name], tensor[part.group.members])


def test_frozen_weights_stay_without_gradient(threads):
    threads(2)
    run = new_run(EVENTS, network=NETWORK)
    run.network.layers[0].requires_grad_(False)
    groups = member_groups.Groups(run.network, 2)
    run.network.train()
    run.groups = groups
    before = {name: t.clone() for name, t in run.network.named_parameters()}
    run.update(0, run.event_order()[:, :50])
    for name, weight in run.network.named_parameters():
        is_frozen = name.startswith("layers.0")
        assert (weight.grad is None) == is_frozen
        assert torch.equal(weight, before[name]) == is_frozen, name


@pytest.mark.parametrize(
    ("changes", "n_groups"),
    [
        ({}, 2),
        ({"n_members": 1}, 1),
        ({"kind": "tabm", "network": samples.NETWORK}, 1),
        ({"network": samples.NETWORK | {"activation": "selu", "dropout": 0.1}}, 1),
    ],
)
def test_only_independent_members_with_joint_draws_are_grouped(
    threads, changes, n_groups
):
    network = new_run(EVENTS, **changes).network
    threads(2)
    assert member_groups.count(network) == n_groups


def test_an_error_in_a_group_ends_the_training(threads, monkeypatch):
    threads(2)

    def fails(run, *arguments):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(loop.Run, "member_losses", fails)
    with pytest.raises(RuntimeError, match="out of memory"):
        finished(new_run(EVENTS, network=NETWORK))
