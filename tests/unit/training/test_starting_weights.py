"""Tests of training.starting_weights: networks that start from those of another."""

import numpy as np
import pytest
import samples
import torch

from hepfold.core import logs, settings_layers
from hepfold.models import feature_schema, networks, starts
from hepfold.training import checkpoints, fit, loop, starting_weights

# Two categories: the events have codes of three and of two values.
SCHEMA = samples.schema(6, n_values=(3, 2))
EMBEDDED = samples.NETWORK | {"embedding_size": 2, "width": 8}
# Steps so small that single precision shows no change.
UNMOVED = {"learning_rate": 1e-30, "n_epochs": 1}


def sample(seed: int = 0):
    events = samples.with_category(samples.two_gaussians(200, seed))
    code = np.arange(len(events)) % 2
    return samples.events_of(np.c_[events.inputs, code], events.label, events.weight)


EVENTS = sample()


def settings_of(part="all", frozen_epochs=0):
    return {"model": "other", "part": part, "frozen_epochs": frozen_epochs}


def start_from(model, part="all", schema=SCHEMA, values=None, **changes):
    """The start from a trained model."""
    start = settings_layers.StartFrom(**settings_of(part, **changes))
    return starts.Start(start, model.arrays(), schema, values or {})


def train(start=None, events=EVENTS, schema_=SCHEMA, **changes):
    changes = {"n_epochs": 2, "network": EMBEDDED} | changes
    if start:
        chosen = start.settings
        changes["start_from"] = settings_of(chosen.part, chosen.frozen_epochs)
    return samples.train(events, schema_=schema_, start=start, **changes)[0]


@pytest.fixture(scope="module")
def other():
    """The model that others start from, trained on other events."""
    return train(events=sample(5), seed=4)


@pytest.mark.parametrize("kind", networks.NETWORKS)
def test_all_starts_with_the_scores_of_the_other_model(kind):
    """Also with the scaling of features of its events."""
    other = train(events=sample(5), seed=4, kind=kind)
    model = train(start_from(other), kind=kind, **UNMOVED)
    expected = other.score(EVENTS.inputs)
    np.testing.assert_array_equal(model.score(EVENTS.inputs), expected)
    random = train(kind=kind, **UNMOVED).score(EVENTS.inputs)
    assert np.abs(random - expected).max() > 0.01


@pytest.mark.parametrize(
    ("part", "taken"),
    [
        ("all", {"categories", "layers", "output", "wide"}),
        ("body", {"categories", "layers"}),
        ("embeddings", {"categories"}),
    ],
)
def test_a_part_is_taken_and_the_rest_is_random(part, taken):
    changes = {"kind": "wide_deep"}
    other = train(events=sample(5), seed=4, **changes)
    model = train(start_from(other, part), **changes | UNMOVED)
    random = train(**changes | UNMOVED)
    for name, values in model.network.named_parameters():
        source = other if name.split(".")[0] in taken else random
        expected = source.network.get_parameter(name)
        torch.testing.assert_close(values, expected, rtol=0, atol=1e-20, msg=name)
    with_scaling = other if part != "embeddings" else random
    for name, values in model.preparation.arrays().items():
        expected = with_scaling.preparation.arrays()[name]
        np.testing.assert_array_equal(values, expected)


def test_embeddings_are_those_of_the_feature_of_the_same_name(other):
    """The other model has the categories in another order."""
    order = [0, 1, 2, 3, 5, 4]
    features = tuple(SCHEMA.features[i] for i in order)
    turned = feature_schema.Schema(features, (2, 3), (), SCHEMA.units, True)
    arrays = EVENTS.inputs[:, order]
    events = samples.events_of(arrays, EVENTS.label, EVENTS.weight)
    start = start_from(other, "embeddings")
    model = train(start, events, turned, **UNMOVED)
    for i, j in ((0, 1), (1, 0)):
        ours, theirs = (m.network.categories.tables for m in (model, other))
        assert torch.equal(ours[i], theirs[j])


def test_members_take_those_of_the_other_model_in_turn(other):
    model = train(start_from(other), n_members=5, **UNMOVED)
    theirs = other.member_scores(EVENTS.inputs)
    np.testing.assert_allclose(
        model.member_scores(EVENTS.inputs), theirs[[0, 1, 2, 0, 1]], rtol=1e-6
    )


@pytest.mark.parametrize("part", ["body", "embeddings"])
def test_weights_are_frozen_for_a_number_of_epochs(monkeypatch, other, part):
    run_steps, finish = [], loop.Run.finish

    def finish_and_keep(run, save):
        finish(run, save)
        state = {n: t.clone() for n, t in run.network.state_dict().items()}
        run_steps.append((run.model.n_epochs, state))

    monkeypatch.setattr(loop.Run, "finish", finish_and_keep)
    train(start_from(other, part, frozen_epochs=3))
    (n_frozen, frozen), (n_epochs, trained) = run_steps
    assert (n_frozen, n_epochs) == (3, 2)
    taken = starting_weights.names_of(other.network, part)
    theirs = other.network.state_dict()
    for name, values in frozen.items():
        assert torch.equal(values, theirs[name]) == (name in taken), name
        assert not torch.equal(values, trained[name]), name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"network": EMBEDDED | {"width": 9}},
            "layer layers.0.0.weight has shape (8, 8) there and (8, 9) here",
        ),
        (
            {"network": EMBEDDED | {"depth": 2}},
            "it has no layer layers.1.0.weight",
        ),
        (
            {"network": EMBEDDED | {"embedding_size": 3}},
            "layer categories.tables.0 has shape (3, 2) there and (3, 3) here",
        ),
    ],
)
def test_layers_that_do_not_fit_are_named_with_both_shapes(other, changes, message):
    with pytest.raises(logs.InputError) as error:
        train(start_from(other), **changes)
    assert str(error.value).startswith(f"start_from: other does not fit: {message}; ")


def test_shared_weights_fit_only_as_a_whole():
    other = train(kind="tabm")
    with pytest.raises(logs.InputError, match=r"has shape \(3, .* there and \(4, "):
        train(start_from(other), kind="tabm", n_members=4)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            feature_schema.Schema(
                ("y0", *SCHEMA.features[1:]), (3, 2), (), SCHEMA.units, True
            ),
            "only one of them has x0",
        ),
        (
            samples.schema(6, (3, 2), bodies=((0, 1, 2),)),
            "the bodies of the data sets, their order or units differ",
        ),
    ],
)
def test_other_features_or_bodies_are_rejected(other, schema, message):
    with pytest.raises(logs.InputError, match=f"other does not fit: {message}"):
        train(start_from(other, schema=schema))


def test_embeddings_need_the_feature_and_a_table(other):
    renamed = feature_schema.Schema(
        (*SCHEMA.features[:5], "y"), (3, 2), (), SCHEMA.units, True
    )
    with pytest.raises(logs.InputError, match="it has no categorical feature x5"):
        train(start_from(other, "embeddings", schema=renamed))
    with pytest.raises(logs.InputError, match="network has no embeddings; set"):
        train(start_from(other, "embeddings"), network=samples.NETWORK)


class KilledError(Exception):
    """Interrupts a training in a test."""


@pytest.mark.parametrize("n_updates", [4, 9])
def test_a_killed_training_resumes_in_either_step(
    other, monkeypatch, tmp_path, n_updates
):
    """Frozen epochs have six updates; a start from other weights does not resume."""
    start = start_from(other, "body", frozen_epochs=2)
    expected = train(start)
    monkeypatch.setattr(checkpoints, "SAVE_EVERY_S", 0.0)
    path, save, done = tmp_path / "model.state", checkpoints.Keeper.save, []

    def save_and_die(keeper, run):
        save(keeper, run)
        done.append(run)
        if len(done) == n_updates:
            raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(checkpoints.Keeper, "save", save_and_die)
        train(start, state_path=path)
    state, updates = path.read_bytes(), loop.Run.update
    counted = []

    def count(run, *arguments):
        counted.append(run)
        updates(run, *arguments)

    monkeypatch.setattr(loop.Run, "update", count)
    resumed = train(start, state_path=path)
    assert len(counted) == 12 - n_updates
    for name, values in expected.network.state_dict().items():
        assert torch.equal(resumed.network.state_dict()[name], values), name
    path.write_bytes(state)
    counted.clear()
    train(start_from(train(seed=9), "body", frozen_epochs=2), state_path=path)
    assert len(counted) == 12 + 6


def test_without_a_start_all_weights_are_trained_at_once():
    assert fit.first_step_of(samples.model()) is None
