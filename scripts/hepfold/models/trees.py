"""Boosted decision trees of XGBoost, with the features and weights of the networks.

T. Chen and C. Guestrin 2016, arXiv:1603.02754.
"""

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import numpy as np
import torch
import xgboost
from scipy import special
from torch import Tensor, nn

from hepfold.core import (
    columns,
    logs,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.data import event_arrays, event_classes, weights
from hepfold.models import (
    boosters,
    devices,
    discriminants,
    feature_preparation,
    feature_schema,
    histories,
    member_weights,
    starting_trees,
    symmetries,
    zoo,
)

# Operator domain of the placeholder for a booster in an unfinished ONNX graph. The
# trees are inserted afterwards, as torch would take minutes to process them.
PLACEHOLDER = "hepfold"
# Events per batch in scoring.
SCORING_BATCH = 16_384
# Number of trees for the importance of features.
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
        """Train boosters on training and validation events; also return the history.

        With validation events, boosting stops after `patience` rounds without a lower
        loss. With a start, member i continues booster i % n_others of it, and the
        history lists new rounds only. Raises an error if a weight is negative.
        """
        check_weights(parts)
        preparation = feature_preparation.fitted(schema, settings, parts[0].inputs)
        if job.start:
            job.start.prepare(preparation)
        symmetry = symmetries.possible(settings.symmetry, schema.bodies)
        forest = cls(preparation, [], symmetry)
        names = schema.class_names
        balanced = [event_classes.balanced(part, names) for part in parts]
        data = matrices(forest, balanced, is_continued=job.start is not None)
        firsts = starting_trees.of(job.start, data["train"].num_col())
        device = boosters.usable(devices.choose(job.training.device))
        history, lowest = [], []
        for member in range(settings.n_members):
            parameters = boosters.parameters(
                settings, job.seed + member, device, len(names)
            )
            booster, losses = boosters.trained(
                parameters, data, settings, firsts[member % len(firsts)]
            )
            forest.boosters.append(booster)
            history += histories.booster_rows(member, settings.learning_rate, losses)
            logging.info("Member %d: %d rounds.", member, booster.num_boosted_rounds())
            (by_round,) = losses.get("validation", losses["train"]).values()
            lowest.append(min(by_round))
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
        loaded = boosters.of_arrays(arrays)
        symmetry = symmetries.possible(settings.symmetry, schema.bodies)
        weight = arrays.get(member_weights.ARRAY)
        return cls(preparation, loaded, symmetry, weight)

    @property
    def n_members(self) -> int:
        """Number of boosters."""
        return len(self.boosters)

    @property
    def discriminant(self) -> discriminants.Discriminant:
        """Turns margins into scores."""
        return discriminants.of(self.preparation.schema)

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
            groups = self.scores(prepared).reshape(-1, n_groups, len(prepared))
            score[:, rows] = member_weights.mean(groups, weight)
        return score

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        """Score of each booster (n_members, n_events), double."""
        return self.scores(self.prepared(inputs))

    def scores(self, prepared: np.ndarray) -> np.ndarray:
        """Score of each booster (n_members, n_events), double, of prepared features.

        XGBoost rounds probabilities to single precision, in which many events with
        scores close to one would share a score.
        """
        margins = self.margins(prepared)
        if self.discriminant is discriminants.BINARY:
            # The last digit of torch's sigmoid depends on the position in a batch.
            return special.expit(margins.double().numpy())
        return self.discriminant.score(margins).numpy()

    def margins(self, prepared: np.ndarray) -> Tensor:
        """Logits (n_members, n_events) of boosters, or (..., n_classes, n_events)."""
        margins = [
            booster.inplace_predict(prepared, predict_type="margin").T
            for booster in self.boosters
        ]
        return torch.from_numpy(np.stack(margins))

    def class_probabilities(self, inputs: np.ndarray) -> np.ndarray:
        """Mean probabilities of the classes of a softmax, (n_classes, n_events)."""
        parts = np.split(inputs, range(SCORING_BATCH, len(inputs), SCORING_BATCH))
        margins = (self.margins(self.prepared(part)) for part in parts)
        means = [
            member_weights.tensor_mean(
                self.discriminant.probabilities(part), self.member_weight
            )
            for part in margins
        ]
        return torch.cat(means, dim=1).numpy()

    def arrays(self) -> dict[str, np.ndarray]:
        """All fitted values, by name; a booster is stored as bytes in UBJSON."""
        stored = {
            f"{boosters.PREFIX}{i:04d}": np.frombuffer(
                booster.save_raw("ubj"), np.uint8
            )
            for i, booster in enumerate(self.boosters)
        }
        arrays = self.preparation.arrays() | stored
        if self.member_weight is not None:
            arrays[member_weights.ARRAY] = self.member_weight
        return arrays

    def scoring_module(self, place: zoo.Place) -> nn.Module:
        """A module from prepared features to scores, for ONNX."""
        return TracedBoosters(
            self.n_members, place, self.discriminant, self.member_weight
        )


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


class TracedBoosters(nn.Module):
    """From prepared features (n_events, n_prepared) to the mean score of boosters.

    In the graph, each booster is a placeholder, which `onnx_trees` replaces.
    """

    def __init__(
        self,
        n_boosters: int,
        place: zoo.Place,
        discriminant: discriminants.Discriminant,
        member_weight: np.ndarray | None = None,
    ):
        super().__init__()
        self.discriminant, self.member_weight = discriminant, member_weight
        self.places = [{"model": list(place), "member": i} for i in range(n_boosters)]

    def forward(self, prepared: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        margins = [
            torch.onnx.ops.symbolic(
                f"{PLACEHOLDER}::Booster",
                [prepared],
                place,
                dtype=torch.float32,
                shape=(prepared.shape[0], self.discriminant.n_logits),
                version=1,
            )
            for place in self.places
        ]
        stacked = torch.stack(margins).mT
        if self.discriminant is discriminants.BINARY:
            stacked = stacked.squeeze(1)
        score = self.discriminant.score(stacked)
        return member_weights.tensor_mean(score, self.member_weight)


def matrices(
    forest: Forest, parts: list[event_arrays.Events], is_continued: bool
) -> dict[str, xgboost.DMatrix]:
    """Training and validation events for XGBoost.

    The quantile bins of features are enough, unless trees of another training are
    continued: their thresholds lie within bins, and events would reach wrong leaves.
    """
    data: dict = {}
    for name, events in zip(("train", "validation"), parts, strict=True):
        if len(events):
            binned = partial(xgboost.QuantileDMatrix, ref=data.get("train"))
            kind = xgboost.DMatrix if is_continued else binned
            data[name] = kind(
                forest.prepared(events.inputs),
                events.extra.get(columns.CLASS, events.label),
                weight=events.weight,
                nthread=torch.get_num_threads(),
            )
    return data
