"""Tests of the means of training.weight_averages that start by themselves."""

import io

import pytest
import torch
from torch import nn

from hepfold.core import settings_averages
from hepfold.training import weight_averages

# Distance from the best weight, zero, after each epoch: bad ones, then noise about it.
BAD_THEN_GOOD = [8.0, 8.0, 8.0, 8.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]


class Network(nn.Module):
    """One weight of each of two members, and a count that is not averaged."""

    def __init__(self, independent: bool = True):
        super().__init__()
        self.n_members, self.independent = 2, independent
        self.weight = nn.Parameter(torch.zeros(2, 1, 1))
        self.register_buffer("n_batches", torch.tensor([0, 0]))


def started(independent=True, **changes):
    settings = settings_averages.SelfStarting(
        **{"n_averages": 2, "restart_epochs": 2} | changes
    )
    network = Network(independent)
    return network, weight_averages.build(settings, network)


def loss_of(weights):
    """Squared distance from zero: an average of noise is better than any weight."""
    return weights["weight"].double().square().flatten()


def follow(network, average, first, *values, loss_of=loss_of):
    """Epochs from `first` on; values are of both members, or pairs."""
    kept = []
    for epoch, value in enumerate(values, first):
        with torch.no_grad():
            network.weight.copy_(torch.tensor(value).expand(2).reshape(2, 1, 1))
        network.n_batches += 1
        average.epoch_ended(epoch, ends_cycle=False)
        average.compare(loss_of)
        kept.append(average.state()["weight"].flatten().tolist())
    return kept


def test_bad_early_weights_are_left_out_without_a_first_epoch():
    network, average = started()
    state = follow(network, average, 1, *BAD_THEN_GOOD)[-1]
    plain = sum(BAD_THEN_GOOD) / len(BAD_THEN_GOOD)
    assert plain > 2 and abs(state[0]) <= 0.25
    assert average.state()["n_batches"].tolist() == [12, 12]


def test_the_means_begin_where_they_are_due_and_the_worse_begins_anew():
    """Falling weights: a later beginning is always better."""
    network, average = started()
    values = [float(10 - epoch) for epoch in range(1, 8)]
    states = follow(network, average, 1, *values)
    expected = [
        9.0,  # the first mean begins
        8.5,
        8.0,  # the second mean begins with 7, and is compared from the next epoch on
        6.5,  # its mean of 7 and 6, better than that of 9 to 6
        6.0,  # of 7 to 5; the first restarts with 5
        4.5,
        4.0,
    ]
    assert [state[0] for state in states] == pytest.approx(expected)
    assert average.n_seen[:, 0].tolist() == [3, 1]


def test_a_mean_that_stays_the_best_is_kept_and_challenged_less_often():
    """Rising weights: an earlier beginning is always better."""
    network, average = started()
    values = [float(epoch) for epoch in range(1, 12)]
    states = follow(network, average, 1, *values)
    means = [sum(values[:n]) / n for n in range(1, 12)]
    assert [state[0] for state in states] == pytest.approx(means)
    # The second mean begins in epochs 3 and 5, then four and six epochs later.
    assert average.n_seen[:, 0].tolist() == [11, 3]
    assert average.n_kept.tolist() == [2, 2]


@pytest.mark.parametrize("n_averages", [2, 3])
def test_each_member_has_its_own_beginning(n_averages):
    network, average = started(n_averages=n_averages)
    falling = [float(10 - epoch) for epoch in range(1, 8)]
    pairs = [(value, 10 - value) for value in falling]
    state = follow(network, average, 1, *pairs)[-1]
    assert state[1] == pytest.approx(4.0)  # the mean of 1 to 7
    assert state[0] < 5


def test_members_that_share_weights_begin_together():
    network, average = started(independent=False)

    def joint_loss(weights):
        return loss_of(weights).mean().expand(2)

    pairs = [(float(10 - epoch), float(epoch)) for epoch in range(1, 8)]
    follow(network, average, 1, *pairs, loss_of=joint_loss)
    assert torch.equal(average.n_seen[:, 0], average.n_seen[:, 1])


def test_a_loss_that_is_not_finite_is_the_worst():
    network, average = started()
    values = [1.0, 1.0, torch.nan, 1.0, 1.0]
    assert follow(network, average, 1, *values[:2])[-1] == [1.0, 1.0]
    follow(network, average, 3, *values[2:])
    # Both means of epoch 3 hold NaN; the first restarts in epoch 5.
    assert average.n_seen[:, 0].tolist() == [1, 3]
    assert follow(network, average, 6, 1.0)[-1] == [1.0, 1.0]


@pytest.mark.parametrize("at_epoch", [1, 3, 6])
def test_resumed_means_go_on_as_before(at_epoch):
    network, average = started()
    follow(network, average, 1, *BAD_THEN_GOOD[:at_epoch])
    file = io.BytesIO()
    torch.save([network.state_dict(), average.state_dict()], file)
    file.seek(0)
    weights, state = torch.load(file, weights_only=True)
    other_network, other = started()
    other_network.load_state_dict(weights)
    other.load_state_dict(state)
    rest = BAD_THEN_GOOD[at_epoch:]
    expected = follow(network, average, at_epoch + 1, *rest)
    assert follow(other_network, other, at_epoch + 1, *rest) == expected
