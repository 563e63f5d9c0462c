"""Boosted trees by XGBoost, on the same folds, weights and prepared features.

T. Chen and C. Guestrin 2016, arXiv:1603.02754.
"""

import logging
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
import xgboost
from torch import Tensor, nn

from hepfold.core import settings_models, settings_training
from hepfold.data import event_arrays, weights
from hepfold.models import ensembles, feature_preparation, symmetries, zoo

# What stands for a booster in an ONNX graph until it is complete: torch takes minutes
# to carry along what trees hold.
PLACEHOLDER = "hepfold"
# Events that are scored at once.
SCORING_BATCH = 65_536
# Trees that tell how important features are.
N_GAIN_ROUNDS = 50


@dataclass(frozen=True)
class Forest:
    """Trained boosters: physical features in, one score per event out."""

    preparation: feature_preparation.FeaturePreparation
    boosters: list[xgboost.Booster]
    symmetry: settings_models.Orientation

    @classmethod
    def fit(
        cls,
        parts: list[event_arrays.Events],
        schema: feature_preparation.Schema,
        settings: settings_models.XGBoost,
        job: zoo.Job,
    ) -> tuple[Self, zoo.History]:
        """Boosters trained on the first part, validated by the second, maybe empty.

        With validation events, rounds end after `patience` without a lower loss.
        """
        inputs = parts[0].inputs
        preparation = feature_preparation.fitted(schema, settings, inputs)
        forest = cls(preparation, [], settings.symmetry)
        data = matrices(forest, [weights.balanced(part) for part in parts])
        device = ensembles.choose_device(job.training.device)
        history = []
        for member in range(settings.n_members):
            parameters = booster_parameters(settings, job.seed + member, device)
            booster, losses = trained(parameters, data, settings)
            forest.boosters.append(booster)
            history += history_rows(member, settings.learning_rate, losses)
            logging.info("Member %d: %d rounds.", member, booster.num_boosted_rounds())
        return forest, history

    @classmethod
    def from_arrays(
        cls,
        arrays: dict[str, np.ndarray],
        schema: feature_preparation.Schema,
        settings: settings_models.XGBoost,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """The forest that `arrays` describes."""
        preparation = feature_preparation.FeaturePreparation(
            schema, settings.preparation
        )
        preparation.load_arrays(arrays)
        forest = cls(preparation, [], settings.symmetry)
        for name in sorted(arrays):
            if name.startswith("booster."):
                booster = xgboost.Booster({"nthread": torch.get_num_threads()})
                booster.load_model(bytearray(arrays[name].tobytes()))
                forest.boosters.append(booster)
        return forest

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
            if self.symmetry.use == "orientation":
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

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        """Score of each booster (n_members, n_events), double."""
        prepared = self.prepared(inputs)
        scores = [booster.inplace_predict(prepared) for booster in self.boosters]
        return np.array(scores, "f8")

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was fitted, by name; a booster is the bytes of its own format."""
        boosters = {
            f"booster.{i:04d}": np.frombuffer(booster.save_raw("ubj"), np.uint8)
            for i, booster in enumerate(self.boosters)
        }
        return self.preparation.arrays() | boosters

    def scoring_module(self, fold: int) -> nn.Module:
        """Prepared features to scores, to be traced for ONNX."""
        return TracedBoosters(self.n_members, fold)


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


class TracedBoosters(nn.Module):
    """Prepared features (n_events, n_prepared) to the mean score of some boosters."""

    def __init__(self, n_boosters: int, fold: int):
        super().__init__()
        self.places = [{"fold": fold, "member": i} for i in range(n_boosters)]

    def forward(self, prepared: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        margins = [
            torch.onnx.ops.symbolic(
                f"{PLACEHOLDER}::Booster",
                [prepared],
                place,
                dtype=torch.float32,
                shape=(prepared.shape[0], 1),
                version=1,
            )
            for place in self.places
        ]
        return torch.cat(margins, dim=1).double().sigmoid().mean(1)


def trained(
    parameters: dict,
    data: dict[str, xgboost.DMatrix],
    model: settings_models.XGBoost,
) -> tuple[xgboost.Booster, dict]:
    """A booster with its best round as the last one, and its losses by name."""
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


def matrices(
    forest: Forest, parts: list[event_arrays.Events]
) -> dict[str, xgboost.DMatrix]:
    """Training and validation events as XGBoost takes them, in the same bins."""
    data: dict = {}
    for name, events in zip(("train", "validation"), parts, strict=True):
        if len(events):
            data[name] = xgboost.QuantileDMatrix(
                forest.prepared(events.inputs),
                events.label,
                weight=events.weight,
                ref=data.get("train"),
                nthread=torch.get_num_threads(),
            )
    return data


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


def booster_parameters(
    model: settings_models.XGBoost, seed: int, device: torch.device
) -> dict:
    """Parameters of a booster, by XGBoost's names."""
    settings = model.trees
    return {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
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
