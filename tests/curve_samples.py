"""Learning curves of a known law."""

import numpy as np

from hepfold.analysis import learning_curves

FRACTION = np.array([0.01, 0.03, 0.1, 0.3, 1.0])
# The law and the part of the variance between folds that the points share.
A, B, C, SHARED = 0.9, 0.02, 0.35, 0.9
N_FULL = 10_000.0


def truth(fraction: np.ndarray | float) -> np.ndarray | float:
    """AUC of the law."""
    return A - B * fraction**-C


def event_covariance(unc: float) -> np.ndarray:
    """Covariance matrix from the events of one fold."""
    n = len(FRACTION)
    return unc**2 * (SHARED * np.ones((n, n)) + (1 - SHARED) * np.eye(n))


def curve(
    n_folds: int = 5, events: float = 0.003, training: float = 0.0005, seed: int = 0
) -> learning_curves.Curve:
    """A curve whose points scatter, by trainings as the inverse root of the events."""
    rng = np.random.default_rng(seed)
    covariance, shape = event_covariance(events), (n_folds, len(FRACTION))
    areas = rng.multivariate_normal(truth(FRACTION), covariance, n_folds)
    areas += training * FRACTION**-0.5 * rng.normal(size=shape)
    variance = np.full(len(FRACTION), np.nan)
    if n_folds > 1:
        variance = learning_curves.training_variance(areas, covariance, FRACTION)
    return learning_curves.Curve(
        FRACTION,
        N_FULL * FRACTION,
        areas.mean(axis=0),
        covariance / n_folds,
        variance / n_folds,
        n_folds,
        True,
    )
