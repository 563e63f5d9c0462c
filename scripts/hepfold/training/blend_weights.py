"""Weights of the parts of a blend, fitted to scores that no part was trained for.

Stacked generalization: Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1; with weights
that are not negative, Breiman 1996, doi:10.1007/BF00117832.
"""

from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from hepfold.core import columns

# Largest slope of the loss at the minimum, per unit of a weight.
TOLERANCE = 1e-7


class Fit(NamedTuple):
    """Fitted weights (n_parts,) and intercept, and the mean loss with them in nats."""

    weights: np.ndarray
    intercept: float
    log_loss: float


def fitted(logit: np.ndarray, label: np.ndarray, weight: np.ndarray) -> Fit:
    """The fit of the blend with the lowest weighted log loss.

    Takes the logits of the parts (n_parts, n_events), and labels and event weights
    (n_events,), which should have equal sums in both classes as in the training of the
    parts. Weights of parts are not negative: a part with a negative one would be used
    as a measure of errors of the others, which is not stable. Equal parts have equal
    weights, as the fit begins with these. The intercept corrects a common bias.

    The loss is convex unless event weights are negative (`negative_weights: keep`).
    """
    n_parts, sign = len(logit), np.where(label == columns.SIGNAL, 1.0, -1.0)
    share = weight / weight.sum(dtype="f8")

    def loss_and_slope(values: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean loss, and its slope in the weights and the intercept."""
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
    return Fit(best[:-1], float(best[-1]), float(loss))


def check_minimum(values: np.ndarray, slope: np.ndarray) -> None:
    """Check the conditions of Karush, Kuhn and Tucker at the end of a fit.

    The slope is zero, or not negative for a weight that is zero.
    """
    at_bound = np.append(values[:-1] == 0, False)
    excess = np.where(at_bound, np.minimum(slope, 0), slope)
    if not np.abs(excess).max() <= TOLERANCE:
        raise RuntimeError(
            f"the fit of the weights of a blend did not converge: slope {slope} at "
            f"{values}"
        )
