"""Tests of training.loop: learning, reproducibility and early stopping."""

import itertools
import math

import numpy as np
import pytest
import samples
import torch
from training_runs import finished, new_run

from hepfold.data import weights
from hepfold.models import ensembles
from hepfold.training import final_members, loop


def losses(history: list[dict], member: int, name: str = "validation_loss") -> list:
    return [row[name] for row in history if row["member"] == member]


@pytest.mark.slow
def test_loss_falls_and_the_ideal_auc_is_reached():
    events, unseen = samples.two_gaussians(4000), samples.two_gaussians(4000, seed=9)
    model, history = samples.train(events)
    for member in range(3):
        loss = losses(history, member, "loss")
        assert loss[-1] < 0.9 * loss[0]
    assert samples.auc(model, unseen) == pytest.approx(samples.ideal_auc(2.0), abs=0.01)


def test_same_seed_gives_same_scores():
    events = samples.two_gaussians(600)
    noisy = {"network": samples.NETWORK | {"dropout": 0.2}, "n_epochs": 2}
    first, again, other = (samples.train(events, s, **noisy)[0] for s in (1, 1, 2))
    score = first.score(events.inputs)
    np.testing.assert_array_equal(again.score(events.inputs), score)
    assert (other.score(events.inputs) != score).any()


@pytest.mark.parametrize("optimizer", samples.OPTIMIZERS)
def test_order_of_events_of_one_member_affects_no_other(monkeypatch, optimizer):
    changes = {
        "optimizer": samples.OPTIMIZERS[optimizer],
        "network": samples.NETWORK | {"depth": 2},
        "n_epochs": 2,
    }
    events = samples.two_gaussians(300)
    first = finished(new_run(events, **changes)).network.state_dict()
    drawn = loop.Run.event_order

    def other_order(run):
        order = drawn(run)
        order[1] = order[1].flip(0)
        return order

    monkeypatch.setattr(loop.Run, "event_order", other_order)
    second = finished(new_run(events, **changes)).network.state_dict()
    for name, values in first.items():
        assert torch.equal(values[[0, 2]], second[name][[0, 2]]), name
    assert not torch.equal(first["layers.0.0.weight"], second["layers.0.0.weight"])


def test_every_member_sees_every_event_once_in_a_different_order():
    order = new_run(samples.two_gaussians(50)).event_order()
    assert all(member.sort().values.tolist() == [*range(50)] for member in order)
    assert len({tuple(member.tolist()) for member in order}) == 3


def test_training_stops_when_validation_no_longer_improves():
    noise = samples.two_gaussians(300, distance=0.0)
    stopping = samples.STOPPING | {"patience": 3}
    _, history = samples.train(
        noise, n_epochs=200, stopping=stopping, learning_rate=0.05
    )
    best = {m: np.argmin(losses(history, m)) for m in range(3)}
    assert history[-1]["epoch"] == max(best.values()) + 1 + 3 < 100


def test_every_member_keeps_its_best_epoch():
    """The kept weights have the lowest validation loss of each member's history."""
    events = samples.two_gaussians(300, distance=0.5)
    validation = samples.two_gaussians(100, 5, distance=0.5)
    run = finished(new_run(events, validation, n_epochs=20, learning_rate=0.05))
    loss = run.validate(final_members.of(run)[0].weights)["validation_loss"]
    for member in range(3):
        of_member = losses(run.history, member)
        assert loss[member].item() == pytest.approx(min(of_member), rel=1e-6)
        assert of_member.index(min(of_member)) < len(of_member) - 1


@pytest.mark.parametrize("average", ["exponential", "stochastic", "self_starting"])
def test_averaged_weights_are_validated_and_kept(average):
    """The history, the best epoch and the final weights are those of the average."""
    events = samples.two_gaussians(300, distance=0.5)
    validation = samples.two_gaussians(200, 5, distance=0.5)
    changes = {"average": samples.AVERAGES[average], "learning_rate": 0.05}
    run = new_run(events, validation, n_epochs=8, **changes)
    states, raw, compare = [], [], run.average.compare

    def compare_and_keep(loss_of):
        compare(loss_of)
        states.append(run.average.state())
        raw.append({n: t.clone() for n, t in run.network.state_dict().items()})

    run.average.compare = compare_and_keep
    finished(run)
    averaged, current = (
        [run.validate(weights)["validation_loss"].tolist() for weights in kept]
        for kept in (states, raw)
    )
    for member in range(3):
        of_member = [loss[member] for loss in averaged]
        assert losses(run.history, member) == pytest.approx(of_member)
    assert averaged[2:] != current[2:]
    weights = final_members.of(run)[0].weights
    for member in range(3):
        best = np.argmin(losses(run.history, member))
        for name, values in weights.items():
            assert torch.equal(values[member], states[best][name][member])


@pytest.mark.parametrize(
    ("average", "schedule", "last"),
    [
        ("none", "one_cycle", 3),
        ("exponential", "one_cycle", 12),
        ("exponential", "constant", 3),
        ("exponential", "cosine", 4),
        ("snapshots", "cosine", 3),
    ],
)
def test_a_mean_of_weights_is_stopped_at_the_end_of_a_cycle(
    average, schedule, last, monkeypatch
):
    run = new_run(
        samples.two_gaussians(64),
        samples.two_gaussians(20, 5),
        average=samples.AVERAGES[average],
        schedule=samples.SCHEDULES[schedule]
        | ({"n_epochs": 4} if schedule == "cosine" else {}),
        stopping=samples.STOPPING | {"patience": 2},
        n_epochs=12,
    )
    flat = {"validation_loss": torch.ones(3), "validation_auc": torch.ones(3)}
    monkeypatch.setattr(run, "validate", lambda weights: flat)
    assert finished(run).history[-1]["epoch"] == last


def test_without_validation_the_last_weights_are_taken():
    events = samples.two_gaussians(300, distance=0.0)
    _, history = samples.train(
        events,
        validation_fraction=0.0,
        n_epochs=12,
        stopping=samples.STOPPING | {"patience": 1},
        learning_rate=0.05,
    )
    assert history[-1]["epoch"] == 12
    assert {row["validation_loss"] for row in history} == {None}
    run = finished(new_run(events, learning_rate=0.3, n_epochs=12))
    assert any(
        min(loss) < loss[-1]
        for loss in (losses(run.history, i, "loss") for i in range(3))
    )
    weights = final_members.of(run)[0].weights
    for name, last in run.network.state_dict().items():
        assert torch.equal(weights[name], last)


@pytest.mark.parametrize("kind", ["mlp", "tabm"])
def test_members_follow_individual_losses_or_their_mean(kind):
    run = new_run(samples.two_gaussians(64), kind=kind, n_epochs=1)
    batch = torch.arange(64).expand(3, -1)
    data = run.train_data
    run.network.train()
    loss = run.member_losses(data.x[batch], data.label[batch], data.weight[batch], None)
    loss_to_minimize = loss.mean() if kind == "tabm" else loss.mean(1).sum()
    names, parameters = zip(*run.network.named_parameters(), strict=True)
    expected = torch.autograd.grad(loss_to_minimize, parameters)
    run.update(0, batch)
    for name, parameter, gradient in zip(names, parameters, expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, msg=name)


def test_validation_loss_is_the_weighted_mean_without_dropout(monkeypatch):
    monkeypatch.setitem(ensembles.SCORING_BATCH, "cpu", 30)
    events, validation = samples.two_gaussians(100), samples.two_gaussians(80, 5)
    run = new_run(events, validation, network=samples.NETWORK | {"dropout": 0.5})
    loss = run.validate(run.network.state_dict())["validation_loss"]
    run.network.eval()
    logit = run.network(run.validation_data.x.expand(3, -1, -1)).detach()
    score = logit.sigmoid().numpy()
    likelihood = np.where(validation.label == 1, score, 1 - score)
    weight = run.validation_data.weight.numpy()
    expected = -np.average(np.log(likelihood), axis=1, weights=weight)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_an_event_of_weight_w_is_w_events():
    events = samples.two_gaussians(200)
    copies = np.random.default_rng(1).integers(1, 4, 200)
    weighted = events.with_weight(copies.astype("f4"))
    repeated = weighted.take(np.repeat(np.arange(200), copies))
    repeated = repeated.with_weight(np.ones(len(repeated), "f4"))
    full = {"batch_size": 1000, "n_epochs": 1, "prepared_by": events}
    one, other = (new_run(part, **full) for part in (weighted, repeated))
    for run in (one, other):
        finished(run)
    for loss, same in zip(one.history, other.history, strict=True):
        assert loss["loss"] == pytest.approx(same["loss"], rel=1e-5)
    for first, second in zip(
        one.network.parameters(), other.network.parameters(), strict=True
    ):
        torch.testing.assert_close(first.grad, second.grad, rtol=1e-3, atol=1e-6)


def test_mislabelled_events_without_weight_leave_the_scores_good():
    events = samples.two_gaussians(2000)
    label, weight = events.label.copy(), events.weight.copy()
    label[::2], weight[::2] = 1 - label[::2], 0
    model, _ = samples.train(samples.events_of(events.inputs, label, weight))
    assert samples.auc(model, events) > 0.9


def test_classes_are_scaled_to_the_same_sum():
    events = samples.two_gaussians(300)
    factor = np.where(events.label == 1, 8.0, 0.25)
    scaled = events.with_weight((events.weight * factor).astype("f4"))
    first, second = (samples.train(part, n_epochs=2)[0] for part in (events, scaled))
    np.testing.assert_allclose(
        second.score(events.inputs), first.score(events.inputs), rtol=1e-3
    )
    balanced = weights.balanced(scaled)
    sums = [balanced.weight[balanced.label == i].sum() for i in (0, 1)]
    np.testing.assert_allclose(sums, 150)


@pytest.mark.parametrize("smoothing", [0.0, 0.4])
def test_least_loss_is_the_entropy_of_the_smoothed_labels(smoothing):
    """One input, three times signal: p is 3/4, and nearer to 1/2 with smoothing."""
    x, label = torch.zeros(1, 4, 1), torch.tensor([[1.0, 1, 1, 0]])
    run = new_run(samples.two_gaussians(40), label_smoothing=smoothing)
    target = 0.75 * (1 - smoothing) + smoothing / 2
    logit = torch.full((1, 4), math.log(target / (1 - target)), requires_grad=True)
    run.network = lambda x: logit
    loss = run.member_losses(x, label, torch.ones(1, 4), None).mean()
    loss.backward()
    entropy = -target * math.log(target) - (1 - target) * math.log(1 - target)
    values = [loss.item(), logit.grad.sum().item()]
    assert values == pytest.approx([entropy, 0], abs=3e-7)


@pytest.mark.slow
def test_smoothing_pulls_the_scores_to_one_half():
    events = samples.two_gaussians(2000, distance=30.0)  # far from the border
    model, _ = samples.train(events, label_smoothing=0.4, n_epochs=10)
    score = model.score(events.inputs)
    means = [score[events.label == value].mean() for value in (1, 0)]
    assert means == pytest.approx([0.8, 0.2], abs=0.02)


def test_history_has_rate_and_losses_of_every_member_and_epoch():
    schedule = samples.SCHEDULES["cosine"] | {"n_epochs": 2}
    settings = {"schedule": schedule, "n_epochs": 2, "n_members": 2}
    run = finished(new_run(samples.two_gaussians(128), **settings))
    places = [(row["epoch"], row["member"]) for row in run.history]
    assert places == [*itertools.product([1, 2], [0, 1])]
    # There are two updates per epoch; the history has the rate of the last one.
    for row, update in zip(run.history[::2], (1, 3), strict=True):
        assert row["learning_rate"] == run.schedule.at(update)[0]
