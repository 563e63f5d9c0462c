"""Tests of training.weight_averages.

Closed forms, and independence of the returned copies.
"""

import io
import math

import pytest
import torch
from torch import nn

from hepfold.core import parsing, settings_averages
from hepfold.training import weight_averages

SETTINGS = {
    "none": {},
    "exponential": {"decay": 0.9},
    "stochastic": {"first_epoch": 3},
    "self_starting": {"n_averages": 2, "restart_epochs": 2},
    "snapshots": {"n_last": 2},
    "fast_geometric": {"first_epoch": 3, "n_last": 5},
}
N_UPDATES = 3


class Network(nn.Module):
    """A weight, a running statistic and a count."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, 3, 4))
        self.register_buffer("running_mean", torch.zeros(2, 4))
        self.register_buffer("n_batches", torch.tensor(0))
        self.n_members, self.independent = 2, True

    @torch.no_grad()
    def become(self, number):
        """Set weights that depend on a number."""
        generator = torch.Generator().manual_seed(number)
        self.weight.copy_(torch.randn(2, 3, 4, generator=generator))
        self.running_mean = torch.rand(2, 4, generator=generator)
        self.n_batches += 1


def built(kind):
    network = Network()
    settings = parsing.parse(
        {"kind": kind, **SETTINGS[kind]}, settings_averages.Average
    )
    return network, weight_averages.build(settings, network)


def states(numbers):
    """The states of a network that is set to each number in turn."""
    network, kept = Network(), []
    for number in numbers:
        network.become(number)
        kept.append({k: v.clone() for k, v in network.state_dict().items()})
    return kept


def train(network, average, first, last):
    """Epochs `first` to `last`, of which every second ends a cycle."""
    for epoch in range(first, last + 1):
        for update in range((epoch - 1) * N_UPDATES, epoch * N_UPDATES):
            network.become(update)
            average.after_update(average.share(update))
        average.epoch_ended(epoch, epoch % 2 == 0)


def assert_same(actual, expected):
    assert list(actual) == list(expected)
    for name in expected:
        torch.testing.assert_close(actual[name], expected[name])


def expected_state(share):
    """The weighted sum of the states after all updates; counts are the last ones."""
    seen = states(range(len(share)))
    mean = {
        name: sum(s * state[name] for s, state in zip(share, seen, strict=True))
        for name in ("weight", "running_mean")
    }
    return {**mean, "n_batches": seen[-1]["n_batches"]}


def test_none_is_the_network():
    network, average = built("none")
    train(network, average, 1, 2)
    assert_same(average.state(), network.state_dict())
    assert_same(average.sets()[0], network.state_dict())


@pytest.mark.parametrize("n_epochs", [1, 2, 5, 40])
def test_exponential_is_the_sum_with_decays_that_rise(n_epochs):
    """From one tenth to 0.9, which update 80 reaches; the first weights replace it."""
    network, average = built("exponential")
    nn.init.constant_(network.weight, 1000.0)
    train(network, average, 1, n_epochs)
    decays = [min(0.9, (1 + t) / (10 + t)) for t in range(n_epochs * N_UPDATES)]
    decays[0] = 0.0
    share = [(1 - d) * math.prod(decays[t + 1 :]) for t, d in enumerate(decays)]
    assert sum(share) == pytest.approx(1)
    assert_same(average.state(), expected_state(share))
    # Even in a short training, little of the mean is of its first third.
    assert n_epochs < 5 or sum(share[: len(share) // 3]) < 2e-3


def test_exponential_of_constant_weights_is_the_constant():
    network, average = built("exponential")
    for update in range(50):
        network.become(7)
        average.after_update(average.share(update))
    assert_same(average.state(), network.state_dict())


def test_exponential_that_forgets_at_once_is_the_network():
    network = Network()
    settings = settings_averages.Exponential(decay=0.0)
    average = weight_averages.build(settings, network)
    train(network, average, 1, 2)
    assert_same(average.state(), network.state_dict())


def test_stochastic_is_the_mean_over_ends_of_epochs():
    network, average = built("stochastic")
    train(network, average, 1, 6)
    share = [0.0] * 6 * N_UPDATES
    for epoch in (3, 4, 5, 6):
        share[epoch * N_UPDATES - 1] = 1 / 4
    assert_same(average.state(), expected_state(share))


def test_stochastic_before_its_first_epoch_is_the_network():
    network, average = built("stochastic")
    train(network, average, 1, 2)
    assert_same(average.state(), network.state_dict())


@pytest.mark.parametrize(
    ("kind", "epochs"), [("snapshots", [6, 8]), ("fast_geometric", [4, 6, 8])]
)
def test_snapshots_are_the_weights_at_ends_of_cycles(kind, epochs):
    network, average = built(kind)
    train(network, average, 1, 9)
    seen = states(range(9 * N_UPDATES))
    sets = average.sets()
    for weights, epoch in zip(sets, epochs, strict=True):
        assert_same(weights, seen[epoch * N_UPDATES - 1])
    assert_same(average.state(), network.state_dict())


@pytest.mark.parametrize("kind", SETTINGS)
def test_there_is_a_set_from_the_start(kind):
    network, average = built(kind)
    (only,) = average.sets()
    assert_same(only, network.state_dict())


@pytest.mark.parametrize("kind", SETTINGS)
def test_returned_weights_never_change(kind):
    """Neither later training nor changes by the caller affect the copies."""
    network, average = built(kind)
    train(network, average, 1, 4)
    given = [average.state(), *average.sets()]
    before = [{k: v.clone() for k, v in state.items()} for state in given]
    train(network, average, 5, 8)
    for state, old in zip(given, before, strict=True):
        assert_same(state, old)
    live, sets = network.weight.detach().clone(), average.sets()
    for state in [average.state(), *average.sets()]:
        for tensor in state.values():
            tensor.zero_()
    assert torch.equal(network.weight, live)
    for state, old in zip(average.sets(), sets, strict=True):
        assert_same(state, old)


@pytest.mark.parametrize("kind", SETTINGS)
def test_states_fit_the_network(kind):
    network, average = built(kind)
    train(network, average, 1, 5)
    for state in [average.state(), *average.sets()]:
        assert all(not tensor.requires_grad for tensor in state.values())
        Network().load_state_dict(state, strict=True)


@pytest.mark.parametrize("kind", SETTINGS)
@pytest.mark.parametrize("at_epoch", [1, 5])
def test_resumed_average_goes_on_as_before(kind, at_epoch):
    network, average = built(kind)
    train(network, average, 1, at_epoch)
    file = io.BytesIO()
    torch.save([network.state_dict(), average.state_dict()], file)
    train(network, average, at_epoch + 1, 8)
    file.seek(0)
    weights, state = torch.load(file, weights_only=True)
    other_network, other = built(kind)
    other_network.load_state_dict(weights)
    other.load_state_dict(state)
    train(other_network, other, at_epoch + 1, 8)
    restored = [other.state(), *other.sets()]
    expected = [average.state(), *average.sets()]
    for one, two in zip(restored, expected, strict=True):
        assert all(torch.equal(one[name], two[name]) for name in two)
