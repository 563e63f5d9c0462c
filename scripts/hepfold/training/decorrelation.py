"""Penalty on the dependence of the score on the spectrum, in background events.

The squared distance correlation is zero only if two variables are independent; it sees
dependences of any form, unlike a linear correlation (Szekely, Rizzo, Bakirov 2007,
arXiv:0803.4101, definitions 2 to 5). As a penalty, it keeps a cut on the score from
sculpting the spectrum (DisCo: Kasieczka and Shih 2020, arXiv:2001.05310).
"""

import torch
from torch import Tensor

# Events in a block, whose distances to each other are in memory at once.
BLOCK = 1024
# Keeps the root of a variance, and its gradient, finite where all values are equal.
LEAST_SQUARE = 1e-12


def penalty(score: Tensor, spectrum: Tensor, label: Tensor, weight: Tensor) -> Tensor:
    """Mean squared distance correlation (n_members,) over blocks of a batch.

    All arguments are (n_members, n_batch). Signal and events with a missing spectrum
    (NaN) are ignored.
    """
    is_counted = (label == 0) & ~spectrum.isnan()
    weight = torch.where(is_counted, weight.abs(), 0.0)
    spectrum = torch.where(is_counted, spectrum, 0.0)
    n_blocks = -(-score.shape[1] // BLOCK)
    blocks = zip(
        *(part.tensor_split(n_blocks, dim=1) for part in (score, spectrum, weight)),
        strict=True,
    )
    return sum(squared_correlation(*block) for block in blocks) / n_blocks


def squared_correlation(first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
    """Squared distance correlation (n_members,) of two variables (n_members, n_events).

    Weights are not negative. Zero where all values of a variable are equal, or all
    weights zero.
    """
    share = weight / weight.sum(1, keepdim=True).clamp(min=LEAST_SQUARE)
    pairs = share[:, :, None] * share[:, None, :]
    a, b = (centered(values, share) for values in (first, second))
    covariance, variance_a, variance_b = (
        (pairs * product).sum((1, 2)) for product in (a * b, a * a, b * b)
    )
    return covariance / (variance_a * variance_b + LEAST_SQUARE**2).sqrt()


def centered(values: Tensor, share: Tensor) -> Tensor:
    """Distances (n_members, n_events, n_events), less the means of rows and columns."""
    distance = (values[:, :, None] - values[:, None, :]).abs()
    mean = (distance * share[:, None, :]).sum(2)
    whole = (mean * share).sum(1)
    return distance - mean[:, :, None] - mean[:, None, :] + whole[:, None, None]


def standardized(spectrum: Tensor) -> Tensor:
    """Values (n_events,) with the mean 0 and the standard deviation 1, or NaN.

    The correlation does not depend on the unit, but single precision does.
    """
    known = spectrum[~spectrum.isnan()]
    spread = known.std().clamp(min=LEAST_SQUARE) if len(known) > 1 else 1.0
    return (spectrum - known.mean()) / spread if len(known) else spectrum
