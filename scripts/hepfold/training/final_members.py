"""The members of the final ensemble: weights to score with, and their losses."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hepfold.models import member_weights, networks
from hepfold.training import loop


class Members(NamedTuple):
    """The weights of one set of members, and which members of the run these are.

    `loss` is their validation loss, if it weights the members.
    """

    weights: dict[str, Tensor]
    positions: list[int]
    loss: Tensor | None


def of(run: loop.Run) -> list[Members]:
    """Sets of members for scoring, without members that diverged."""
    sets = run.average.sets()
    if len(sets) == 1:
        sets = [run.best.weights]
    final = []
    for weights in sets:
        positions = is_finite(run, weights).nonzero().flatten().tolist()
        if positions:
            final.append(chosen(run, weights, positions))
    if not final:
        raise loop.DivergedError("the loss was never finite: lower learning_rate")
    return final


def chosen(run: loop.Run, weights: dict[str, Tensor], positions: list[int]) -> Members:
    """The members at these positions; all of those that share weights."""
    if not run.network.independent:
        positions = [*range(run.network.n_members)]
    loss = None
    if run.model.member_weights == member_weights.INVERSE_LOSS:
        loss = run.validate(weights)["validation_loss"][positions]
    if run.network.independent:
        weights = networks.selected(weights, positions)
    return Members(weights, positions, loss)


def weights_of(members: list[Members]) -> np.ndarray | None:
    """Weights of all members in the mean score; None is equal weights."""
    losses = [part.loss for part in members if part.loss is not None]
    if not losses:
        return None
    return member_weights.of_losses(torch.cat(losses).cpu().numpy())


def is_finite(run: loop.Run, weights: dict[str, Tensor]) -> Tensor:
    """Which members (n_members,) have finite weights and had a finite loss."""
    n_sets = run.network.n_members if run.network.independent else 1
    finite = [w.isfinite().reshape(n_sets, -1).all(1) for w in weights.values()]
    return run.best.loss.isfinite() & torch.stack(finite).all(0)
