"""The members of the final ensemble: weights to score with, and their losses."""

from typing import NamedTuple

import torch
from torch import Tensor

from hepfold.models import networks
from hepfold.training import loop


class Members(NamedTuple):
    """The weights of one set of members, and which members of the run these are."""

    weights: dict[str, Tensor]
    positions: list[int]


def of(run: loop.Run) -> list[Members]:
    """Sets of members for scoring, without members that diverged."""
    sets = run.average.sets()
    if len(sets) == 1:
        sets = [run.best.weights]
    final = []
    for weights in sets:
        positions = is_finite(run, weights).nonzero().flatten().tolist()
        if positions and run.network.independent:
            weights = networks.selected(weights, positions)
        if positions:
            final.append(Members(weights, positions))
    if not final:
        raise loop.DivergedError("the loss was never finite: lower learning_rate")
    return final


def is_finite(run: loop.Run, weights: dict[str, Tensor]) -> Tensor:
    """Which members (n_members,) have finite weights and had a finite loss."""
    n_sets = run.network.n_members if run.network.independent else 1
    finite = [w.isfinite().reshape(n_sets, -1).all(1) for w in weights.values()]
    return run.best.loss.isfinite() & torch.stack(finite).all(0)
