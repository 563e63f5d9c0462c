"""Blends: models combined by the weighted mean of the logits of their scores.

The file of a blend contains the files of its parts, so it is self-contained. Its
weights are fitted in `training.blend_weights`.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.core import files, settings_layers, settings_models, settings_training
from hepfold.models import feature_schema, fold_graphs, member_weights, zoo

NO_SYMMETRY = settings_layers.Symmetry(use="none", n_views=1)
# Scores are clipped at this distance from 0 and 1, which have no logit.
LEAST_SCORE = 1e-9
# Names of arrays in the file of a blend; the files of its parts follow by number.
WEIGHTS, PART = "weights", "part."


class PhysicalFeatures(nn.Module):
    """Returns physical features unchanged: each part of a blend prepares its own."""

    def __init__(self, schema: feature_schema.Schema):
        super().__init__()
        self.schema = schema

    def forward(self, inputs: Tensor) -> Tensor:
        """The same inputs (n_events, n_features)."""
        return inputs


@dataclass(frozen=True)
class Blend:
    """Models of one fold with their weights; the features are those of all parts.

    The weights (n_parts,) sum to one.
    """

    preparation: PhysicalFeatures
    parts: tuple[zoo.Scorer, ...]
    weights: np.ndarray
    symmetry = NO_SYMMETRY
    n_members = 1
    member_weight = None

    @classmethod
    def from_arrays(
        cls,
        arrays: dict[str, np.ndarray],
        schema: feature_schema.Schema,
        settings: settings_models.Blend,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """The blend whose file has these arrays; its parts are moved to the device."""
        names = sorted(name for name in arrays if name.startswith(PART))
        contents = [files.tensors_in(arrays[name].tobytes()) for name in names]
        parts = tuple(
            zoo.restored(*content, training.device, training.precision)
            for content in contents
        )
        return cls(PhysicalFeatures(schema), parts, arrays[WEIGHTS])

    def positions(self, part: zoo.Scorer) -> list[int]:
        """Positions of the features of a part among the features of the blend."""
        names = self.preparation.schema.features
        return [names.index(name) for name in part.preparation.schema.features]

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Score (n_events,), double."""
        scores = [part.score(inputs[:, self.positions(part)]) for part in self.parts]
        return blended(np.array(scores), self.weights)

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        """The score as that of a single member (1, n_events), double.

        Members of the parts see a single view.
        """
        scores = [
            member_weights.mean(
                part.member_scores(inputs[:, self.positions(part)]), part.member_weight
            )
            for part in self.parts
        ]
        return blended(np.array(scores), self.weights)[None]

    def scoring_module(self, place: zoo.Place) -> nn.Module:
        """A module from physical features to scores, for ONNX."""
        return BlendGraph(self, place)


class BlendGraph(nn.Module):
    """From inputs as in the fold file to the score of a blend."""

    def __init__(self, blend: Blend, place: zoo.Place):
        super().__init__()
        self.positions = [blend.positions(part) for part in blend.parts]
        self.parts = nn.ModuleList(
            fold_graphs.FoldGraph(part, (*place, i))
            for i, part in enumerate(blend.parts)
        )
        self.weights = blend.weights.tolist()

    def forward(self, inputs: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        scores = [
            part(inputs[:, positions])
            for part, positions in zip(self.parts, self.positions, strict=True)
        ]
        return blended_score(scores, self.weights)


def blended_score(scores: list[Tensor], weights: list[float]) -> Tensor:
    """Blended score (n_events,) from scores of the parts, each (n_events,), double."""
    terms = [
        weight * logit(score) for weight, score in zip(weights, scores, strict=True)
    ]
    return sum(terms).sigmoid()


def blended(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Blended score (n_events,) from those of the parts (n_parts, n_events), double."""
    tensors = [torch.from_numpy(score) for score in scores]
    return blended_score(tensors, weights.tolist()).numpy()


def logit(score: Tensor) -> Tensor:
    """Logit of scores, which are clipped at LEAST_SCORE from 0 and 1."""
    clipped = score.clamp(LEAST_SCORE, 1 - LEAST_SCORE)
    return (clipped / (1 - clipped)).log()


def logits(scores: np.ndarray) -> np.ndarray:
    """Logits of scores of any shape, double."""
    return logit(torch.from_numpy(scores)).numpy()


def write(
    path: str,
    part_paths: list[str],
    weights: np.ndarray,
    schema: feature_schema.Schema,
    made_by: dict,
) -> None:
    """Write a blend of models, including the files of the models, to a file.

    `schema` has the features of all parts.
    """
    contents = {
        f"{PART}{i:04d}": np.frombuffer(files.read_bytes(part_path), np.uint8)
        for i, part_path in enumerate(part_paths)
    }
    zoo.write(path, contents | {WEIGHTS: weights}, schema, Blend.n_members, made_by)


def features_of(part_paths: list[str]) -> tuple[str, ...]:
    """Names of the features of all parts, each once."""
    names: dict[str, None] = {}
    for path in part_paths:
        _, made_by = files.read_tensors(path)
        names |= dict.fromkeys(made_by["schema"]["features"])
    return tuple(names)
