"""A trained ensemble of networks: physical features in, one score per event out."""

import copy
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.models import feature_preparation, symmetries

# Events that are prepared at once, and scored at once: hidden layers are to stay in the
# cache of a core, while a GPU wants many events.
PREPARING_BATCH = 65_536
SCORING_BATCH = {"cpu": 1024, "cuda": 65_536}


@dataclass(frozen=True)
class Ensemble:
    """Networks, what prepares their features, and the symmetry they were trained with.

    `symmetry` is `use` (none, augmentation or orientation) and `n_views`, over which
    each member averages its score with augmentation; `precision` is that of products.
    """

    preparation: feature_preparation.FeaturePreparation
    network: nn.Module
    symmetry: dict
    precision: str

    @property
    def n_members(self) -> int:
        """Number of networks."""
        return self.network.n_members

    @property
    def device(self) -> torch.device:
        """Where the ensemble lives."""
        return self.preparation.units.device

    def prepared(self, inputs: np.ndarray) -> Tensor:
        """Prepared features, on the device; in one orientation if that is asked for."""
        columns = self.preparation.columns
        shape = (len(inputs), columns.y.stop + columns.n_codes)
        prepared = torch.empty(shape, device=self.device)
        for start in range(0, len(inputs), PREPARING_BATCH):
            rows = slice(start, start + PREPARING_BATCH)
            part = self.preparation(torch.from_numpy(inputs[rows]).to(self.device))
            if self.symmetry["use"] == "orientation":
                part = symmetries.oriented(part, columns)
            prepared[rows] = part
        return prepared

    def training_view(self, batch: Tensor) -> Tensor:
        """What networks see in training of prepared events (..., n_prepared)."""
        if self.symmetry["use"] != "augmentation":
            return batch
        return symmetries.turned_at_random(batch, self.preparation.columns)

    @torch.inference_mode()
    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Mean score over members and views, shape (n_events,), double.

        Takes (n_events, n_features); memory beside it does not grow with the events.
        """
        network = self.network.eval()
        if is_bfloat16(self.device.type, self.precision):
            # Else every product would cast the weights anew.
            network = copy.deepcopy(network).bfloat16()
        score = np.empty(len(inputs))
        size = SCORING_BATCH[self.device.type]
        for start in range(0, len(inputs), PREPARING_BATCH):
            prepared = self.prepared(inputs[start : start + PREPARING_BATCH])
            parts = [self.mean_score(network, part) for part in prepared.split(size)]
            score[start : start + PREPARING_BATCH] = torch.cat(parts).cpu()
        return score

    def mean_score(self, network: nn.Module, events: Tensor) -> Tensor:
        """Mean score (n_events,), double, that a network gives prepared features."""
        augments = self.symmetry["use"] == "augmentation"
        n_views = self.symmetry["n_views"] if augments else 1
        total = torch.zeros(len(events), dtype=torch.float64, device=events.device)
        view = events.expand(self.n_members, *events.shape)
        for i_view in range(n_views):
            if augments:
                view = symmetries.turned_evenly(
                    events, self.preparation.columns, i_view, n_views, self.n_members
                )
            with autocast(self.device, self.precision):
                logit = network(view)
            total += logit.double().sigmoid().mean(0)
        return total / n_views

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was fitted, by name."""
        state = self.network.state_dict()
        return self.preparation.arrays() | {
            # A file holds values in their order, not channels last.
            f"network.{name}": tensor.cpu().contiguous().numpy()
            for name, tensor in state.items()
        }

    def load_arrays(self, found: dict[str, np.ndarray]) -> None:
        """Take the weights that `arrays` gave."""
        state = {
            name.removeprefix("network."): torch.from_numpy(array)
            for name, array in found.items()
            if name.startswith("network.")
        }
        self.network.load_state_dict(state)


def choose_device(device: str) -> torch.device:
    """The device a setting names; `auto` is a CUDA device where there is one."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """What makes matrix products bfloat16, if that is the precision."""
    is_on = is_bfloat16(device.type, precision)
    return torch.autocast(device.type, torch.bfloat16, enabled=is_on)


@cache
def is_bfloat16(device_type: str, precision: str) -> bool:
    """Whether products are bfloat16: `auto` is where the hardware multiplies them."""
    if precision != "auto":
        return precision == "bfloat16"
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
