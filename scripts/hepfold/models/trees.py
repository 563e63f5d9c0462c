"""Boosted trees by XGBoost, on the same folds, weights and prepared features.

T. Chen and C. Guestrin 2016, arXiv:1603.02754.
"""

import logging
from dataclasses import dataclass

import numpy as np
import torch
import xgboost

from hepfold.data import event_arrays
from hepfold.models import ensembles, feature_preparation, symmetries

KIND = "xgboost"
# Events that are scored at once.
SCORING_BATCH = 65_536
# Trees that tell how important features are.
N_GAIN_ROUNDS = 50


@dataclass(frozen=True)
class Forest:
    """Trained boosters: physical features in, one score per event out.

    The `use` of `symmetry` is none or orientation.
    """

    preparation: feature_preparation.FeaturePreparation
    boosters: list[xgboost.Booster]
    symmetry: dict

    @property
    def n_members(self) -> int:
        """Number of boosters."""
        return len(self.boosters)

    def prepared(self, inputs: np.ndarray) -> np.ndarray:
        """Prepared features (n_events, n_prepared), in one orientation if asked for."""
        columns = self.preparation.columns
        shape = (len(inputs), columns.y.stop + columns.n_codes)
        prepared = np.empty(shape, "f4")
        for start in range(0, len(inputs), SCORING_BATCH):
            rows = slice(start, start + SCORING_BATCH)
            part = self.preparation(torch.from_numpy(inputs[rows]))
            if self.symmetry["use"] == "orientation":
                part = symmetries.oriented(part, columns)
            prepared[rows] = part
        return prepared

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Mean score of the boosters, shape (n_events,), double."""
        score = np.empty(len(inputs))
        for start in range(0, len(inputs), SCORING_BATCH):
            rows = slice(start, start + SCORING_BATCH)
            prepared = self.prepared(inputs[rows])
            found = [booster.inplace_predict(prepared) for booster in self.boosters]
            score[rows] = np.mean(found, axis=0, dtype="f8")
        return score

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was fitted, by name; a booster is the bytes of its own format."""
        boosters = {
            f"booster.{i:04d}": np.frombuffer(booster.save_raw("ubj"), np.uint8)
            for i, booster in enumerate(self.boosters)
        }
        return self.preparation.arrays() | boosters

    def load_arrays(self, found: dict[str, np.ndarray]) -> None:
        """Take the boosters that `arrays` gave."""
        for name in sorted(found):
            if name.startswith("booster."):
                booster = xgboost.Booster({"nthread": torch.get_num_threads()})
                booster.load_model(bytearray(found[name].tobytes()))
                self.boosters.append(booster)


def train(
    preparation: feature_preparation.FeaturePreparation,
    fitted: event_arrays.Events,
    judged: event_arrays.Events,
    model: dict,
    training: dict,
    seed: int,
) -> tuple[Forest, list[dict]]:
    """Fit a forest to events whose weights are balanced, and tell its history.

    Rounds end after `patience` without a lower loss of the judged events, if there
    are any.
    """
    forest = Forest(preparation, [], model["symmetry"])
    data = {"train": matrix(forest, fitted, None)}
    if len(judged):
        data["validation"] = matrix(forest, judged, data["train"])
    device = ensembles.choose_device(training["device"])
    history = []
    for member in range(model["n_members"]):
        found: dict = {}
        booster = xgboost.train(
            booster_parameters(model, seed + member, device),
            data["train"],
            num_boost_round=model["n_rounds"],
            evals=[(matrix, name) for name, matrix in data.items()],
            evals_result=found,
            early_stopping_rounds=model["patience"] if len(judged) else None,
            verbose_eval=False,
        )
        best = (
            booster.best_iteration + 1 if len(judged) else booster.num_boosted_rounds()
        )
        forest.boosters.append(booster[:best])
        history += history_rows(member, model["learning_rate"], found)
        logging.info("Member %d: %d rounds.", member, best)
    return forest, history


def gains(events: event_arrays.Events, seed: int) -> np.ndarray:
    """Importance (n_features,) of features: mean gain of the splits of a few trees.

    Takes physical features, and weights that are balanced.
    """
    parameters = {
        "objective": "binary:logistic",
        "max_depth": 5,
        "nthread": torch.get_num_threads(),
        "seed": seed % 2**31,
    }
    data = xgboost.QuantileDMatrix(events.inputs, events.label, weight=events.weight)
    found = xgboost.train(parameters, data, N_GAIN_ROUNDS).get_score(
        importance_type="gain"
    )
    return np.array([found.get(f"f{i}", 0.0) for i in range(events.inputs.shape[1])])


def matrix(
    forest: Forest, events: event_arrays.Events, binned_as: xgboost.DMatrix | None
) -> xgboost.DMatrix:
    """Events as XGBoost takes them, in bins of their own or those of others."""
    return xgboost.QuantileDMatrix(
        forest.prepared(events.inputs),
        events.label,
        weight=events.weight,
        ref=binned_as,
        nthread=torch.get_num_threads(),
    )


def history_rows(member: int, rate: float, found: dict) -> list[dict]:
    """One row per round of the history of one booster."""
    losses = found["train"]["logloss"]
    judged = found.get("validation", {}).get("logloss", [None] * len(losses))
    return [
        {
            "epoch": i + 1,
            "member": member,
            "learning_rate": rate,
            "loss": loss,
            "validation_loss": judged_loss,
            "validation_auc": None,
        }
        for i, (loss, judged_loss) in enumerate(zip(losses, judged, strict=True))
    ]


def booster_parameters(model: dict, seed: int, device: torch.device) -> dict:
    """Parameters of a booster, in XGBoost's words."""
    settings = model["trees"]
    return {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "device": device.type,
        "nthread": torch.get_num_threads(),
        "seed": seed % 2**31,
        "learning_rate": model["learning_rate"],
        "max_depth": settings["depth"],
        "subsample": settings["event_fraction"],
        "colsample_bytree": settings["feature_fraction"],
        "min_child_weight": settings["least_weight"],
        "lambda": settings["l2"],
    }
