"""The scores of networks as a module, for ONNX."""

import numpy as np
from torch import Tensor, nn

from hepfold.models import discriminants, member_weights


class ScoringNetworks(nn.Module):
    """From prepared features to the mean score over members and views.

    `views` are matrices that transform prepared features, as rotations are linear;
    without any, there is one view of the unchanged features.
    """

    def __init__(
        self,
        network: nn.Module,
        discriminant: discriminants.Discriminant,
        member_weight: np.ndarray | None,
        views: list[Tensor],
    ):
        super().__init__()
        self.network, self.discriminant = network, discriminant
        self.member_weight, self.views = member_weight, views

    def forward(self, prepared: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        views = [prepared @ matrix for matrix in self.views] or [prepared]
        return sum(self.mean_score(view) for view in views) / len(views)

    def mean_score(self, view: Tensor) -> Tensor:
        """Mean score of the members, which share one view or have one each."""
        logit = self.network(view.expand(self.network.n_members, *view.shape[-2:]))
        score = self.discriminant.score(logit)
        return member_weights.tensor_mean(score, self.member_weight)
