"""Boosters of XGBoost: their parameters, training and loading."""

import logging

import numpy as np
import torch
import xgboost

from hepfold.core import settings_models

# First part of the names of boosters in a model file.
PREFIX = "booster."


def usable(device: torch.device) -> torch.device:
    """The device, or the CPU where the installed XGBoost is built without CUDA."""
    if device.type != "cuda" or xgboost.build_info()["USE_CUDA"]:
        return device
    logging.warning(
        "xgboost: the installed package is built without CUDA, so trees are trained on "
        "the CPU; install xgboost in place of xgboost-cpu, in the same version"
    )
    return torch.device("cpu")


def trained(
    parameters: dict,
    data: dict[str, xgboost.DMatrix],
    model: settings_models.XGBoost,
    first: bytearray | None = None,
) -> tuple[xgboost.Booster, dict]:
    """A booster, cut after its best round, and its losses by data set and name.

    It continues the booster `first`; rounds and losses are then those of new trees, of
    which at least one round is kept. On a GPU, XGBoost copies the binned events there
    in the first round. The booster then scores on the CPU, as one from a file does.
    """
    losses: dict = {}
    is_validated = "validation" in data
    booster = xgboost.train(
        parameters,
        data["train"],
        num_boost_round=model.n_rounds,
        evals=[(matrix, name) for name, matrix in data.items()],
        evals_result=losses,
        early_stopping_rounds=model.patience if is_validated else None,
        verbose_eval=False,
        xgb_model=first,
    )
    if is_validated:
        # The best iteration counts the trees of the first booster, too.
        booster = booster[: booster.best_iteration + 1]
    booster.set_param({"device": "cpu"})
    return booster, losses


def of_arrays(arrays: dict[str, np.ndarray]) -> list[xgboost.Booster]:
    """The boosters of the content of a model file, in the order of the members."""
    names = sorted(name for name in arrays if name.startswith(PREFIX))
    return [loaded(arrays[name]) for name in names]


def loaded(content: np.ndarray) -> xgboost.Booster:
    """The booster from the bytes in a model file."""
    booster = xgboost.Booster({"nthread": torch.get_num_threads()})
    booster.load_model(bytearray(content.tobytes()))
    return booster


def parameters(
    model: settings_models.XGBoost,
    seed: int,
    device: torch.device,
    n_classes: int,
) -> dict:
    """Parameters of a booster for XGBoost; it is binary without classes."""
    settings = model.trees
    return objective(n_classes) | {
        "tree_method": "hist",
        "device": device.type,
        "nthread": torch.get_num_threads(),
        "seed": seed % 2**31,
        "learning_rate": model.learning_rate,
        "max_depth": settings.depth,
        "subsample": settings.event_fraction,
        "colsample_bytree": settings.feature_fraction,
        "min_child_weight": settings.min_child_weight,
        "lambda": settings.l2,
    }


def objective(n_classes: int) -> dict:
    """Parameters for the loss, which is the cross entropy."""
    if not n_classes:
        return {"objective": "binary:logistic", "eval_metric": "logloss"}
    return {
        "objective": "multi:softprob",
        "eval_metric": "mlogloss",
        "num_class": n_classes,
    }
