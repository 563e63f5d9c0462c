"""Tests of analysis.fold_models: further events have the scores of those of folds."""

from types import SimpleNamespace

import numpy as np
import polars as pl

from hepfold.analysis import fold_models, fold_scores
from hepfold.core import files
from hepfold.models import zoo


def test_further_scores_are_made_comparable_like_those_of_folds(tmp_path, monkeypatch):
    """Each model has the map of its own fold."""
    rng = np.random.default_rng(1)
    raw = rng.random(50)
    model = SimpleNamespace(score=lambda inputs: raw)
    monkeypatch.setattr(zoo, "load", lambda path, device: model)
    parts, paths = [], []
    for fold in range(2):
        score = rng.random(200) ** (1 + 2 * fold)
        names = {"subset": "train", "label": 0, "weight": 1.0, "fold": fold}
        parts.append(pl.DataFrame({"score": score}).with_columns(**names_of(names)))
        paths.append(str(tmp_path / f"fold_{fold}.parquet"))
        files.write_table(paths[-1], parts[-1:])
    first, second = fold_models.load(["one", "two"], paths, "cpu")
    np.testing.assert_allclose(
        [first.score(raw), second.score(raw)],
        [change(raw) for change in fold_scores.maps(parts)],
    )
    assert (first.score(raw) < second.score(raw)).mean() > 0.9
    (plain, _) = fold_models.load(["one", "two"], [], "cpu")
    np.testing.assert_array_equal(plain.score(raw), raw)


def names_of(values: dict) -> dict[str, pl.Expr]:
    """Constant columns."""
    return {name: pl.lit(value) for name, value in values.items()}
