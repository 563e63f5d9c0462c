"""Tests of training.stopping: falls of the loss, and the end of training."""

import math

import pytest
import samples
import torch

from hepfold.training import stopping


def last_epoch(losses: list, **changes) -> int | None:
    """The epoch in which training stops, from losses of one or more members."""
    losses = torch.tensor(losses, dtype=torch.float64)
    losses = losses.reshape(len(losses), -1)
    rule = stopping.Stopping(
        losses[0], samples.model(stopping=samples.STOPPING | changes).stopping
    )
    for epoch, loss in enumerate(losses, 1):
        rule.update(epoch, loss)
        if rule.is_over(epoch):
            return epoch
    return None


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_training_is_over_when_patience_is(patience):
    assert last_epoch([3, 2, *[2.5] * 20], patience=patience) == 2 + patience


def test_any_fall_counts_by_default():
    falling = [1 - 1e-9 * i for i in range(50)]
    assert last_epoch(falling, patience=2) is None
    assert last_epoch(falling, patience=2, min_change=1e-6) == 3
    assert last_epoch(falling, patience=2, min_relative_change=1e-6) == 3


@pytest.mark.parametrize("size", [0.01, 1.0, 100.0])
def test_a_relative_change_is_independent_of_the_scale_of_the_loss(size):
    losses = [size * loss for loss in (1.0, 0.9, 0.85, 0.84, 0.83, 0.82)]
    assert last_epoch(losses, patience=2, min_relative_change=0.05) == 5
    last = last_epoch(losses, patience=2, min_change=0.015)
    assert last == {0.01: 3, 1.0: None, 100.0: None}[size]


def test_a_fall_must_be_larger_than_both():
    for least in ({"min_change": 0.3}, {"min_relative_change": 0.3}):
        assert last_epoch([1.0, 0.8, 0.6, 0.4, 0.2], patience=1, **least) == 2
    losses = [1.0, 0.75, 0.75, 0.75]
    both = {"min_change": 0.2, "min_relative_change": 0.2}
    assert last_epoch(losses, patience=2, **both) == 4
    assert last_epoch(losses, patience=2, **both | {"min_change": 0.3}) == 3
    assert last_epoch(losses, patience=2, **both | {"min_relative_change": 0.3}) == 3


def test_small_falls_add_up_to_one_that_counts():
    """A fall is measured from the last one that counted, not the previous epoch."""
    losses = [1.0, 0.96, 0.92, 0.88, 0.84, 0.80]
    assert last_epoch(losses, patience=3, min_change=0.1) is None
    assert last_epoch(losses, patience=2, min_change=0.1) == 3


def test_training_is_not_over_before_its_first_epoch():
    flat = [1.0] * 30
    assert last_epoch(flat, patience=3, first_epoch=20) == 20
    late = [1.0] * 17 + [0.5] * 13
    assert last_epoch(late, patience=5, first_epoch=20) == 18 + 5


def test_one_member_that_becomes_better_keeps_all():
    losses = [[1.0, 1.0], [1.0, 0.9], [1.0, 0.8], [1.0, 0.8], [1.0, 0.8]]
    assert last_epoch(losses, patience=2) == 5


def test_a_loss_that_is_not_finite_has_not_fallen():
    assert last_epoch([1.0, math.nan, math.nan, math.nan], patience=2) == 3
    assert last_epoch([math.inf, math.nan, -math.nan], patience=2) == 2


def test_a_saved_state_is_restored():
    loss = torch.tensor([1.0, 2.0], dtype=torch.float64)
    first = stopping.Stopping(loss, samples.model().stopping)
    first.update(3, loss)
    second = stopping.Stopping(loss, samples.model().stopping)
    second.load_state_dict(first.state_dict())
    second.update(4, loss)
    assert second.epoch == 3
    assert torch.equal(second.loss, loss)


def test_members_that_share_weights_are_kept_together():
    network = torch.nn.Linear(1, 1)
    network.n_members, network.independent = 2, False
    best = stopping.BestWeights(network, torch.device("cpu"))
    weights = {n: torch.full_like(t, 7.0) for n, t in network.state_dict().items()}
    best.update(1, torch.tensor([0.5, 0.5]), weights, has_validation=True)
    assert all((kept == 7).all() for kept in best.weights.values())
