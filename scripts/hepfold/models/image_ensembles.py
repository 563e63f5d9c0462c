"""Ensembles of convolutional networks that see an event as an image.

The preparation returns physical features unchanged, and the networks draw them as
images, one batch at a time.
"""

from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.core import settings_layers, settings_models, settings_training
from hepfold.data import event_arrays, weights
from hepfold.models import (
    devices,
    discriminants,
    ensembles,
    feature_schema,
    image_backbones,
    image_encoders,
    image_graphs,
    symmetries,
    trees,
)

NO_SYMMETRY = settings_layers.Symmetry(use="none", n_views=1)
# Events per batch in scoring: the first feature maps should fit into the cache.
SCORING_BATCH = {"cpu": 256, "cuda": 4096}


class ImagePreparation(nn.Module):
    """Returns physical features unchanged, and holds the encoder that draws them.

    It is fitted once, to the training events; its buffers are stored with the model.
    """

    def __init__(self, schema: feature_schema.Schema, settings: settings_layers.Images):
        super().__init__()
        self.schema = schema
        self.encoder = image_encoders.build(settings, schema.n_values)
        units = torch.tensor(schema.units, dtype=torch.float64)
        self.register_buffer("units", units, persistent=False)

    @property
    def columns(self) -> symmetries.Columns:
        """The kinds of prepared features. There are no vectors, so none rotates."""
        n_codes = len(self.schema.n_values)
        return symmetries.Columns(self.schema.n_continuous, 0, 0, n_codes)

    @property
    def needs_importance(self) -> bool:
        """Whether the layout of an image depends on the importance of features."""
        settings = self.encoder.settings
        is_sized = settings.encoding == "text_importance"
        return is_sized or settings.order == "importance"

    def fit(self, inputs: np.ndarray, importance: np.ndarray) -> None:
        """Fit the encoder to events (n_events, n_features)."""
        is_derived = np.isin(np.arange(inputs.shape[1]), self.schema.derived)
        self.encoder.fit(inputs, importance, is_derived)

    def arrays(self) -> dict[str, np.ndarray]:
        """All fitted values, by name."""
        return self.encoder.arrays()

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Restore the values that `arrays` returned."""
        self.encoder.load_arrays(arrays)

    def forward(self, inputs: Tensor) -> Tensor:
        """The physical features (n_events, n_features); missing ones are NaN."""
        return inputs


class Members(nn.Module):
    """Image networks, one per member.

    They draw with the encoder of the preparation, which is fitted, not trained.
    """

    # Members share no weights, yet their weights are not stacked in one tensor.
    independent = False

    def __init__(
        self,
        encoder: image_encoders.Encoder,
        settings: settings_layers.ImageNetwork,
        n_members: int,
        n_logits: int = 1,
    ):
        super().__init__()
        # In a list, so that its buffers are not part of the state of this module.
        self.encoders, self.n_members = [encoder], n_members
        sizes = encoder.settings.size, settings.head_width, settings.dropout
        self.members = nn.ModuleList(
            image_backbones.build(settings.backbone, *sizes, n_logits)
            for _ in range(n_members)
        )
        for member in self.members:
            image_backbones.slow_body(member, settings.body_rate_factor)

    def forward(self, events: Tensor) -> Tensor:
        """Logits (n_members, n_events) of features (n_members, n_events, n_features).

        With several classes, (n_members, n_classes, n_events). In scoring, the memory
        used for images does not grow with the number of events.
        """
        if self.training:
            return self.logits(events)
        parts = events.split(SCORING_BATCH[events.device.type], dim=1)
        return torch.cat([self.logits(part) for part in parts], dim=-1)

    def logits(self, events: Tensor) -> Tensor:
        """Logits of one batch of events."""
        (encoder,) = self.encoders
        if is_shared(events):
            # In scoring, all members see the same events, which are drawn once.
            images = [encoder(events[0])] * self.n_members
        else:
            images = encoder(events.flatten(0, 1)).split(events.shape[1])
        pairs = zip(self.members, images, strict=True)
        return torch.stack([member(part).t() for member, part in pairs])

    def hidden_matrices(self) -> list[nn.Parameter]:
        """An empty list: Muon is meant for the stacked matrices of dense networks."""
        return []

    def freeze_bodies(self, is_frozen: bool) -> None:
        """Freeze or unfreeze all weights except those of the heads."""
        for member in self.members:
            image_backbones.freeze_body(member, is_frozen)


class ImageEnsemble(ensembles.Ensemble):
    """An ensemble of image networks, without symmetries."""

    @classmethod
    def fitted_preparation(
        cls,
        schema: feature_schema.Schema,
        settings: settings_models.SuperTML,
        events: event_arrays.Events,
        seed: int,
    ) -> ImagePreparation:
        """The preparation of images, fitted to events; trees rank the features."""
        preparation = cls.unfitted_preparation(schema, settings)
        importance = np.ones(len(schema.features))
        if preparation.needs_importance:
            # XGBoost accepts no negative weights, which `keep` would leave.
            weight = weights.for_training(events.weight, weights.ABSOLUTE)
            balanced = weights.balanced(events.with_weight(weight))
            importance = trees.gains(balanced, seed)
        preparation.fit(events.inputs, importance)
        return preparation

    @staticmethod
    def unfitted_preparation(
        schema: feature_schema.Schema, settings: settings_models.SuperTML
    ) -> ImagePreparation:
        """The preparation of images, not fitted yet."""
        return ImagePreparation(schema, settings.images)

    @classmethod
    def assembled(
        cls,
        preparation: ImagePreparation,
        settings: settings_models.SuperTML,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """An ensemble with initial weights, on its device."""
        n_logits = discriminants.of(preparation.schema).n_logits
        network = Members(preparation.encoder, settings.network, n_members, n_logits)
        device = devices.of(training)
        return cls(
            preparation.to(device), network.to(device), NO_SYMMETRY, training.precision
        )

    def scoring_module(self, place: tuple[int, ...]) -> nn.Module:
        """A module from physical features to scores, for ONNX."""
        return image_graphs.ScoringImages(
            self.preparation.encoder,
            self.network.members,
            self.discriminant,
            self.member_weight,
        )


def is_shared(events: Tensor) -> bool:
    """Whether all members see the same events (n_members, n_events, n_features)."""
    return events.stride(0) == 0


def saliency(ensemble: ImageEnsemble, inputs: Tensor) -> np.ndarray:
    """Influence of the cell of each feature on the logit, (n_features,), double.

    The mean, over members and events (n_events, n_features), of |sum over the pixels of
    the cell of gray value times derivative of the logit by the gray value|. The
    derivative is the saliency of K. Simonyan et al. 2013, arXiv:1312.6034. The product
    is zero for a black cell.
    """
    members, discriminant = ensemble.network.eval(), ensemble.discriminant
    (encoder,) = members.encoders
    total = np.zeros(len(encoder.boxes))
    for part in inputs.split(SCORING_BATCH[inputs.device.type]):
        gray = encoder(part).float().requires_grad_()
        for member in members.members:
            logit = discriminant.logit(member(gray).t()[None])
            (slope,) = torch.autograd.grad(logit.sum(), gray)
            product = (slope * gray.detach())[:, 0].double()
            for i, (left, top, right, bottom) in enumerate(encoder.boxes.tolist()):
                cell = product[:, top:bottom, left:right].sum((1, 2))
                total[i] += float(cell.abs().sum())
    return total / len(inputs) / members.n_members
