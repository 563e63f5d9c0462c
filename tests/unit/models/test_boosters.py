"""Tests of models.boosters: losses of two classes and of more, and best rounds."""

import json
import logging

import numpy as np
import pytest
import samples
import torch
import xgboost

from hepfold.models import boosters

MODEL = samples.model(samples.FOREST, n_rounds=60, patience=5)


def data(n_classes: int) -> dict[str, xgboost.DMatrix]:
    """Training and validation events, whose class is that of the largest feature."""
    rng = np.random.default_rng(n_classes)
    matrices = {}
    for name, n in (("train", 300), ("validation", 200)):
        x = rng.normal(size=(n, n_classes)).astype("f4")
        noisy = x + rng.normal(size=x.shape)
        matrices[name] = xgboost.DMatrix(x, noisy.argmax(axis=1))
    return matrices


def trained(n_classes: int, seed: int = 1) -> tuple[xgboost.Booster, dict]:
    parameters = boosters.parameters(
        MODEL, seed, torch.device("cpu"), n_classes if n_classes > 2 else 0
    )
    return boosters.trained(parameters, data(n_classes), MODEL)


@pytest.mark.parametrize(("n_classes", "name"), [(2, "logloss"), (4, "mlogloss")])
def test_a_booster_ends_with_its_best_round(n_classes, name):
    booster, losses = trained(n_classes)
    validation = losses["validation"][name]
    assert booster.num_boosted_rounds() == np.argmin(validation) + 1 < len(validation)


def test_the_loss_is_the_cross_entropy_of_the_classes():
    booster, losses = trained(4)
    matrix = data(4)["validation"]
    probability = booster.predict(matrix)
    assert probability.shape == (200, 4)
    label = matrix.get_label().astype(int)
    loss = -np.log(probability[np.arange(200), label]).mean()
    assert loss == pytest.approx(min(losses["validation"]["mlogloss"]), rel=1e-5)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_loaded_booster_gives_the_same_margins(n_classes):
    booster, _ = trained(n_classes)
    again = boosters.loaded(np.frombuffer(booster.save_raw("ubj"), np.uint8))
    x = np.random.default_rng(0).normal(size=(50, n_classes))
    first, second = (
        b.inplace_predict(x, predict_type="margin") for b in (booster, again)
    )
    np.testing.assert_array_equal(first, second)


def test_another_seed_gives_another_booster():
    first, again, other = (trained(4, seed)[0].save_raw("json") for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("has_cuda", [True, False])
def test_trees_train_on_the_gpu_only_if_xgboost_is_built_for_it(
    monkeypatch, caplog, has_cuda
):
    monkeypatch.setattr(xgboost, "build_info", lambda: {"USE_CUDA": has_cuda})
    with caplog.at_level(logging.WARNING):
        device = boosters.usable(torch.device("cuda"))
    assert device.type == ("cuda" if has_cuda else "cpu")
    assert len(caplog.messages) == (not has_cuda)
    if not has_cuda:
        assert "install xgboost in place of xgboost-cpu" in caplog.text


def test_on_a_cpu_nothing_is_said_of_cuda(caplog):
    assert boosters.usable(torch.device("cpu")).type == "cpu" and not caplog.messages


@pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param(
            "cuda",
            marks=pytest.mark.skipif(
                not (torch.cuda.is_available() and xgboost.build_info()["USE_CUDA"]),
                reason="needs a GPU, and xgboost in place of xgboost-cpu",
            ),
        ),
    ],
)
def test_a_booster_scores_on_the_cpu_wherever_it_was_trained(device):
    parameters = boosters.parameters(MODEL, 1, torch.device(device), 0)
    assert parameters["device"] == device
    booster, losses = boosters.trained(parameters, data(2), MODEL)
    config = json.loads(booster.save_config())
    assert config["learner"]["generic_param"]["device"] == "cpu"
    again = boosters.loaded(np.frombuffer(booster.save_raw("ubj"), np.uint8))
    matrix = data(2)["validation"]
    np.testing.assert_array_equal(booster.predict(matrix), again.predict(matrix))
    probability, label = booster.predict(matrix), matrix.get_label() == 1
    loss = -np.log(np.where(label, probability, 1 - probability)).mean()
    assert loss == pytest.approx(min(losses["validation"]["logloss"]), rel=1e-5)


@pytest.mark.parametrize("names", [("train",), ("train", "validation")])
def test_a_booster_leaves_the_gpu_after_its_training(monkeypatch, names):
    """With a stand-in for one of a GPU."""

    class Booster:
        best_iteration = 0
        device = "cuda"

        def __getitem__(self, rounds):
            return Booster()

        def set_param(self, parameters):
            self.device = parameters["device"]

    monkeypatch.setattr(xgboost, "train", lambda *arguments, **named: Booster())
    parameters = boosters.parameters(MODEL, 1, torch.device("cuda"), 0)
    booster, _ = boosters.trained(parameters, dict.fromkeys(names), MODEL)
    assert booster.device == "cpu"
