"""Tests of models.network_graphs: the mean over members and views."""

import numpy as np
import torch
from torch import nn

from hepfold.models import discriminants, network_graphs


class Sums(nn.Module):
    """Logits that are the sum of the features, times one and two."""

    n_members = 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (n_members, n_events, n_features) to (n_members, n_events)."""
        return x.sum(2) * torch.tensor([[1.0], [2.0]])


EVENTS = torch.tensor([[0.5, 1.0], [-2.0, 0.0]])


def scores(member_weight=None, views=()):
    graph = network_graphs.ScoringNetworks(
        Sums(), discriminants.BINARY, member_weight, list(views)
    )
    return graph(EVENTS)


def test_the_score_is_the_mean_of_the_members():
    total = EVENTS.sum(1).double()
    expected = (total.sigmoid() + (2 * total).sigmoid()) / 2
    torch.testing.assert_close(scores(), expected)


def test_members_are_weighted():
    expected = (2 * EVENTS.sum(1).double()).sigmoid()
    torch.testing.assert_close(scores(np.array([0.0, 1.0])), expected)


def test_opposite_views_average_to_one_half():
    unit = torch.eye(2).expand(2, 2, 2)
    out = scores(views=(unit, -unit))
    torch.testing.assert_close(out, torch.full_like(out, 0.5))
