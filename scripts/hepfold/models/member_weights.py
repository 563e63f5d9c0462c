"""Weights of the members of an ensemble in the mean of their scores.

Models have a `member_weight` (n_members,), double, or None for equal weights.
"""

import numpy as np
import torch
from torch import Tensor

from hepfold.core import logs

# Name of the weights in the file of a model, which omits equal weights.
ARRAY = "member_weight"
INVERSE_LOSS = "inverse_loss"


def of_losses(loss: np.ndarray) -> np.ndarray:
    """Weights of members with a mean of one, inverse to their losses (n_members,).

    As in LUMIN, by G. Strong 2020, arXiv:2002.01427. Raises InputError unless all
    losses are positive.
    """
    if not (loss > 0).all():
        raise logs.InputError(
            f"member_weights: the validation loss of a member is {loss.min():.3g}, and "
            "inverse_loss needs positive losses; set member_weights to equal"
        )
    weight = 1 / loss.astype("f8")
    return weight / weight.mean()


def mean(score: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Weighted mean of scores over their first dimension.

    `weight` has the first dimensions of the scores, i.e. members and groups; classes
    and events follow.
    """
    if weight is None:
        return score.mean(axis=0)
    factor = beside(weight, score.ndim)
    return (score * factor).sum(axis=0) / factor.sum(axis=0)


def tensor_mean(score: Tensor, weight: np.ndarray | None) -> Tensor:
    """As `mean`, but for a tensor."""
    if weight is None:
        return score.mean(0)
    factor = torch.from_numpy(beside(weight, score.ndim)).to(score.device)
    return (score * factor).sum(0) / factor.sum(0)


def beside(weight: np.ndarray, n_dimensions: int) -> np.ndarray:
    """Weights with trailing dimensions of size one, to multiply scores by."""
    return weight.reshape(weight.shape + (1,) * (n_dimensions - weight.ndim))


def in_groups(weight: np.ndarray | None, n_groups: int) -> np.ndarray | None:
    """Weights (n_in_group, n_groups) of members; member i is in group i % n_groups."""
    return None if weight is None else weight.reshape(-1, n_groups)


def mean_of_groups(groups: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Mean score (n_events,) of all members, from groups (n_groups, n_events)."""
    by_group = in_groups(weight, len(groups))
    return mean(groups, None if by_group is None else by_group.sum(axis=0))
