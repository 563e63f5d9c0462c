"""Tests of models.member_weights: weights of members in every mean score."""

import dataclasses

import class_samples
import numpy as np
import pytest
import samples
import torch

from hepfold.analysis import feature_importance
from hepfold.core import logs, metrics
from hepfold.models import member_weights, onnx_export, zoo

WEIGHTED = {"member_weights": "inverse_loss", "n_members": 4}
KINDS = {
    "mlp": {"kind": "mlp", "n_epochs": 3},
    "tabm": {"kind": "tabm", "n_epochs": 3},
    "snapshots": {
        "average": samples.AVERAGES["snapshots"],
        "schedule": samples.SCHEDULES["cosine"],
        "n_epochs": 3,
    },
    "xgboost": {"base": samples.FOREST},
}
EVENTS = samples.two_gaussians(300)


def trained(name: str, **changes):
    return samples.train(EVENTS, **KINDS[name] | WEIGHTED | changes)


@pytest.fixture(scope="module", params=KINDS)
def weighted(request):
    """A model of each kind with the history of its training."""
    return request.param, *trained(request.param)


def test_weights_are_inverse_to_losses():
    weight = member_weights.of_losses(np.array([1.0, 2.0, 4.0]))
    np.testing.assert_allclose(weight, np.array([4, 2, 1]) * 3 / 7)
    np.testing.assert_array_equal(member_weights.of_losses(np.full(3, 0.4)), 1.0)


@pytest.mark.parametrize("loss", [0.0, -0.1, np.nan])
def test_a_loss_that_is_not_positive_is_rejected(loss):
    with pytest.raises(logs.InputError, match="set member_weights to equal"):
        member_weights.of_losses(np.array([0.5, loss]))


def test_equal_weights_are_plain_means_to_the_last_bit():
    score = np.random.default_rng(1).random((4, 2, 50))
    np.testing.assert_array_equal(member_weights.mean(score, None), score.mean(0))
    tensor = torch.from_numpy(score)
    assert torch.equal(member_weights.tensor_mean(tensor, None), tensor.mean(0))


@pytest.mark.parametrize("n_groups", [1, 2, 4])
def test_the_mean_of_groups_is_the_weighted_mean_of_members(n_groups):
    draw = np.random.default_rng(2)
    score, weight = draw.random((4, 50)), draw.random(4)
    by_group = member_weights.in_groups(weight, n_groups)
    parts = score.reshape(-1, n_groups, 50)
    groups = member_weights.mean(parts, by_group)
    np.testing.assert_allclose(
        member_weights.mean_of_groups(groups, weight),
        np.average(score, axis=0, weights=weight),
    )
    of_tensor = member_weights.tensor_mean(torch.from_numpy(parts), by_group)
    np.testing.assert_allclose(of_tensor, groups)


@pytest.mark.parametrize("name", ["mlp", "xgboost"])
def test_probabilities_of_classes_are_weighted(name):
    """They are the weighted mean of the probabilities by each member."""
    events = class_samples.events(600)
    changes = {key: value for key, value in KINDS[name].items() if key != "base"}
    base = KINDS[name].get("base", samples.MODEL)
    model, _ = class_samples.train(events, base=base, **WEIGHTED | changes)
    weight = model.member_weight
    of_member = [
        dataclasses.replace(model, member_weight=np.eye(4)[i]) for i in range(4)
    ]
    inputs = events.inputs
    members = np.array([single.class_probabilities(inputs) for single in of_member])
    expected = np.average(members, axis=0, weights=weight)
    probability = model.class_probabilities(inputs)
    np.testing.assert_allclose(probability, expected, rtol=1e-9)
    np.testing.assert_allclose(probability.sum(axis=0), 1, rtol=1e-9)
    assert np.abs(members[0] - members[1]).max() > 1e-3


def test_weights_are_of_the_first_dimensions():
    """Groups of members, of which each has probabilities of as many classes."""
    draw = np.random.default_rng(3)
    score, weight = draw.random((3, 3, 3, 50)), draw.random((3, 3))
    expected = np.einsum("mgce,mg->gce", score, weight / weight.sum(axis=0))
    np.testing.assert_allclose(member_weights.mean(score, weight), expected)
    of_tensor = member_weights.tensor_mean(torch.from_numpy(score), weight)
    np.testing.assert_allclose(of_tensor, expected)


@pytest.mark.slow
def test_members_are_weighted_by_their_losses_at_the_best_epoch(weighted):
    name, model, history = weighted
    weight = model.member_weight
    assert weight.shape == (model.n_members,) and np.ptp(weight) > 1e-4
    if name == "snapshots":
        # Each member at the ends of the last two epochs.
        rows = sorted(history, key=lambda row: (row["epoch"], row["member"]))
        lowest = [row["validation_loss"] for row in rows[-8:]]
    else:
        best = {}
        for row in history:
            loss, before = row["validation_loss"], best.get(row["member"], np.inf)
            best[row["member"]] = min(loss, before)
        lowest = [best[member] for member in range(4)]
    if name != "tabm":  # whose members have one best epoch, not that of each
        expected = member_weights.of_losses(np.array(lowest))
        np.testing.assert_allclose(weight, expected, rtol=1e-6)


def test_scores_and_groups_are_weighted(weighted):
    _, model, _ = weighted
    members, weight = model.member_scores(EVENTS.inputs), model.member_weight
    score = model.score(EVENTS.inputs)
    expected = np.average(members, axis=0, weights=weight)
    np.testing.assert_allclose(score, expected, rtol=1e-6)
    assert np.abs(score - members.mean(0)).max() > 1e-7
    groups = model.group_scores(EVENTS.inputs, 2)
    for i, group in enumerate(groups):
        expected = np.average(members[i::2], axis=0, weights=weight[i::2])
        np.testing.assert_allclose(group, expected, rtol=1e-6)


def test_a_stored_model_keeps_its_weights(weighted, tmp_path):
    name, model, _ = weighted
    path = str(tmp_path / "model.safetensors")
    zoo.save(path, model, samples.record(**KINDS[name] | WEIGHTED))
    again = zoo.load(path, "cpu")
    np.testing.assert_array_equal(again.member_weight, model.member_weight)
    expected = model.score(EVENTS.inputs)
    np.testing.assert_array_equal(again.score(EVENTS.inputs), expected)


@pytest.mark.parametrize("name", ["mlp", "xgboost"])
def test_equal_weights_are_not_stored(name):
    model, _ = trained(name, member_weights="equal")
    assert model.member_weight is None
    assert member_weights.ARRAY not in model.arrays()


def test_the_module_for_export_gives_the_weighted_score(weighted):
    name, model, _ = weighted
    if name == "xgboost":
        pytest.skip("its trees are added after the export")
    score = model.scoring_module((0,)).eval()(model.prepared(EVENTS.inputs))
    expected = model.score(EVENTS.inputs)
    np.testing.assert_allclose(score.detach().numpy(), expected, atol=1e-6)


@pytest.mark.analyses
@pytest.mark.parametrize("name", ["mlp", "xgboost"])
def test_the_exported_score_is_weighted(name):
    model, _ = trained(name)
    exported = onnx_export.exported([model], onnx_export.InputFormat({}), {})
    onnx_export.checked_difference(
        exported, [model], onnx_export.InputFormat({}), EVENTS.inputs
    )


def test_importance_is_that_of_the_weighted_score(weighted):
    _, model, _ = weighted
    aucs = feature_importance.aucs(model, EVENTS, EVENTS.inputs)
    score = model.score(EVENTS.inputs)
    weight = EVENTS.weight.astype("f8")
    expected = metrics.auc(score, EVENTS.label, weight)
    assert aucs[0] == pytest.approx(expected, abs=1e-9)
    value = np.array([EVENTS.inputs[0, 1]])
    dependence = feature_importance.partial_dependence(model, EVENTS, 1, value)
    inputs = EVENTS.inputs.copy()
    inputs[:, 1] = value
    balanced = np.where(EVENTS.label == 1, 1 / weight[EVENTS.label == 1].sum(), 0)
    balanced += np.where(EVENTS.label == 0, 1 / weight[EVENTS.label == 0].sum(), 0)
    expected = np.average(model.score(inputs), weights=balanced * weight)
    assert dependence[0] == pytest.approx(expected, rel=1e-6)
