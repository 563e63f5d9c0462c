"""Tests of hepfold.models: members are independent networks."""

import torch

from hepfold import models

SETTINGS = {"depth": 2, "width": 8, "activation": "swish", "dropout": 0.0}


def ensemble(n_members: int) -> torch.nn.Module:
    torch.manual_seed(0)
    members = models.build("mlp", n_members, 5, SETTINGS)
    members.initialize()
    return members


def test_stacked_members_equal_single_networks():
    members, x = ensemble(3), torch.randn(10, 5)
    logits = members(x.expand(3, 10, 5))
    for i in range(3):
        hidden = x
        for n, layer in enumerate(members.layers):
            hidden = hidden @ layer.weight[i] + layer.bias[i]
            if n < SETTINGS["depth"]:
                hidden = hidden * hidden.sigmoid()
        torch.testing.assert_close(logits[i], hidden[:, 0])


def test_members_start_from_different_weights():
    logits = ensemble(3)(torch.randn(10, 5).expand(3, 10, 5))
    assert not torch.allclose(logits[0], logits[1])


def test_loss_of_one_member_moves_no_other():
    members = ensemble(3)
    members(torch.randn(10, 5).expand(3, 10, 5))[1].sum().backward()
    for layer in members.layers:
        moved = layer.weight.grad.abs().sum(dim=(1, 2)) > 0
        assert moved.tolist() == [False, True, False]


def test_initial_signal_keeps_its_size():
    """He initialization keeps the second moment from layer to layer for ReLU."""
    torch.manual_seed(1)
    settings = {"depth": 6, "width": 400, "activation": "relu", "dropout": 0.0}
    members = models.build("mlp", 2, 400, settings)
    members.initialize()
    x = torch.randn(2, 500, 400)
    for layer in members.layers[:-1]:
        x = layer(x)
        assert 1.5 < x.var() < 2.6
        x = x.relu()
