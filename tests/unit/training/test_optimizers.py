"""Tests of training.optimizers: agreement with torch, and the geometry of Muon."""

import io
import math

import pytest
import samples
import torch
from torch import nn

from hepfold.core import logs, parsing, settings_training
from hepfold.models import networks
from hepfold.training import optimizers

SETTINGS = {
    "sgd": {"momentum": 0.9, "weight_decay": 0.01},
    "adamw": {"beta2": 0.99, "weight_decay": 0.1},
    "muon": {"weight_decay": 0.1, "beta2": 0.99},
}


def optimizer_settings(kind: str) -> settings_training.Optimizer:
    return parsing.parse({"kind": kind, **SETTINGS[kind]}, settings_training.Optimizer)


class Network(nn.Module):
    """A hidden and a last layer with weights from a seed."""

    independent = True

    def __init__(self, n_members=3, n_in=6, n_out=8):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        for name, shape in {
            "hidden": (n_members, n_in, n_out),
            "same": (n_members, n_in, n_out),
            "bias": (n_members, 1, n_out),
            "last": (n_members, n_out, 1),
        }.items():
            value = torch.randn(shape, generator=generator)
            setattr(self, name, nn.Parameter(value))

    def hidden_matrices(self):
        return [self.hidden, self.same]


def draw_gradients(network, seed):
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator)


def run(network, optimizer, first, last):
    """Updates with random gradients and varying learning rate and momentum."""
    for update in range(first, last):
        draw_gradients(network, update)
        optimizer.set(0.01 / (1 + update), 0.9 + 0.01 * update)
        optimizer.step()


def reference(kind, network):
    """The optimizer of torch that `sgd` or `adamw` should equal, without options."""
    weights = [network.hidden, network.same, network.last]
    decay = SETTINGS[kind]["weight_decay"]
    groups = [
        {"params": weights, "weight_decay": decay},
        {"params": [network.bias], "weight_decay": 0.0},
    ]
    options = {"lr": 0.01, "foreach": False}
    if kind == "sgd":
        return torch.optim.SGD(groups, momentum=0.9, **options)
    return torch.optim.AdamW(groups, betas=(0.9, 0.99), **options)


@pytest.mark.parametrize("kind", ["sgd", "adamw"])
def test_moves_as_torch_does(kind):
    ours, theirs = Network(), Network()
    optimizer = optimizers.build(optimizer_settings(kind), ours, 0.01)
    other = reference(kind, theirs)
    for update in range(4):
        draw_gradients(ours, update)
        draw_gradients(theirs, update)
        optimizer.step()
        other.step()
    for one, two in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, two)


@pytest.mark.parametrize("kind", SETTINGS)
def test_rate_and_momentum_can_be_set(kind):
    network = Network()
    optimizer = optimizers.build(optimizer_settings(kind), network, 0.01)
    optimizer.set(0.5, 0.7)
    optimizer.set(0.25, None)
    for part in optimizer.parts:
        for group in part.param_groups:
            assert group["lr"] == 0.25
            momentum = group["betas"][0] if "betas" in group else group["momentum"]
            assert momentum == 0.7


def test_weights_with_a_factor_move_at_that_part_of_the_rate():
    network = Network()
    slow, *fast = network.parameters()
    slow.rate_factor = 0.1
    optimizer = optimizers.build(optimizer_settings("adamw"), network, 0.01)
    optimizer.set(0.5, None)
    groups = optimizer.parts[0].param_groups
    rates = {id(p): group["lr"] for group in groups for p in group["params"]}
    assert rates[id(slow)] == 0.05 and {rates[id(p)] for p in fast} == {0.5}


@pytest.mark.parametrize("kind", SETTINGS)
def test_rate_of_zero_moves_nothing(kind):
    network = Network()
    optimizer = optimizers.build(optimizer_settings(kind), network, 0.01)
    draw_gradients(network, 1)
    optimizer.set(0.0, None)
    optimizer.step()
    for one, two in zip(network.parameters(), Network().parameters(), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize("kind", SETTINGS)
def test_only_weights_decay(kind):
    """With zero gradients, only the decay acts, and not on biases."""
    network = Network()
    optimizer = optimizers.build(optimizer_settings(kind), network, 0.01)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    left = 1 - 0.01 * SETTINGS[kind]["weight_decay"]
    for name, start in Network().named_parameters():
        expected = start if name == "bias" else left * start
        torch.testing.assert_close(network.get_parameter(name), expected)


@pytest.mark.parametrize("kind", SETTINGS)
@pytest.mark.parametrize("other", [-3.0, math.nan, math.inf])
def test_members_move_as_if_alone(kind, other):
    """A different gradient of a member, even NaN, does not affect the others."""
    networks = Network(), Network()
    for network, scale in zip(networks, (1.0, other), strict=True):
        optimizer = optimizers.build(optimizer_settings(kind), network, 0.01)
        for update in range(3):
            draw_gradients(network, update)
            for parameter in network.parameters():
                parameter.grad[1] *= scale
            optimizer.step()
    for one, two in zip(*(n.parameters() for n in networks), strict=True):
        torch.testing.assert_close(one[[0, 2]], two[[0, 2]])
        assert not torch.allclose(one[1], two[1])


@pytest.mark.parametrize("kind", SETTINGS)
def test_resumed_optimizer_goes_on_as_before(kind):
    whole, resumed = Network(), Network()
    optimizer = optimizers.build(optimizer_settings(kind), whole, 0.01)
    run(whole, optimizer, 0, 3)
    file = io.BytesIO()
    torch.save([whole.state_dict(), optimizer.state_dict()], file)
    run(whole, optimizer, 3, 6)
    file.seek(0)
    weights, state = torch.load(file, weights_only=True)
    resumed.load_state_dict(weights)
    other = optimizers.build(optimizer_settings(kind), resumed, 0.01)
    other.load_state_dict(state)
    run(resumed, other, 3, 6)
    for one, two in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize("kind", SETTINGS)
def test_gradients_are_cleared(kind):
    network = Network()
    draw_gradients(network, 0)
    optimizers.build(optimizer_settings(kind), network, 0.01).zero_grad()
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize(("n_in", "n_out"), [(6, 12), (12, 6), (6, 6)])
def test_orthogonalized_keeps_vectors_and_evens_values(n_in, n_out):
    """U S V becomes U S' V with all of S' between 0.65 and 1.25."""
    torch.manual_seed(2)
    u, _ = torch.linalg.qr(torch.randn(4, n_in, 6))
    v, _ = torch.linalg.qr(torch.randn(4, n_out, 6))
    values = torch.logspace(0, -2, 6)
    result = optimizers.orthogonalized((u * values) @ v.mT)
    turned = u.mT @ result @ v
    values = turned.diagonal(dim1=1, dim2=2)
    assert values.min() > 0.65
    assert values.max() < 1.25
    torch.testing.assert_close(turned, torch.diag_embed(values), atol=1e-4, rtol=0)


def test_orthogonalized_ignores_the_size_of_each_matrix():
    torch.manual_seed(3)
    matrices = torch.randn(2, 5, 7)
    scale = torch.tensor([1e-3, 1e3])[:, None, None]
    both = optimizers.orthogonalized(torch.cat([matrices, scale * matrices]))
    torch.testing.assert_close(both[:2], both[2:], atol=1e-4, rtol=1e-4)
    assert not optimizers.orthogonalized(torch.zeros(2, 5, 7)).any()


@pytest.mark.parametrize(("n_in", "n_out"), [(6, 20), (20, 6)])
def test_muon_moves_each_member_as_torch_does(n_in, n_out):
    """The Muon of torch accepts single matrices and computes in bfloat16."""
    network, start = Network(3, n_in, n_out), Network(3, n_in, n_out)
    optimizer = optimizers.build(optimizer_settings("muon"), network, 0.01)
    alone = [nn.Parameter(start.hidden[i].detach().clone()) for i in range(3)]
    other = torch.optim.Muon(
        alone, lr=0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"
    )
    for update in range(3):
        draw_gradients(network, update)
        for i, matrix in enumerate(alone):
            matrix.grad = network.hidden.grad[i].clone()
        optimizer.step()
        other.step()
    moved = network.hidden - start.hidden
    expected = torch.stack(list(alone)) - start.hidden
    assert (moved - expected).norm() < 0.01 * expected.norm()


def test_muon_moves_all_else_as_adamw():
    networks = Network(), Network()
    parts = [
        optimizers.build(optimizer_settings(kind), network, 0.01)
        for kind, network in zip(("muon", "adamw"), networks, strict=True)
    ]
    for update in range(3):
        for network, optimizer in zip(networks, parts, strict=True):
            draw_gradients(network, update)
            optimizer.step()
    for name in ("bias", "last"):
        one, two = (network.get_parameter(name) for network in networks)
        assert torch.equal(one, two)


def test_steps_of_muon_have_the_size_of_adam():
    """Root mean square 0.2 of the rate for matrices of full rank of any shape."""
    for n_in, n_out in [(8, 64), (64, 8), (4, 300)]:
        network, start = Network(2, n_in, n_out), Network(2, n_in, n_out)
        settings = settings_training.Muon(weight_decay=0.0, beta2=0.99)
        optimizer = optimizers.build(settings, network, 0.01)
        draw_gradients(network, 0)
        optimizer.step()
        size = (network.hidden - start.hidden).square().mean().sqrt()
        assert size.item() == pytest.approx(0.2 * 0.01, rel=0.3)


def test_muon_needs_hidden_matrices():
    network = Network()
    network.hidden_matrices = list
    with pytest.raises(logs.InputError, match="muon needs hidden matrices"):
        optimizers.build(optimizer_settings("muon"), network, 0.01)


def test_gradients_are_clipped_for_each_member():
    network = networks.build(samples.model(kind="mlp"), 2, networks.Inputs(3, ()))
    for weight in network.parameters():
        weight.grad = torch.ones_like(weight)
        weight.grad[1] *= 1e-3
    n_weights = sum(weight[0].numel() for weight in network.parameters())
    optimizers.clip_gradients(network, 1.0)
    first, second = (
        torch.cat([w.grad[i].flatten() for w in network.parameters()]) for i in (0, 1)
    )
    torch.testing.assert_close(first, torch.full_like(first, n_weights**-0.5))
    torch.testing.assert_close(second, torch.full_like(second, 1e-3))


def test_members_that_share_weights_have_one_gradient():
    network = networks.build(samples.model(kind="tabm"), 2, networks.Inputs(3, ()))
    network(torch.randn(2, 10, 3)).sum().backward()
    before = [w.grad.clone() for w in network.parameters()]
    optimizers.clip_gradients(network, 0.5)
    norm = torch.cat([g.flatten() for g in before]).norm()
    assert norm > 0.5
    for gradient, weight in zip(before, network.parameters(), strict=True):
        torch.testing.assert_close(weight.grad, gradient * (0.5 / norm))
