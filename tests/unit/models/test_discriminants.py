"""Tests of models.discriminants: closed forms, limits and the likelihood ratio."""

import class_samples
import numpy as np
import pytest
import samples
import torch

from hepfold.core import columns, logs, metrics
from hepfold.data import event_arrays, event_classes
from hepfold.models import discriminants, networks, onnx_export, zoo

LABELS = class_samples.LABELS
SHARES = (1.0, 0.5, 0.3, 0.2)


def logits(n_classes: int, scale: float = 1.0) -> torch.Tensor:
    """Logits of 3 members and 50 events."""
    generator = torch.Generator().manual_seed(n_classes)
    return scale * torch.randn(3, n_classes, 50, generator=generator)


def test_with_two_classes_the_score_is_that_of_their_difference():
    output = logits(2)
    softmax = discriminants.Softmax((0, 1), (1.0, 1.0))
    binary = discriminants.BINARY.score(output[:, 1].double() - output[:, 0].double())
    torch.testing.assert_close(softmax.score(output), binary, rtol=1e-14, atol=0)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_with_two_classes_the_loss_is_the_binary_one(smoothing):
    output, label = logits(2), (torch.arange(50) % 2).float().expand(3, 50)
    softmax = discriminants.Softmax((0, 1), (1.0, 1.0))
    loss = softmax.losses(output, label, smoothing)
    binary = discriminants.BINARY.losses(output[:, 1] - output[:, 0], label, smoothing)
    torch.testing.assert_close(loss, binary)


def test_the_score_is_the_ratio_of_weighted_probabilities():
    output = logits(4)
    p = output.double().softmax(1)
    signal, background = p[:, 0], p[:, 1] * 0.5 + p[:, 2] * 0.3 + p[:, 3] * 0.2
    score = discriminants.Softmax(LABELS, SHARES).score(output)
    assert score.dtype == torch.float64
    torch.testing.assert_close(
        score, signal / (signal + background), rtol=1e-12, atol=0
    )


def test_several_signal_classes_are_summed_alike():
    output = logits(4)
    softmax = discriminants.Softmax((1, 1, 0, 0), (0.25, 0.75, 0.5, 0.5))
    p = output.double().softmax(1)
    signal = 0.25 * p[:, 0] + 0.75 * p[:, 1]
    expected = signal / (signal + (p[:, 2] + p[:, 3]) / 2)
    torch.testing.assert_close(softmax.score(output), expected, rtol=1e-12, atol=0)


def test_a_class_of_vanishing_share_leaves_the_score_of_the_others():
    output = logits(4)
    without = discriminants.Softmax(LABELS[:3], (1.0, 0.6, 0.4)).score(output[:, :3])
    differences = [
        (
            discriminants.Softmax(
                LABELS, (1.0, 0.6 * (1 - share), 0.4 * (1 - share), share)
            ).score(output)
            - without
        )
        .abs()
        .max()
        for share in (0.1, 1e-3, 1e-9, 0.0)
    ]
    assert differences == sorted(differences, reverse=True)
    assert differences[0] > 0.01 and differences[2] < 1e-6 and differences[3] == 0


def test_probabilities_far_below_single_precision_are_kept():
    """A probability of 1e-87 would be zero in float32."""
    output = torch.tensor([[[-200.0], [0.0], [-190.0]]])
    softmax = discriminants.Softmax((1, 0, 0), (1.0, 0.0, 1.0))
    expected = 1 / (1 + np.exp(10))
    assert softmax.score(output).item() == pytest.approx(expected, rel=1e-12)


def test_equal_logits_give_one_half():
    score = discriminants.Softmax(LABELS, SHARES).score(torch.zeros(1, 4, 3))
    torch.testing.assert_close(score, torch.full((1, 3), 0.5, dtype=torch.float64))


def test_the_mixture_has_the_labels_and_shares_of_the_classes():
    code, weight = torch.tensor([[0.0, 1.0], [3.0, 0.0]]), torch.full((2, 2), 2.0)
    label, mixed = discriminants.Softmax(LABELS, SHARES).mixture(code, weight)
    assert label.tolist() == [[1, 0], [0, 1]]
    torch.testing.assert_close(mixed, torch.tensor([[2.0, 1.0], [0.4, 2.0]]))


def test_a_model_without_classes_is_binary():
    assert discriminants.of(samples.schema(4)) is discriminants.BINARY
    softmax = discriminants.of(class_samples.schema(SHARES))
    assert softmax == discriminants.Softmax(LABELS, SHARES)


TRAINED = class_samples.events(4000)
UNSEEN = class_samples.events(6000, seed=9)
LONG = {"n_epochs": 5, "n_members": 2, "learning_rate": 0.02}


def weighted_auc(score: np.ndarray, expected=class_samples.EXPECTED) -> float:
    """AUC of unseen events with given expected events of each class."""
    weight = expected[UNSEEN.extra[columns.CLASS]]
    return metrics.auc(score, UNSEEN.label, weight)


@pytest.fixture(scope="module")
def networks_trained():
    return class_samples.train(TRAINED, **LONG)


@pytest.fixture(scope="module")
def forest_trained():
    return class_samples.train(TRAINED, base=samples.FOREST | {"n_rounds": 80})


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["networks", "forest"])
def test_the_score_orders_events_as_the_likelihood_ratio(kind, request):
    """For the physical mixture, in which the classes are not equally probable."""
    model, history = request.getfixturevalue(f"{kind}_trained")
    ideal = class_samples.likelihood_ratio(UNSEEN.inputs)
    score = model.score(UNSEEN.inputs)
    assert weighted_auc(score) > weighted_auc(ideal) - 0.012
    assert history[-1]["loss"] < 0.8 * np.log(4)
    ranks = np.corrcoef(score.argsort().argsort(), ideal.argsort().argsort())
    assert ranks[0, 1] > 0.95
    # As a binary classifier, it is calibrated for equal sums of signal and background.
    assert np.abs(score - ideal / (1 + ideal)).mean() < 0.05


@pytest.mark.slow
def test_given_fractions_replace_the_expected_events(networks_trained):
    """One softmax serves every mixture: that of ttZ alone differs from that of all."""
    usual, inputs = networks_trained[0], UNSEEN.inputs
    fractions = dict(zip(class_samples.NAMES, (1.0, 0.0, 0.0, 1.0), strict=True))
    special, _ = class_samples.train(TRAINED, class_fractions=fractions, **LONG)
    np.testing.assert_array_equal(
        usual.class_probabilities(inputs), special.class_probabilities(inputs)
    )
    only = np.array([1.0, 0.0, 0.0, 1.0])
    ideal = weighted_auc(class_samples.likelihood_ratio(inputs, only), only)
    assert weighted_auc(special.score(inputs), only) > ideal - 0.012
    assert weighted_auc(usual.score(inputs), only) < ideal - 0.05


def test_validation_is_of_the_softmax_and_of_the_discriminant(networks_trained):
    """The AUC is that of the mixture, not of equally many events of each background."""
    model, history = networks_trained
    settings = samples.model(**class_samples.MODEL, **LONG)
    _, events = event_arrays.drawn_parts(TRAINED, settings, seed=1)
    weight = event_classes.balanced(events, class_samples.NAMES).weight
    code = events.extra[columns.CLASS]
    weight *= np.array(model.preparation.schema.class_shares)[code]
    for member, score in enumerate(model.member_scores(events.inputs)):
        rows = [row for row in history if row["member"] == member]
        best = min(rows, key=lambda row: row["validation_loss"])
        assert 0.5 < best["validation_loss"] < 0.8 * np.log(4)
        auc = metrics.auc(score, events.label, weight)
        assert best["validation_auc"] == pytest.approx(auc, abs=1e-6)


@pytest.mark.parametrize("kind", [*networks.NETWORKS, "xgboost"])
def test_every_kind_can_be_stored_and_loaded(kind, tmp_path):
    changes = {"base": samples.FOREST} if kind == "xgboost" else {"kind": kind}
    events = class_samples.events(400)
    if kind != "xgboost":
        changes |= {"n_epochs": 1, "network": samples.NETWORK | {"depth": 2}}
    model, _ = class_samples.train(events, **changes)
    path = str(tmp_path / "model.safetensors")
    further = {name: value for name, value in changes.items() if name != "base"}
    base = changes.get("base", samples.MODEL)
    zoo.save(path, model, samples.record(base, **further, **class_samples.MODEL))
    again, inputs = zoo.load(path, "cpu"), events.inputs
    np.testing.assert_array_equal(again.score(inputs), model.score(inputs))
    probability = again.class_probabilities(inputs)
    np.testing.assert_array_equal(probability, model.class_probabilities(inputs))
    assert probability.shape == (4, 400)
    np.testing.assert_allclose(probability.sum(axis=0), 1, rtol=1e-12)
    groups = model.group_scores(inputs, model.n_members)
    np.testing.assert_allclose(groups, model.member_scores(inputs), rtol=1e-6)
    np.testing.assert_allclose(groups.mean(axis=0), model.score(inputs), rtol=1e-6)


@pytest.mark.analyses
def test_the_exported_model_gives_the_same_score(networks_trained, forest_trained):
    models, plain = (
        [networks_trained[0], forest_trained[0]],
        onnx_export.InputFormat({}),
    )
    exported = onnx_export.exported(models, plain, {})
    inputs = TRAINED.inputs[:500]
    difference = onnx_export.checked_difference(exported, models, plain, inputs)
    assert difference < 1e-6


@pytest.mark.slow
def test_the_score_can_be_decorrelated_from_a_spectrum():
    spectrum = TRAINED.inputs[:, 0].astype("f8")
    events = TRAINED.take(np.arange(2000))
    events.extra[columns.SPECTRUM] = spectrum[:2000]
    options = {"n_epochs": 4, "n_members": 1, "learning_rate": 0.02, "batch_size": 256}
    inputs = UNSEEN.inputs[UNSEEN.label == 0]
    correlations = []
    for strength in (0.0, 20.0):
        model, _ = class_samples.train(events, decorrelation=strength, **options)
        square = inputs[:, 0] ** 2
        correlations.append(abs(np.corrcoef(model.score(inputs), square)[0, 1]))
    assert correlations[1] < 0.5 * correlations[0]


def test_a_class_without_validation_events_is_named():
    events = class_samples.events(24)
    with pytest.raises(logs.InputError, match="events of class"):
        class_samples.train(events, validation_fraction=0.05)
