"""Boosters of XGBoost: their parameters, training and loading."""

import numpy as np
import torch
import xgboost

from hepfold.core import settings_models


def trained(
    parameters: dict,
    data: dict[str, xgboost.DMatrix],
    model: settings_models.XGBoost,
) -> tuple[xgboost.Booster, dict]:
    """A booster, cut off after its best round, and its losses by data set and name."""
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
    )
    if is_validated:
        booster = booster[: booster.best_iteration + 1]
    return booster, losses


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
