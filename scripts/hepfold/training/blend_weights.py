"""Weights of the parts of a blend, fitted to out-of-fold scores of the parts.

Stacked generalization: Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1; with
non-negative weights, Breiman 1996, doi:10.1007/BF00117832.
"""

import logging
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from hepfold.core import columns

# Largest slope of the loss at the minimum, per unit of a coefficient.
TOLERANCE = 1e-7


class Fit(NamedTuple):
    """Fitted weights (n_parts,) with sum one, and the lowest mean log loss in nats.

    The loss is that with the best scale and offset of the blended logit.
    """

    weights: np.ndarray
    log_loss: float


def fitted(logit: np.ndarray, label: np.ndarray, weight: np.ndarray) -> Fit:
    """The fit of the weighted mean of logits with the lowest weighted log loss.

    Takes the logits of the parts (n_parts, n_events), and labels and event weights
    (n_events,), which should have equal sums in both classes as in the training of the
    parts. Scale and offset of the mean are fitted too, so that the weights do not
    depend on how well parts are calibrated, but are not part of the score: taken from
    models of other folds, they would make scores of folds less comparable.

    Weights are not negative: a part with a negative weight would serve as a measure of
    the errors of the other parts, which is not stable. If all weights are zero, they
    are set equal.
    """
    values, loss = minimum(logit, label, weight)
    scale = values[:-1].sum()
    if scale == 0:
        logging.warning("No part of the blend separates the classes: equal weights.")
        return Fit(np.full(len(logit), 1 / len(logit)), loss)
    return Fit(values[:-1] / scale, loss)


def minimum(
    logit: np.ndarray, label: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, float]:
    """Coefficients of logits, not negative, and offset with the lowest loss; that loss.

    Equal parts have equal coefficients, as the fit begins with these. The loss is
    convex unless event weights are negative (`negative_weights: keep`).
    """
    n_parts, sign = len(logit), np.where(label == columns.SIGNAL, 1.0, -1.0)
    share = weight / weight.sum(dtype="f8")

    def loss_and_slope(values: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean loss, and its slope in the coefficients and the offset."""
        margin = sign * (values[:-1] @ logit + values[-1])
        slope = -share * sign * special.expit(-margin)
        loss = share @ np.logaddexp(0, -margin)
        return loss, np.append(logit @ slope, slope.sum())

    start = np.append(np.full(n_parts, 1 / n_parts), 0.0)
    bounds = [(0, None)] * n_parts + [(None, None)]
    options = {"ftol": 0, "gtol": TOLERANCE / 10, "maxiter": 1000}
    best = optimize.minimize(
        loss_and_slope, start, jac=True, bounds=bounds, options=options
    ).x
    loss, slope = loss_and_slope(best)
    check_minimum(best, slope)
    return best, float(loss)


def check_minimum(values: np.ndarray, slope: np.ndarray) -> None:
    """Check the conditions of Karush, Kuhn and Tucker at the end of a fit.

    The slope is zero, or not negative for a coefficient that is zero.
    """
    at_bound = np.append(values[:-1] == 0, False)
    excess = np.where(at_bound, np.minimum(slope, 0), slope)
    if not np.abs(excess).max() <= TOLERANCE:
        raise RuntimeError(
            f"the fit of the weights of a blend did not converge: slope {slope} at "
            f"{values}"
        )
