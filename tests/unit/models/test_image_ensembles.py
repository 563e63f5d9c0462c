"""Tests of models.image_ensembles.

Training, storage and saliency of image networks.
"""

import dataclasses

import class_samples
import numpy as np
import pytest
import samples
import torch

from hepfold.core import columns, logs
from hepfold.data import event_arrays
from hepfold.models import image_ensembles, zoo
from hepfold.training import checkpoints, fit, training_data

# Training convolutions takes a second or two each time.
pytestmark = pytest.mark.slow

EVENTS = samples.with_category(samples.two_gaussians(600, distance=3.0))
OTHERS = samples.with_category(samples.two_gaussians(400, seed=1, distance=3.0))
SCHEMA = samples.schema(5, n_values=(3,))
IMAGES = {
    "encoding": "blocks",
    "size": 16,
    "order": "file",
    "grouped": False,
    "font_size": None,
    "decimals": 1,
}
NETWORK = {
    "backbone": "se_resnet",
    "head_width": 16,
    "dropout": 0.1,
    "frozen_epochs": 0,
    "body_rate_factor": 1.0,
}
OTHERS_HAVE = ("preparation", "symmetry")
BASE = {k: v for k, v in samples.MODEL.items() if k not in OTHERS_HAVE} | {
    "kind": "supertml",
    "n_members": 2,
    "images": IMAGES,
    "network": NETWORK,
    "n_epochs": 3,
}


class KilledError(Exception):
    """Interrupts a training in a test."""


def record(**changes) -> dict:
    return samples.record(base=BASE, **changes)


def preparation_of(schema, **changes) -> image_ensembles.ImagePreparation:
    model = samples.model(base=BASE, **changes)
    kind = image_ensembles.ImageEnsemble
    return kind.fitted_preparation(schema, model, EVENTS, 1)


def train(path, events: event_arrays.Events = EVENTS, seed=1, **changes):
    """A short training: the model and its history."""
    place = checkpoints.Place(str(path / "state"), {})
    model = samples.model(base=BASE, **changes)
    return fit.train(events, SCHEMA, model, samples.TRAINING, seed, place)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train(tmp_path_factory.mktemp("trained"))


def test_it_learns_where_the_signal_is(trained):
    model, history = trained
    assert samples.auc(model, OTHERS) > samples.ideal_auc(3.0) - 0.02
    assert [row["epoch"] for row in history] == [1, 1, 2, 2, 3, 3]


def test_one_seed_gives_one_model(trained, tmp_path):
    again, _ = train(tmp_path)
    other, _ = train(tmp_path, seed=2)
    score = trained[0].score(OTHERS.inputs)
    np.testing.assert_array_equal(again.score(OTHERS.inputs), score)
    assert np.abs(other.score(OTHERS.inputs) - score).max() > 1e-4


@pytest.mark.parametrize(
    "images",
    [IMAGES, IMAGES | {"encoding": "text_importance", "size": 64, "font_size": 14}],
    ids=["blocks", "text"],
)
def test_a_loaded_model_gives_the_same_scores(tmp_path, images):
    model, _ = train(tmp_path, EVENTS.rows(0, 100), images=images, n_epochs=1)
    path = str(tmp_path / "model.safetensors")
    zoo.save(path, model, record(images=images))
    loaded = zoo.load(path, "cpu")
    np.testing.assert_array_equal(
        loaded.score(OTHERS.inputs), model.score(OTHERS.inputs)
    )


def test_the_score_is_the_mean_of_members_and_of_no_other_events(trained):
    model, _ = trained
    members = model.member_scores(OTHERS.inputs)
    assert members.shape == (2, len(OTHERS))
    assert np.abs(members[0] - members[1]).max() > 1e-3
    score = model.score(OTHERS.inputs)
    np.testing.assert_allclose(members.mean(0), score, atol=1e-6)
    np.testing.assert_allclose(model.score(OTHERS.inputs[:7]), score[:7], atol=1e-6)


def test_the_most_important_feature_is_printed_largest(tmp_path):
    images = IMAGES | {"encoding": "text_importance", "size": 64}
    preparation = preparation_of(SCHEMA, images=images)
    sizes = preparation.encoder.font_sizes
    assert sizes.argmax() == 0 and sizes[0] > sizes[1:].max()


def test_derived_features_stand_apart_where_they_are_grouped():
    schema = dataclasses.replace(SCHEMA, derived=(3,))
    images = IMAGES | {"grouped": True}
    boxes = preparation_of(schema, images=images).encoder.boxes
    tops = boxes[:, 1].tolist()
    assert tops[3] == 0 and set(tops[:3] + tops[4:]) == {8}


def heads_first(**changes):
    return {
        "network": NETWORK | {"frozen_epochs": 2, "body_rate_factor": 3.0},
        **changes,
    }


def test_heads_are_trained_alone_first(tmp_path, monkeypatch):
    outcomes = []
    train_heads = fit.train_heads

    def spy(ensemble, *rest):
        before = {n: p.clone() for n, p in ensemble.network.named_parameters()}
        train_heads(ensemble, *rest)
        for name, parameter in ensemble.network.named_parameters():
            assert parameter.requires_grad
            outcomes.append((".head." in name, torch.equal(parameter, before[name])))

    monkeypatch.setattr(fit, "train_heads", spy)
    train(tmp_path, **heads_first())
    assert set(outcomes) == {(True, False), (False, True)}


def test_earlier_stages_learn_slower():
    preparation = preparation_of(SCHEMA)
    model = samples.model(base=BASE, **heads_first())
    ensemble = image_ensembles.ImageEnsemble.assembled(
        preparation, model, 1, samples.TRAINING
    )
    data = [training_data.prepared(ensemble, EVENTS)] * 2
    run = fit.new_run(ensemble, data, model, samples.TRAINING)
    run.optimizer.set(0.9, None)
    groups = [g for part in run.optimizer.parts for g in part.param_groups]
    rates = {id(p): g["lr"] for g in groups for p in g["params"]}
    (member,) = ensemble.network.members
    of_stage = [rates[id(next(stage.parameters()))] for stage in member.body]
    assert rates[id(member.head[-1].weight)] == 0.9
    np.testing.assert_allclose(of_stage, [0.9 / 27, 0.9 / 9, 0.9 / 3])


SMALL = {"events": EVENTS.rows(0, 300), **heads_first(batch_size=64, n_members=1)}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return train(tmp_path_factory.mktemp("undisturbed"), **SMALL)


# In the training of the heads, and in the middle of that of all weights.
@pytest.mark.parametrize("n_updates", [3, 17])
def test_a_killed_training_ends_as_one_that_was_let_alone(
    undisturbed, tmp_path, monkeypatch, n_updates
):
    monkeypatch.setattr(checkpoints, "SAVE_EVERY_S", 0.0)
    expected, history = undisturbed
    save, done = checkpoints.Keeper.save, []

    def save_and_die(keeper, run):
        save(keeper, run)
        done.append(keeper)
        if len(done) == n_updates:
            raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(checkpoints.Keeper, "save", save_and_die)
        train(tmp_path, **SMALL)
    resumed, resumed_history = train(tmp_path, **SMALL)
    assert resumed_history == history
    np.testing.assert_array_equal(
        resumed.score(OTHERS.inputs), expected.score(OTHERS.inputs)
    )


def test_muon_finds_no_matrices(tmp_path):
    muon = samples.OPTIMIZERS["muon"]
    with pytest.raises(logs.InputError, match="hidden matrices"):
        train(tmp_path, optimizer=muon)


def test_the_cell_of_the_feature_with_the_signal_matters_most(trained):
    model, _ = trained
    saliency = image_ensembles.saliency(model, model.prepared(OTHERS.inputs[:50]))
    assert saliency.shape == (5,)
    assert saliency.argmax() == 0 and saliency[0] > 2 * saliency[1:].max()


def test_black_cells_have_no_saliency(trained):
    model, _ = trained
    missing = np.full_like(OTHERS.inputs[:5], np.nan)
    saliency = image_ensembles.saliency(model, model.prepared(missing))
    np.testing.assert_array_equal(saliency, 0.0)


def test_images_of_several_classes_are_told_apart(tmp_path):
    events = class_samples.events(600)
    model = samples.model(base=BASE, **class_samples.MODEL)
    place = checkpoints.Place(str(tmp_path / "state"), {})
    schema = class_samples.schema()
    ensemble, _ = fit.train(events, schema, model, samples.TRAINING, 1, place)
    probability = ensemble.class_probabilities(events.inputs)
    np.testing.assert_allclose(probability.sum(axis=0), 1)
    code = events.extra[columns.CLASS]
    assert (probability.argmax(axis=0) == code).mean() > 0.4
    saliency = image_ensembles.saliency(ensemble, ensemble.prepared(events.inputs[:50]))
    assert saliency[:2].min() > saliency[2:].max()
