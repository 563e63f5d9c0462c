"""Points of a learning curve: out-of-fold AUCs against the number of training events.

A point is the mean AUC of the folds. Its uncertainty has two parts: the finite number
of evaluated events, which all points share, so that it is correlated between them; and
the training (other events, initial weights), which differs from point to point.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.analysis import auc_covariance
from hepfold.core import columns

# Trial values of the standard deviation between trainings on all events, and of the
# power with which it grows for fewer events.
SPREADS = np.append(0.0, np.geomspace(1e-5, 0.3, 80))
POWERS = np.linspace(0.0, 1.0, 11)


@dataclass(frozen=True)
class Curve:
    """A learning curve, in order of the number of training events.

    `n_events` and `auc` are (n_points,). `event_covariance` and `training_variance` are
    those of the mean of the folds, (n_points, n_points) and (n_points,); the latter is
    NaN for a single fold.
    """

    fraction: np.ndarray
    n_events: np.ndarray
    auc: np.ndarray
    event_covariance: np.ndarray
    training_variance: np.ndarray
    n_folds: int
    is_weighted: bool

    @property
    def is_trained(self) -> np.ndarray:
        """Points (n_points,) for which all folds were trained."""
        return np.isfinite(self.auc)

    @property
    def covariance(self) -> np.ndarray:
        """Covariance matrix of the trained points."""
        total = self.event_covariance + np.diag(self.training_variance)
        return total[np.ix_(self.is_trained, self.is_trained)]

    def table(self) -> pl.DataFrame:
        """A row for each point: AUC, number of trainings, uncertainty and its parts."""
        event_variance = np.diag(self.event_covariance)
        table = {
            "fraction": self.fraction,
            "n_training_events": self.n_events,
            "n_trainings": np.where(self.is_trained, self.n_folds, 0),
            "auc": self.auc,
            "auc_unc": np.sqrt(event_variance + self.training_variance),
            "auc_unc_events": np.sqrt(event_variance),
            "auc_unc_training": np.sqrt(self.training_variance),
        }
        return pl.DataFrame(table).fill_nan(None)


def curve(folds: Iterable[Sequence[pl.DataFrame]]) -> Curve:
    """The learning curve from tables of scores: for each fold, one per fraction.

    All tables of a fold hold the same events in the same order; fractions rise.
    """
    of_folds = []
    for tables in folds:
        fraction, n_events, is_weighted = described(tables)
        of_folds.append((n_events, *aucs(tables)))
    n_events, areas, covariances = map(np.array, zip(*of_folds, strict=True))
    n_folds = len(areas)
    auc, event_covariance = areas.mean(axis=0), covariances.mean(axis=0)
    variance = np.full(len(auc), np.nan)
    kept = np.isfinite(auc)
    if n_folds > 1 and kept.any():
        of_kept = event_covariance[np.ix_(kept, kept)]
        variance[kept] = training_variance(areas[:, kept], of_kept, fraction[kept])
    return Curve(
        fraction,
        n_events.mean(axis=0),
        auc,
        event_covariance / n_folds,
        variance / n_folds,
        n_folds,
        is_weighted,
    )


def described(tables: Sequence[pl.DataFrame]) -> tuple[np.ndarray, np.ndarray, bool]:
    """Fractions, numbers of training events, and whether weights differ in a class."""
    fraction = [table["fraction"][0] for table in tables]
    n_events = [table["n_training_events"][0] for table in tables]
    by_class = tables[0].group_by(columns.LABEL).agg(pl.col(columns.WEIGHT).n_unique())
    return np.array(fraction), np.array(n_events), by_class[columns.WEIGHT].max() > 1


def aucs(tables: Sequence[pl.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """AUC of each table of a fold, and the covariance; NaN where scores are NaN."""
    label, weight = (tables[0][n].to_numpy() for n in (columns.LABEL, columns.WEIGHT))
    scores = np.stack([table[columns.SCORE].to_numpy() for table in tables])
    kept = np.flatnonzero(np.isfinite(scores).all(axis=1))
    areas = np.full(len(tables), np.nan)
    covariance = np.full((len(tables), len(tables)), np.nan)
    areas[kept], covariance[np.ix_(kept, kept)] = auc_covariance.aucs(
        scores[kept], label, weight
    )
    return areas, covariance


def training_variance(
    areas: np.ndarray, event_covariance: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Variance (n_points,) between trainings, from the spread of the folds.

    Takes AUCs (n_folds, n_points) and their covariance from the events of one fold. A
    few folds cannot fix the variance of each point. We therefore model the standard
    deviation as a power of the number of training events, and take the most likely one
    (restricted likelihood). As folds share training events, the variance is a lower
    limit for large fractions.
    """
    deviation = areas - areas.mean(axis=0)
    spread, power = (grid.ravel() for grid in np.meshgrid(SPREADS, POWERS))
    variance = spread[:, None] ** 2 * fraction ** (-2 * power[:, None])
    total = event_covariance + variance[:, :, None] * np.eye(len(fraction))
    squares = np.einsum("ki,vij,kj->v", deviation, np.linalg.inv(total), deviation)
    determinant = np.linalg.slogdet(total)[1]
    return variance[np.argmin((len(areas) - 1) * determinant + squares)]
