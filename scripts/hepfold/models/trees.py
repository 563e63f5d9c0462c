"""Boosted decision trees of XGBoost, with the features and weights of the networks.

T. Chen and C. Guestrin 2016, arXiv:1603.02754.
"""

import logging
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
import xgboost
from scipy import special
from torch import Tensor, nn

from hepfold.core import logs, settings_layers, settings_models, settings_training
from hepfold.data import event_arrays, weights
from hepfold.models import (
    ensembles,
    feature_preparation,
    feature_schema,
    histories,
    member_weights,
    symmetries,
    zoo,
)

# Operator domain that stands for a booster in an unfinished ONNX graph. The trees are
# added afterwards, as torch would take minutes to process them.
PLACEHOLDER = "hepfold"
# Events per batch in scoring.
SCORING_BATCH = 16_384
# Trees for the importance of features.
N_GAIN_ROUNDS = 50


@dataclass(frozen=True)
class Forest:
    """Boosters, the preparation of their features, and their weights in the mean."""

    preparation: feature_preparation.FeaturePreparation
    boosters: list[xgboost.Booster]
    symmetry: settings_layers.Orientation
    member_weight: np.ndarray | None = None

    @classmethod
    def fit(
        cls,
        parts: list[event_arrays.Events],
        schema: feature_schema.Schema,
        settings: settings_models.XGBoost,
        job: zoo.Job,
    ) -> tuple[Self, zoo.History]:
        """Train boosters on training and validation events; return also the history.

        With validation events, boosting stops after `patience` rounds without a lower
        loss. An error is raised if a weight is negative.
        """
        check_weights(parts)
        inputs = parts[0].inputs
        preparation = feature_preparation.fitted(schema, settings, inputs)
        symmetry = symmetries.possible(settings.symmetry, schema.bodies)
        forest = cls(preparation, [], symmetry)
        data = matrices(forest, [weights.balanced(part) for part in parts])
        device = ensembles.choose_device(job.training.device)
        history, lowest = [], []
        for member in range(settings.n_members):
            parameters = booster_parameters(settings, job.seed + member, device)
            booster, losses = trained(parameters, data, settings)
            forest.boosters.append(booster)
            history += histories.booster_rows(member, settings.learning_rate, losses)
            logging.info("Member %d: %d rounds.", member, booster.num_boosted_rounds())
            lowest.append(min(losses.get("validation", losses["train"])["logloss"]))
        if settings.member_weights == member_weights.INVERSE_LOSS:
            weight = member_weights.of_losses(np.array(lowest))
            forest = replace(forest, member_weight=weight)
        return forest, history

    @classmethod
    def from_arrays(
        cls,
        arrays: dict[str, np.ndarray],
        schema: feature_schema.Schema,
        settings: settings_models.XGBoost,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """The forest whose `arrays` method returned these arrays."""
        preparation = feature_preparation.FeaturePreparation(
            schema, settings.preparation
        )
        preparation.load_arrays(arrays)
        names = sorted(name for name in arrays if name.startswith("booster."))
        boosters = [loaded_booster(arrays[name]) for name in names]
        symmetry = symmetries.possible(settings.symmetry, schema.bodies)
        weight = arrays.get(member_weights.ARRAY)
        return cls(preparation, boosters, symmetry, weight)

    @property
    def n_members(self) -> int:
        """Number of boosters."""
        return len(self.boosters)

    def prepared(self, inputs: np.ndarray) -> np.ndarray:
        """Prepared features (n_events, n_prepared), oriented if the settings say so."""
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
        return self.group_scores(inputs, 1)[0]

    def group_scores(self, inputs: np.ndarray, n_groups: int) -> np.ndarray:
        """Mean score of each group of boosters, (n_groups, n_events), double."""
        score = np.empty((n_groups, len(inputs)))
        weight = member_weights.in_groups(self.member_weight, n_groups)
        for start in range(0, len(inputs), SCORING_BATCH):
            rows = slice(start, start + SCORING_BATCH)
            prepared = self.prepared(inputs[rows])
            groups = self.booster_scores(prepared).reshape(-1, n_groups, len(prepared))
            score[:, rows] = member_weights.mean(groups, weight)
        return score

    def booster_scores(self, prepared: np.ndarray) -> np.ndarray:
        """Score of each booster (n_members, n_events), double, of prepared features.

        XGBoost rounds probabilities to single precision, in which many events close to
        one would share a score.
        """
        margins = [
            booster.inplace_predict(prepared, predict_type="margin")
            for booster in self.boosters
        ]
        return special.expit(np.array(margins, "f8"))

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        """Score of each booster (n_members, n_events), double."""
        return self.booster_scores(self.prepared(inputs))

    def arrays(self) -> dict[str, np.ndarray]:
        """All fitted values, by name; a booster is stored as bytes in UBJSON."""
        boosters = {
            f"booster.{i:04d}": np.frombuffer(booster.save_raw("ubj"), np.uint8)
            for i, booster in enumerate(self.boosters)
        }
        arrays = self.preparation.arrays() | boosters
        if self.member_weight is not None:
            arrays[member_weights.ARRAY] = self.member_weight
        return arrays

    def scoring_module(self, place: zoo.Place) -> nn.Module:
        """A module from prepared features to scores, for ONNX."""
        return TracedBoosters(self.n_members, place, self.member_weight)


def check_weights(parts: list[event_arrays.Events]) -> None:
    """Raise an error for negative weights, with which XGBoost cannot train."""
    n_negative = sum(np.count_nonzero(part.weight < 0) for part in parts)
    if n_negative:
        raise logs.InputError(
            f"negative_weights: {weights.KEEP} is not available for models of kind "
            f"xgboost, and {n_negative} of the {sum(map(len, parts))} training events "
            f"have negative weights; choose {weights.ABSOLUTE} or {weights.ZERO}"
        )


def gains(events: event_arrays.Events, seed: int) -> np.ndarray:
    """Importance of features (n_features,): mean gain of their splits in a few trees.

    Takes events with physical features and balanced weights.
    """
    parameters = {
        "objective": "binary:logistic",
        "max_depth": 5,
        "nthread": torch.get_num_threads(),
        "seed": seed % 2**31,
    }
    data = xgboost.QuantileDMatrix(events.inputs, events.label, weight=events.weight)
    booster = xgboost.train(parameters, data, N_GAIN_ROUNDS)
    gain = booster.get_score(importance_type="gain")
    return np.array([gain.get(f"f{i}", 0.0) for i in range(events.inputs.shape[1])])


def loaded_booster(content: np.ndarray) -> xgboost.Booster:
    """The booster whose bytes a model file holds."""
    booster = xgboost.Booster({"nthread": torch.get_num_threads()})
    booster.load_model(bytearray(content.tobytes()))
    return booster


class TracedBoosters(nn.Module):
    """From prepared features (n_events, n_prepared) to the mean score of boosters.

    In the graph, each booster is a placeholder, which `onnx_trees` replaces.
    """

    def __init__(
        self,
        n_boosters: int,
        place: zoo.Place,
        member_weight: np.ndarray | None = None,
    ):
        super().__init__()
        self.member_weight = member_weight
        self.places = [{"model": list(place), "member": i} for i in range(n_boosters)]

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
        score = torch.cat(margins, dim=1).double().sigmoid()
        if self.member_weight is None:
            return score.mean(1)
        return member_weights.tensor_mean(score.T, self.member_weight)


def trained(
    parameters: dict,
    data: dict[str, xgboost.DMatrix],
    model: settings_models.XGBoost,
) -> tuple[xgboost.Booster, dict]:
    """A booster, cut after its best round, and its losses by data set and name."""
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
    """Training and validation events for XGBoost, with the same quantile bins."""
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


def booster_parameters(
    model: settings_models.XGBoost, seed: int, device: torch.device
) -> dict:
    """Parameters of a booster for XGBoost."""
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
