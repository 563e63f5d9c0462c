"""Tests of models.blends: closed forms, files, features of parts, and ONNX."""

import dataclasses

import numpy as np
import pytest
import samples
import torch
from scipy import special

from hepfold.core import parsing
from hepfold.models import blends, feature_schema, onnx_export, zoo

WEIGHTS = np.array([0.7, 0.3])
SETTINGS = {"kind": "blend", "of": ["mlp", "xgboost"]}
RECORD = {"model": SETTINGS, "training": parsing.as_dict(samples.TRAINING)}
NAMES = ("a", "b", "c", "d")


def schema(*names: str) -> feature_schema.Schema:
    """The schema of features of these names."""
    return dataclasses.replace(samples.schema(len(names)), features=names)


@pytest.fixture(scope="module")
def parts():
    """A network that sees b and d, and trees that see all but b, with their inputs."""
    events = samples.two_gaussians(400)
    trained = []
    for names, base in ((("b", "d"), samples.MODEL), (("a", "c", "d"), samples.FOREST)):
        places = [NAMES.index(name) for name in names]
        seen = events.with_features(places)
        trained.append(
            samples.train(
                seen, schema_=schema(*names), base=base, n_members=2, **short(base)
            )[0]
        )
    return events.inputs, trained


def short(base: dict) -> dict:
    """Changes that make a training short."""
    return {"n_rounds": 5} if base is samples.FOREST else {"n_epochs": 1}


@pytest.fixture(scope="module")
def paths(parts, tmp_path_factory) -> list[str]:
    """Files of the parts."""
    folder = tmp_path_factory.mktemp("parts")
    bases = samples.MODEL, samples.FOREST
    for i, (part, base) in enumerate(zip(parts[1], bases, strict=True)):
        record = samples.record(base, n_members=2, **short(base))
        zoo.save(f"{folder}/{i}.safetensors", part, record)
    return [f"{folder}/{i}.safetensors" for i in range(2)]


@pytest.fixture(scope="module")
def blend(paths, tmp_path_factory) -> blends.Blend:
    """The blend of both parts, read from its file."""
    path = str(tmp_path_factory.mktemp("blend") / "blend.safetensors")
    blends.write(path, paths, WEIGHTS, schema(*NAMES), RECORD)
    return zoo.load(path, "cpu")


def expected(parts) -> np.ndarray:
    """The score of the blend by its definition."""
    inputs, (network, forest) = parts
    logits = [
        special.logit(network.score(inputs[:, [1, 3]])),
        special.logit(forest.score(inputs[:, [0, 2, 3]])),
    ]
    return special.expit(WEIGHTS @ logits)


def test_a_stored_blend_scores_the_features_of_each_part(blend, parts):
    np.testing.assert_allclose(blend.score(parts[0]), expected(parts), rtol=1e-12)
    assert blend.preparation.schema == schema(*NAMES)


def test_the_features_of_a_blend_are_those_of_all_parts(paths):
    assert blends.features_of(paths) == ("b", "d", "a", "c")


def test_the_member_of_a_blend_is_the_blend_itself(blend, parts):
    """Without augmentation, members and views give the same scores."""
    score = blend.member_scores(parts[0])
    assert score.shape == (blend.n_members, len(parts[0]))
    np.testing.assert_allclose(score[0], blend.score(parts[0]), rtol=1e-6)


def test_members_of_a_part_have_their_weights(blend, parts):
    """A part of which one member has all the weight is that member."""
    inputs, (network, _) = parts
    alone = dataclasses.replace(blend.parts[0], member_weight=np.array([0.0, 1.0]))
    weighted = dataclasses.replace(blend, parts=(alone, *blend.parts[1:]))
    np.testing.assert_allclose(
        weighted.member_scores(inputs)[0], weighted.score(inputs), rtol=1e-6
    )
    members = network.member_scores(inputs[:, [1, 3]])
    assert np.abs(members[1] - members.mean(axis=0)).max() > 1e-4


def test_a_weight_of_one_is_that_part_and_of_zero_leaves_a_part_out():
    scores = np.random.default_rng(1).uniform(0.001, 0.999, (2, 100))
    alone = blends.blended(scores, np.array([0.0, 1.0]))
    np.testing.assert_allclose(alone, scores[1], rtol=1e-12)
    half = blends.blended(scores[[0, 0]], np.array([0.5, 0.5]))
    np.testing.assert_allclose(half, scores[0], rtol=1e-12)


def test_scores_of_zero_and_one_have_finite_logits():
    logits = blends.logits(np.array([0.0, 0.5, 1.0]))
    largest = special.logit(1 - blends.LEAST_SCORE)
    np.testing.assert_allclose(logits, [-largest, 0, largest], rtol=1e-6)


@pytest.mark.analyses
def test_the_onnx_model_of_two_folds_holds_their_parts(blend, parts):
    """The second fold has other weights, and its trees are found by their place."""
    inputs, _ = parts
    folds = [blend, dataclasses.replace(blend, weights=WEIGHTS[::-1].copy())]
    plain = onnx_export.InputFormat({})
    exported = onnx_export.exported(folds, plain, {})
    assert onnx_export.checked_difference(exported, folds, plain, inputs) < 1e-6
    with pytest.raises(RuntimeError, match="differs by up to"):
        onnx_export.checked_difference(exported, folds[:1], plain, inputs)


def test_physical_features_pass_unchanged():
    inputs = torch.tensor([[1.0, torch.nan]])
    prepared = blends.PhysicalFeatures(schema("a", "b"))(inputs)
    assert prepared is inputs
