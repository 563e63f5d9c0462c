"""The scores of image networks as a module, for ONNX."""

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.models import discriminants, image_encoders, member_weights


class ScoringImages(nn.Module):
    """From physical features to the mean score over members.

    Unlike in `image_ensembles.Members`, the events are one batch. They are drawn by the
    encoder of the models: its gray values are a sigmoid in double precision, rounded to
    the nearest integer, halves to even, as `Round` of ONNX does.
    """

    def __init__(
        self,
        encoder: image_encoders.Encoder,
        members: nn.ModuleList,
        discriminant: discriminants.Discriminant,
        member_weight: np.ndarray | None,
    ):
        super().__init__()
        self.encoder, self.members = encoder, members
        self.discriminant, self.member_weight = discriminant, member_weight

    def forward(self, events: Tensor) -> Tensor:
        """Scores (n_events,), double, of features (n_events, n_features)."""
        images = self.encoder(events)
        logit = torch.stack([member(images).t() for member in self.members])
        score = self.discriminant.score(logit)
        return member_weights.tensor_mean(score, self.member_weight)
