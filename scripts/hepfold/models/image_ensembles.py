"""Ensembles of convolutional networks that see an event as an image.

They stand where networks of prepared features do: the preparation hands physical
features on, and the network draws them, a batch at a time.
"""

from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.core import logs, settings_models, settings_training
from hepfold.data import event_arrays, weights
from hepfold.models import (
    ensembles,
    feature_preparation,
    image_backbones,
    image_encoders,
    symmetries,
    trees,
)

NO_SYMMETRY = settings_models.Symmetry(use="none", n_views=1)
# Events whose images are scored at once: the first maps are to stay in the cache.
SCORING_BATCH = {"cpu": 256, "cuda": 4096}


class ImagePreparation(nn.Module):
    """Physical features as they are, and the encoder that draws them.

    Fitted once, on the events a network is trained on; its buffers are stored with
    the model.
    """

    def __init__(
        self, schema: feature_preparation.Schema, settings: settings_models.Images
    ):
        super().__init__()
        self.schema = schema
        self.encoder = image_encoders.build(settings, schema.n_values)
        units = torch.tensor(schema.units, dtype=torch.float64)
        self.register_buffer("units", units, persistent=False)

    @property
    def columns(self) -> symmetries.Columns:
        """What the features are: none of them turns with an event."""
        n_codes = len(self.schema.n_values)
        return symmetries.Columns(self.schema.n_continuous, 0, 0, n_codes)

    @property
    def needs_importance(self) -> bool:
        """Whether the place of a feature depends on how much it matters."""
        settings = self.encoder.settings
        is_sized = settings.encoding == "text_importance"
        return is_sized or settings.order == "importance"

    def fit(self, inputs: np.ndarray, importance: np.ndarray) -> None:
        """Take from events (n_events, n_features) what their images need."""
        is_derived = np.isin(np.arange(inputs.shape[1]), self.schema.derived)
        self.encoder.fit(inputs, importance, is_derived)

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was fitted, by name."""
        return self.encoder.arrays()

    def load_arrays(self, found: dict[str, np.ndarray]) -> None:
        """Take what `arrays` gave."""
        self.encoder.load_arrays(found)

    def forward(self, inputs: Tensor) -> Tensor:
        """The features themselves (n_events, n_features), missing ones NaN."""
        return inputs


class Members(nn.Module):
    """Networks of images, one for each member.

    They draw with an encoder that is not their own: it is fitted, not trained.
    """

    # They share no weight, but the weights of one are not stacked on those of others.
    independent = False

    def __init__(
        self,
        encoder: image_encoders.Encoder,
        settings: settings_models.ImageNetwork,
        n_members: int,
    ):
        super().__init__()
        # In a list, so that it is no part of the weights.
        self.encoders, self.n_members = [encoder], n_members
        sizes = encoder.settings.size, settings.head_width, settings.dropout
        self.members = nn.ModuleList(
            image_backbones.build(settings.backbone, *sizes) for _ in range(n_members)
        )
        for member in self.members:
            image_backbones.slow_body(member, settings.body_rate_factor)

    def forward(self, events: Tensor) -> Tensor:
        """Logits (n_members, n_events) of features (n_members, n_events, n_features).

        Memory does not grow with events that are scored.
        """
        if self.training:
            return self.logits(events)
        parts = events.split(SCORING_BATCH[events.device.type], dim=1)
        return torch.cat([self.logits(part) for part in parts], dim=1)

    def logits(self, events: Tensor) -> Tensor:
        """Logits of events that are drawn at once."""
        (encoder,) = self.encoders
        # In scoring the members see the same events: they are drawn once.
        drawn = [encoder(e) for e in (events[:1] if is_shared(events) else events)]
        if len(drawn) < self.n_members:
            drawn *= self.n_members
        pairs = zip(self.members, drawn, strict=True)
        return torch.stack([member(image) for member, image in pairs])

    def hidden_matrices(self) -> list[nn.Parameter]:
        """None: Muon is for the stacked matrices of dense networks."""
        return []

    def freeze_bodies(self, is_frozen: bool) -> None:
        """Keep all weights but those of the heads as they are, or train all."""
        for member in self.members:
            image_backbones.freeze_body(member, is_frozen)


class ImageEnsemble(ensembles.Ensemble):
    """Networks that draw events as images; no symmetry acts on what they see."""

    @classmethod
    def fitted_preparation(
        cls,
        schema: feature_preparation.Schema,
        settings: settings_models.SuperTML,
        events: event_arrays.Events,
        seed: int,
    ) -> ImagePreparation:
        """What draws images, fitted to events; trees rank the features."""
        preparation = cls.unfitted_preparation(schema, settings)
        importance = np.ones(len(schema.features))
        if preparation.needs_importance:
            importance = trees.gains(weights.balanced(events), seed)
        preparation.fit(events.inputs, importance)
        return preparation

    @staticmethod
    def unfitted_preparation(
        schema: feature_preparation.Schema, settings: settings_models.SuperTML
    ) -> ImagePreparation:
        """What draws images, not fitted yet."""
        return ImagePreparation(schema, settings.images)

    @classmethod
    def assembled(
        cls,
        preparation: ImagePreparation,
        settings: settings_models.SuperTML,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """An ensemble on its device, its networks with initial weights."""
        network = Members(preparation.encoder, settings.network, n_members)
        device = ensembles.choose_device(training.device)
        return cls(
            preparation.to(device), network.to(device), NO_SYMMETRY, training.precision
        )

    def scoring_module(self, fold: int) -> nn.Module:
        """Images have no ONNX form: a gray value is rounded.

        Another sigmoid in its last digit gives another image.
        """
        raise logs.InputError("a model of images has no ONNX form")


def is_shared(events: Tensor) -> bool:
    """Whether all members see the same events (n_members, n_events, n_features)."""
    return events.stride(0) == 0


def saliency(members: Members, inputs: Tensor) -> np.ndarray:
    """How much the cells of features move the logit, (n_features,), double.

    Mean over members and events (n_events, n_features) of |sum over the pixels of the
    cell of gray times the derivative of the logit by gray|. The derivative is that of
    K. Simonyan et al. 2013, arXiv:1312.6034; a black cell has none of it.
    """
    members.eval()
    (encoder,) = members.encoders
    total = np.zeros(len(encoder.boxes))
    for part in inputs.split(SCORING_BATCH[inputs.device.type]):
        gray = encoder(part).float().requires_grad_()
        for member in members.members:
            (slope,) = torch.autograd.grad(member(gray).sum(), gray)
            product = (slope * gray.detach())[:, 0].double()
            for i, (left, top, right, bottom) in enumerate(encoder.boxes.tolist()):
                cell = product[:, top:bottom, left:right].sum((1, 2))
                total[i] += float(cell.abs().sum())
    return total / len(inputs) / members.n_members
