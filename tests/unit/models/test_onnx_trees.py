"""Tests of models.onnx_trees: ONNX and XGBoost give the same margins."""

import json
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
import pytest
import xgboost

from hepfold.models import onnx_trees, starting_trees, trees


class Fold(NamedTuple):
    """The part of a forest that the export uses."""

    boosters: list


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    """A booster of unbalanced events whose features repeat their values."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 9, (500, 3)).astype("f4") / 7
    label = (x[:, 0] > 1) & (rng.random(500) < 0.7)
    settings = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}
    return xgboost.train(settings, xgboost.DMatrix(x, label), 20)


def margins(booster: xgboost.Booster, x: np.ndarray, n_logits: int = 1) -> np.ndarray:
    """Margins by onnxruntime, from a graph with a placeholder for the booster."""
    node = onnx.helper.make_node(
        "Booster", ["x"], ["y"], domain=trees.PLACEHOLDER, model=[1], member=2
    )
    x_info, y_info = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, n])
        for name, n in (("x", 3), ("y", n_logits))
    )
    model = onnx.helper.make_model(
        onnx.helper.make_graph([node], "graph", [x_info], [y_info]),
        opset_imports=[onnx.helper.make_opsetid(trees.PLACEHOLDER, 1)],
        ir_version=8,
    )
    onnx_trees.put_in(model, [Fold([]), Fold([None, None, booster])])
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": x})[0].squeeze()


class Pair(NamedTuple):
    """The part of a blend that the export uses."""

    parts: list


def test_a_part_of_a_blend_is_at_its_position_in_a_fold():
    blend = Pair(["first", "second"])
    assert onnx_trees.model_at([1], ["zero", "one"]) == "one"
    assert onnx_trees.model_at([0, 1], [blend, "one"]) == "second"


def test_margins_are_the_same_at_every_threshold_too(booster):
    """Thresholds are not rounded, and a value equal to one goes right."""
    trees = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    thresholds = np.unique(
        [c for tree in trees["model"]["trees"] for c in tree["split_conditions"]]
    ).astype("f4")
    below, above = (np.nextafter(thresholds, np.float32(x)) for x in (-9, 9))
    values = np.concatenate([thresholds, below, above])
    x = np.random.default_rng(2).choice(values, (3000, 3))
    expected = booster.inplace_predict(x, predict_type="margin")
    assert np.ptp(expected) > 1
    np.testing.assert_allclose(margins(booster, x), expected, atol=1e-6)


def test_a_booster_without_trees_is_its_base_score(booster):
    x = np.zeros((2, 3), "f4")
    stump = xgboost.train(
        {"objective": "binary:logistic", "base_score": 0.2, "nthread": 1, "gamma": 1e9},
        xgboost.DMatrix(x, [0, 1]),
        1,
    )
    np.testing.assert_allclose(
        margins(stump, x), stump.inplace_predict(x, predict_type="margin"), atol=1e-6
    )


def test_margins_of_a_continued_booster_are_the_same(booster):
    x = np.random.default_rng(3).normal(size=(300, 3)).astype("f4")
    continued = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1},
        xgboost.DMatrix(x, x[:, 1] > 0),
        10,
        xgb_model=starting_trees.scaled(booster, 0.5),
    )
    assert continued.num_boosted_rounds() == 30
    expected = continued.inplace_predict(x, predict_type="margin")
    assert np.ptp(expected) > 1
    np.testing.assert_allclose(margins(continued, x), expected, atol=1e-6)


def test_margins_of_several_classes_are_the_same():
    rng = np.random.default_rng(4)
    x, label = rng.normal(size=(500, 3)).astype("f4"), np.arange(500) % 4
    settings = {"objective": "multi:softprob", "num_class": 4, "nthread": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(x + label[:, None], label), 10)
    expected = booster.inplace_predict(x, predict_type="margin")
    assert np.ptp(expected, axis=0).min() > 1
    np.testing.assert_allclose(margins(booster, x, 4), expected, atol=1e-6)
