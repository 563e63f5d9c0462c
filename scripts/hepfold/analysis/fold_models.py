"""The models of all folds, which score other events like the events of the folds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hepfold.analysis import fold_scores
from hepfold.core import columns, files
from hepfold.models import zoo


@dataclass(frozen=True)
class FoldModel:
    """The model of a fold, and the function that makes its scores comparable."""

    model: zoo.Model
    compared: Callable[[np.ndarray], np.ndarray] | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features that the model uses."""
        return self.model.preparation.schema.features

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Scores (n_events,) of features (n_events, n_features)."""
        score = self.model.score(inputs)
        return score if self.compared is None else self.compared(score)


def load(model_paths: list[str], fold_paths: list[str], device: str) -> list[FoldModel]:
    """The models of all folds.

    If `fold_paths` has the scores of each fold, scores are made comparable in the same
    way.
    """
    models = [zoo.load(path, device) for path in model_paths]
    if not fold_paths:
        return [FoldModel(model) for model in models]
    parts = [files.read_table(p, (columns.GROUP_SCORES,)) for p in fold_paths]
    return list(map(FoldModel, models, fold_scores.maps(parts)))
