"""Tests of training.autoencoders: pretraining layer by layer."""

import numpy as np
import pytest
import samples
import torch

from hepfold.data import event_arrays, weights
from hepfold.models import ensembles
from hepfold.training import autoencoders, fit, loop, training_data

NETWORK = samples.NETWORK | {"activation": "tanh", "depth": 2, "width": 4}


def two_degrees(n: int) -> event_arrays.Events:
    """Six linear functions of two variables, which four units can encode."""
    rng = np.random.default_rng(3)
    inputs = rng.uniform(-1, 1, (n, 2)) @ rng.normal(size=(2, 6))
    return samples.events_of(inputs, rng.integers(0, 2, n))


def new_pretraining(n_epochs=10, **network) -> autoencoders.Pretraining:
    """The pretraining of two layers, before its first update."""
    layers = NETWORK | {"pretrained_epochs": n_epochs} | network
    model = samples.model(network=layers)
    events = two_degrees(800)
    torch.manual_seed(1)
    kind = ensembles.Ensemble
    preparation = kind.fitted_preparation(samples.schema(6), model, events, seed=1)
    ensemble = kind.assembled(preparation, model, 3, samples.TRAINING)
    parts = events.rows(0, 600), events.rows(600, 800)
    data = [training_data.prepared(ensemble, weights.balanced(part)) for part in parts]
    return autoencoders.Pretraining(
        ensemble.network, data, model, samples.TRAINING, lambda batch: batch
    )


def validation_losses(run: loop.Run) -> list[float]:
    return [row["validation_loss"] for row in run.history if row["member"] == 0]


def finished(pretraining: autoencoders.Pretraining) -> list[loop.Run]:
    """The finished trainings of all layers."""
    runs = []
    pretraining.finish(
        lambda one: runs.append(one.run) if one.run not in runs else None
    )
    return runs


@pytest.mark.slow
def test_inputs_with_two_degrees_of_freedom_are_reconstructed():
    """Standardized features, so an untrained autoencoder has a loss of about one."""
    runs = finished(new_pretraining(n_epochs=30))
    assert [run.network.i_layer for run in runs] == [0, 1]
    for run in runs:
        losses = validation_losses(run)
        assert len(losses) == 30
        assert losses[-1] < 0.1 * losses[0]
    assert validation_losses(runs[0])[-1] < 0.05


@pytest.mark.slow
def test_one_layer_is_trained_at_a_time_and_the_output_never():
    pretraining = new_pretraining(n_epochs=1)
    seen = {}

    def keep(one):
        layer = one.run.network.i_layer
        state = {n: t.clone() for n, t in one.network.state_dict().items()}
        seen.setdefault(layer, []).append(state)

    before = {n: t.clone() for n, t in pretraining.network.state_dict().items()}
    pretraining.finish(keep)
    for name, tensor in before.items():
        part = name.split(".")[:2]
        for i_layer, states in seen.items():
            moved = not torch.equal(states[0][name], states[-1][name])
            assert moved == (part == ["layers", str(i_layer)]), (name, i_layer)
        if name.startswith("output"):
            assert torch.equal(tensor, pretraining.network.state_dict()[name])
    assert all(
        parameter.requires_grad for parameter in pretraining.network.parameters()
    )


@pytest.mark.slow
def test_the_loss_is_the_squared_error_of_the_inputs():
    network = new_pretraining().run.network
    x = torch.randn(3, 50, 6)
    with torch.no_grad():
        network.decoder.weight.zero_()
        network.decoder.bias.fill_(0.5)
    torch.testing.assert_close(network(x), (x - 0.5).square().mean(2))


def test_layers_below_have_no_dropout():
    pretraining = new_pretraining(n_epochs=1, dropout=0.5)
    pretraining.start(1)
    network = pretraining.run.network.train()
    assert [layer.training for layer in pretraining.network.layers] == [False, True]
    pretraining.run.network.layer.train(False)
    x = torch.randn(3, 50, 6)
    assert torch.equal(network(x), network(x))


def test_the_momentum_starts_anew_with_every_layer():
    pretraining = new_pretraining(n_epochs=1)
    pretraining.model = samples.model(
        schedule=samples.SCHEDULES["decay"],
        optimizer=samples.OPTIMIZERS["sgd"],
        network=NETWORK | {"pretrained_epochs": 1},
        n_epochs=1,
    )
    for i_layer in (0, 1):
        pretraining.start(i_layer)
        assert pretraining.run.schedule.at(0) == (0.01, 0.85)
        pretraining.run.finish(lambda run: None)


def test_the_pretrained_network_is_the_one_that_learns_labels(monkeypatch):
    """Its first weights are those after pretraining."""
    left = []
    pretrain = fit.pretrain

    def keep(ensemble, *rest):
        pretrain(ensemble, *rest)
        left.append({n: t.clone() for n, t in ensemble.network.state_dict().items()})

    monkeypatch.setattr(fit, "pretrain", keep)
    model, history = samples.train(
        two_degrees(300),
        network=NETWORK | {"pretrained_epochs": 2},
        learning_rate=1e-12,
        n_epochs=1,
        validation_fraction=0.0,
    )
    assert {row["epoch"] for row in history} == {1}
    for name, tensor in model.network.state_dict().items():
        torch.testing.assert_close(tensor, left[0][name], rtol=0, atol=1e-6)
