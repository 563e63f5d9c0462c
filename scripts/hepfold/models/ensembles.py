"""Ensembles of networks: from physical features to one score per event."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.core import settings_layers, settings_models, settings_training
from hepfold.data import event_arrays, event_streams
from hepfold.models import (
    devices,
    discriminants,
    feature_preparation,
    feature_schema,
    member_weights,
    network_graphs,
    networks,
    symmetries,
    zoo,
)

Preparation = feature_preparation.FeaturePreparation

# Events per batch in preparation and in scoring: on a CPU, hidden layers should fit
# into the cache of a core; a GPU needs many events.
PREPARING_BATCH = 65_536
SCORING_BATCH = {"cpu": 1024, "cuda": 65_536}


@dataclass(frozen=True)
class Ensemble:
    """Networks, the preparation of their features, and the symmetry of their training.

    `precision` is the precision of matrix products; `member_weight` (n_members,) is the
    weight of each member in the mean score, None for equal weights.
    """

    preparation: Preparation
    network: nn.Module
    symmetry: settings_layers.Symmetry
    precision: str
    member_weight: np.ndarray | None = None

    @classmethod
    def fit(
        cls,
        parts: event_streams.Parts,
        schema: feature_schema.Schema,
        settings: settings_models.GradientModel,
        job: zoo.Job,
    ) -> tuple[Self, zoo.History]:
        """Train networks on training and validation events; also return the history."""
        sample = parts[0].sample
        preparation = cls.fitted_preparation(schema, settings, sample, job.seed)
        return job.train_networks(cls, preparation, parts)

    @classmethod
    def fitted_preparation(
        cls,
        schema: feature_schema.Schema,
        settings: settings_models.GradientModel,
        events: event_arrays.Events,
        seed: int,
    ) -> Preparation:
        """The preparation of the features, fitted to events."""
        return feature_preparation.fitted(schema, settings, events.inputs)

    @classmethod
    def assembled(
        cls,
        preparation: Preparation,
        settings: settings_models.GradientModel,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """An ensemble with initial weights, on its device."""
        network = cls.new_network(preparation, settings, n_members)
        device = devices.of(training)
        return cls(
            preparation.to(device),
            network.to(device),
            symmetries.possible(settings.symmetry, preparation.schema.bodies),
            training.precision,
        )

    @staticmethod
    def new_network(
        preparation: Preparation, settings: settings_models.NetworkModel, n_members: int
    ) -> nn.Module:
        """Networks with initial weights."""
        return networks.build(settings, n_members, inputs_of(preparation))

    @classmethod
    def from_arrays(
        cls,
        arrays: dict[str, np.ndarray],
        schema: feature_schema.Schema,
        settings: settings_models.GradientModel,
        n_members: int,
        training: settings_training.Training,
    ) -> Self:
        """The ensemble whose `arrays` method returned these arrays."""
        preparation = cls.unfitted_preparation(schema, settings)
        preparation.load_arrays(arrays)
        ensemble = cls.assembled(preparation, settings, n_members, training)
        state = {
            name.removeprefix("network."): torch.from_numpy(array)
            for name, array in arrays.items()
            if name.startswith("network.")
        }
        ensemble.network.load_state_dict(state)
        return replace(ensemble, member_weight=arrays.get(member_weights.ARRAY))

    @staticmethod
    def unfitted_preparation(
        schema: feature_schema.Schema, settings: settings_models.NetworkModel
    ) -> Preparation:
        """The preparation of the features, not fitted yet."""
        return feature_preparation.FeaturePreparation(schema, settings.preparation)

    @property
    def n_members(self) -> int:
        """Number of networks."""
        return self.network.n_members

    @property
    def device(self) -> torch.device:
        """The device of the ensemble."""
        return self.preparation.units.device

    @property
    def discriminant(self) -> discriminants.Discriminant:
        """Turns logits into scores."""
        return discriminants.of(self.preparation.schema)

    def prepared(self, inputs: np.ndarray, n_further: int = 0) -> Tensor:
        """Prepared features on the device; oriented if `symmetry.use` says so.

        The caller fills `n_further` more columns after them.
        """
        columns = self.preparation.columns
        n_prepared = columns.y.stop + columns.n_codes
        shape = (len(inputs), n_prepared + n_further)
        prepared = torch.empty(shape, device=self.device)
        for start in range(0, len(inputs), PREPARING_BATCH):
            rows = slice(start, start + PREPARING_BATCH)
            part = self.preparation(torch.from_numpy(inputs[rows]).to(self.device))
            if self.symmetry.use == "orientation":
                part = symmetries.oriented(part, columns)
            prepared[rows, :n_prepared] = part
        return prepared

    def training_view(self, batch: Tensor) -> Tensor:
        """Prepared events (..., n_prepared), randomly rotated for augmentation."""
        if self.symmetry.use != "augmentation":
            return batch
        return symmetries.turned_at_random(batch, self.preparation.columns)

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Mean score over members and views, shape (n_events,), double."""
        return self.group_scores(inputs, 1)[0]

    def group_scores(self, inputs: np.ndarray, n_groups: int) -> np.ndarray:
        """Mean score of each group of members over views, (n_groups, n_events), double.

        Takes (n_events, n_features). Apart from input and output, the memory used does
        not grow with the number of events. Member i is in group i % n_groups.
        """
        return self.means(inputs, (n_groups,), self.discriminant.score)

    def class_probabilities(self, inputs: np.ndarray) -> np.ndarray:
        """Mean probabilities of the classes of a softmax, (n_classes, n_events)."""
        softmax = self.discriminant
        return self.means(inputs, (1, *softmax.shape), softmax.probabilities)[0]

    @torch.inference_mode()
    def means(
        self,
        inputs: np.ndarray,
        shape: tuple[int, ...],
        function: Callable[[Tensor], Tensor],
    ) -> np.ndarray:
        """Mean of a function of logits, per group and over views, (*shape, n_events).

        `shape` begins with the number of groups.
        """
        network = self.network.eval()
        if devices.is_bfloat16(self.device.type, self.precision):
            # Outside of it, every product would cast the weights again.
            network = copy.deepcopy(network).bfloat16()
        mean = np.empty((*shape, len(inputs)))
        size = SCORING_BATCH[self.device.type]
        for start in range(0, len(inputs), PREPARING_BATCH):
            prepared = self.prepared(inputs[start : start + PREPARING_BATCH])
            parts = [
                self.group_means(network, part, shape, function)
                for part in prepared.split(size)
            ]
            mean[..., start : start + PREPARING_BATCH] = torch.cat(parts, dim=-1).cpu()
        return mean

    def group_means(
        self,
        network: nn.Module,
        events: Tensor,
        shape: tuple[int, ...],
        function: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """The same for prepared features, on their device, in double precision."""
        augments = self.symmetry.use == "augmentation"
        n_views = self.symmetry.n_views if augments else 1
        shape = *shape, len(events)
        total = torch.zeros(shape, dtype=torch.float64, device=events.device)
        view = events.expand(self.n_members, *events.shape)
        weight = member_weights.in_groups(self.member_weight, shape[0])
        for i_view in range(n_views):
            if augments:
                view = symmetries.turned_evenly(
                    events, self.preparation.columns, i_view, n_views, self.n_members
                )
            with devices.autocast(self.device, self.precision):
                logit = network(view)
            value = function(logit).reshape(-1, *shape)
            total += member_weights.tensor_mean(value, weight)
        return total / n_views

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        """Score of each member (n_members, n_events), double, in a single view.

        On one fold of the official Higgs ML sample, importances from one and from eight
        views differed by at most 0.0003; the largest importance was 0.08.
        """
        network = self.network.eval()
        parts = []
        with torch.inference_mode(), devices.autocast(self.device, self.precision):
            for part in self.prepared(inputs).split(SCORING_BATCH[self.device.type]):
                logit = network(part.expand(self.n_members, *part.shape))
                parts.append(self.discriminant.score(logit))
        return torch.cat(parts, dim=1).cpu().numpy()

    def arrays(self) -> dict[str, np.ndarray]:
        """All fitted values, by name."""
        state = self.network.state_dict()
        arrays = self.preparation.arrays() | {
            # Files store values in row-major order, not channels last.
            f"network.{name}": tensor.cpu().contiguous().numpy()
            for name, tensor in state.items()
        }
        if self.member_weight is not None:
            arrays[member_weights.ARRAY] = self.member_weight
        return arrays

    def scoring_module(self, place: zoo.Place) -> nn.Module:
        """A module from prepared features to scores, for ONNX."""
        columns = self.preparation.columns
        views = symmetries.view_matrices(self.symmetry, columns, self.n_members)
        return network_graphs.ScoringNetworks(
            self.network, self.discriminant, self.member_weight, views
        )


def inputs_of(preparation: Preparation) -> networks.Inputs:
    """The input columns of a network, and its number of logits."""
    schema = preparation.schema
    n_logits = discriminants.of(schema).n_logits
    return networks.Inputs(preparation.columns.y.stop, schema.n_values, n_logits)
