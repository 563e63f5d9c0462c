"""Scores of folds that differ as a test asks for."""

import numpy as np
import polars as pl

from hepfold.analysis import fold_scores


def fold(i: int, n: int = 4000, power: float = 1.0, seed: int = 0) -> pl.DataFrame:
    """Training and test events of a fold, whose scores are raised to a power."""
    rng = np.random.default_rng(100 * seed + i)
    label = np.arange(n) % 2
    score = 1 / (1 + np.exp(-rng.normal(label)))
    return pl.DataFrame(
        {
            "fold": i,
            "subset": np.where(np.arange(n) % 4 < 3, "train", "test"),
            "label": label,
            "weight": rng.lognormal(0, 0.5, n),
            "score": score**power,
        }
    )


def adjusted(parts: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Scores of folds made comparable by ranks."""
    change = fold_scores.comparable(parts, "rank")
    return [change(part) for part in parts]
