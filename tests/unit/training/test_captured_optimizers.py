"""Tests of training.captured_optimizers: tensors move weights as numbers do."""

import pytest
import samples
import tapes
import torch
from torch import nn

from hepfold.core import parsing, settings_training
from hepfold.training import captured_optimizers, optimizers

SETTINGS = {
    kind: parsing.parse(settings, settings_training.Optimizer)
    for kind, settings in {
        "sgd": samples.OPTIMIZERS["sgd"] | {"weight_decay": 0.1},
        "adamw": samples.OPTIMIZERS["adamw"] | {"weight_decay": 3.0},
        "muon": samples.OPTIMIZERS["muon"] | {"weight_decay": 3.0},
    }.items()
}


class Numbers:
    """Numbers of an update as tensors, without a schedule."""

    def __init__(self):
        row = torch.zeros(4).unbind()
        self.rate, self.momentum, self.adam_rate, self.adam_scale = row

    def fill(self, rate: float, momentum: float, adam_rate=None, scale=1.0) -> None:
        values = rate, momentum, rate if adam_rate is None else adam_rate, scale
        tensors = self.rate, self.momentum, self.adam_rate, self.adam_scale
        for tensor, value in zip(tensors, values, strict=True):
            tensor.fill_(value)


class Network(nn.Module):
    """A hidden matrix, a bias and a slow last layer of two members."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.hidden = nn.Parameter(torch.randn(2, 4, 6))
        self.bias = nn.Parameter(torch.randn(2, 1, 6))
        self.last = nn.Parameter(torch.randn(2, 6, 3))
        self.last.rate_factor = 0.25
        self.frozen = nn.Parameter(torch.randn(2, 6, 3), requires_grad=False)

    def hidden_matrices(self) -> list[nn.Parameter]:
        return [self.hidden]


def draw_gradients(network: nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for weight in (network.hidden, network.bias, network.last):
        weight.grad = torch.randn(weight.shape, generator=generator)


def assert_close(one: nn.Module, other: nn.Module) -> None:
    pairs = zip(one.named_parameters(), other.parameters(), strict=True)
    for (name, weight), expected in pairs:
        torch.testing.assert_close(weight, expected, msg=name, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", SETTINGS)
def test_weights_move_as_with_numbers(kind):
    """Rates that change, the momentum of Adam constant; weights decay."""
    ours, theirs, numbers = Network(), Network(), Numbers()
    optimizer = captured_optimizers.build(SETTINGS[kind], ours, numbers)
    other = optimizers.build(SETTINGS[kind], theirs, 0.01)
    start = ours.frozen.clone()
    for update in range(5):
        rate, momentum = 0.02 / (1 + update), 0.6 + 0.05 * update
        if kind == "adamw":
            momentum = optimizers.ADAM_BETA1
        draw_gradients(ours, update)
        draw_gradients(theirs, update)
        numbers.fill(rate, momentum)
        other.set(rate, momentum)
        if kind == "muon":
            for group in other.parts[1].param_groups:
                group["betas"] = (optimizers.ADAM_BETA1, group["betas"][1])
        optimizer.step()
        other.step()
    assert_close(ours, theirs)
    assert torch.equal(ours.frozen, start)


def test_weights_decay_with_the_rate_of_the_schedule():
    """Not with that of the kernel of Adam; a factor of a weight slows its decay too."""
    network, numbers = Network(), Numbers()
    optimizer = captured_optimizers.build(SETTINGS["adamw"], network, numbers)
    before = [weight.clone() for weight in network.parameters()]
    numbers.fill(0.01, 0.9, adam_rate=0.5)
    for weight in (network.hidden, network.bias, network.last):
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    factors = 1 - 0.01 * 3.0, 1.0, 1 - 0.25 * 0.01 * 3.0, 1.0
    rows = zip(network.parameters(), before, factors, strict=True)
    for weight, start, factor in rows:
        torch.testing.assert_close(weight, factor * start)


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_rate_of_zero_moves_nothing(kind):
    network, numbers = Network(), Numbers()
    optimizer = captured_optimizers.build(SETTINGS[kind], network, numbers)
    draw_gradients(network, 1)
    numbers.fill(0.0, 0.9)
    optimizer.step()
    assert all(
        torch.equal(one, other)
        for one, other in zip(network.parameters(), Network().parameters(), strict=True)
    )


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_step_waits_for_no_number(kind):
    """Which a captured step could not; the AdamW of torch does with tensor betas."""
    network, numbers = Network(), Numbers()
    optimizer = captured_optimizers.build(SETTINGS[kind], network, numbers)
    for update in range(2):
        draw_gradients(network, update)
        numbers.fill(0.01, 0.9)
        with tapes.Watcher():
            optimizer.step()


def test_torch_would_wait_for_a_momentum_that_is_a_tensor():
    """If this fails, torch takes it, and `captured_optimizers` may be shorter."""
    weight = nn.Parameter(torch.ones(2))
    weight.grad = torch.ones(2)
    betas = torch.tensor(0.9), torch.tensor(0.999)
    fused = torch.optim.AdamW([weight], lr=torch.tensor(0.1), betas=betas, fused=True)
    with tapes.Watcher(), pytest.raises(tapes.HostError, match="waits for a value"):
        fused.step()


def test_momentum_by_default_is_that_of_the_optimizer():
    momentum = [captured_optimizers.default_momentum(s) for s in SETTINGS.values()]
    assert momentum == [0.9, optimizers.MUON_MOMENTUM, optimizers.MUON_MOMENTUM]
