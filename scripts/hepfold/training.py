"""Training of an ensemble: all members at once, the data on the device."""

import logging
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from hepfold import arrays, features, logs, models, weights

# Events that are scored at once: bounds the memory of the hidden layers.
SCORING_BATCH = 16_384


@dataclass(frozen=True)
class Ensemble:
    """A trained ensemble: physical features in, one score per event out."""

    preparation: features.FeaturePreparation
    members: nn.Module

    @property
    def device(self) -> torch.device:
        """Where the ensemble lives."""
        return self.preparation.mean.device

    def to(self, device: torch.device) -> "Ensemble":
        """The ensemble on another device."""
        return Ensemble(self.preparation.to(device), self.members.to(device))

    @torch.inference_mode()
    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Mean score of the members, shape (n_events,), for (n_events, n_features)."""
        self.members.eval()
        score = np.empty(len(inputs))
        for start in range(0, len(inputs), SCORING_BATCH):
            part = slice(start, start + SCORING_BATCH)
            x = self.preparation(torch.from_numpy(inputs[part]).to(self.device))
            score[part] = self.members_score(x).mean(0).cpu()
        return score

    def members_score(self, x: Tensor) -> Tensor:
        """Scores (n_members, n_events), double, of prepared features."""
        n_members = len(next(self.members.parameters()))
        return self.members(x.expand(n_members, *x.shape)).double().sigmoid()

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was fitted, by name."""
        return {
            f"{part}.{name}": tensor.cpu().numpy()
            for part in ("preparation", "members")
            for name, tensor in getattr(self, part).state_dict().items()
        }


def choose_device(device: str) -> torch.device:
    """The device a setting names; `auto` is a CUDA device where there is one."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def train_ensemble(
    events: arrays.Events, n_values: list[int], model: dict, seed: int, device: str
) -> tuple[Ensemble, list[dict]]:
    """Fit an ensemble to events, and tell its history.

    Parameters
    ----------
    events
        The training folds; a part of them, drawn here, decides on early stopping.
    n_values
        Number of values of each categorical feature.
    model
        Settings of the model, as `models.<model>` in the configuration.
    seed
        Of the initial weights, the order of events and the drawn part.
    device
        `auto`, `cpu` or `cuda`.

    Returns the ensemble, each member with the weights of its best epoch, and a table
    of one row per epoch and member.
    """
    torch.manual_seed(seed)
    in_validation = (
        np.random.default_rng(seed).random(len(events)) < model["validation_fraction"]
    )
    n_continuous = events.inputs.shape[1] - len(n_values)
    preparation = features.FeaturePreparation(n_continuous, n_values)
    preparation.fit(events.inputs[~in_validation])
    members = models.build(
        model["kind"], model["n_members"], preparation.n_outputs, model["network"]
    )
    members.initialize()
    ensemble = Ensemble(preparation, members).to(choose_device(device))
    history = fit(
        members,
        prepared_part(events, ~in_validation, ensemble),
        prepared_part(events, in_validation, ensemble),
        model,
    )
    return ensemble, history


def prepared_part(
    events: arrays.Events, chosen: np.ndarray, ensemble: Ensemble
) -> tuple[Tensor, Tensor, Tensor]:
    """Prepared features, labels and training weights of the chosen events."""
    label = events.label[chosen]
    train_weight = weights.balance(events.weight[chosen], label)
    inputs = torch.from_numpy(events.inputs[chosen]).to(ensemble.device)
    return (
        ensemble.preparation(inputs),
        torch.from_numpy(label).to(ensemble.device, torch.float32),
        torch.from_numpy(train_weight).to(ensemble.device, torch.float32),
    )


def fit(members: nn.Module, fitted: tuple, judged: tuple, model: dict) -> list[dict]:
    """Minimize every member's loss; leave each with the weights of its best epoch.

    The learning rate rises and falls once over all epochs (Smith and Topin 2018,
    arXiv:1708.07120); training ends early when no member's validation loss has
    fallen for `patience` epochs.
    """
    n_batches = math.ceil(len(fitted[1]) / model["batch_size"])
    optimizer = torch.optim.AdamW(
        members.parameters(), weight_decay=model["weight_decay"]
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, model["learning_rate"], total_steps=model["n_epochs"] * n_batches
    )
    best = BestWeights(members)
    history = []
    for epoch in range(1, model["n_epochs"] + 1):
        train_loss = train_epoch(members, fitted, optimizer, schedule, n_batches)
        validation_loss = evaluated_loss(members, judged)
        best.update(epoch, validation_loss)
        history += history_rows(epoch, train_loss, validation_loss)
        logging.info(
            "Epoch %d of %d: loss %.5f, validation loss %.5f, best %.5f.",
            *(epoch, model["n_epochs"], train_loss.mean()),
            *(validation_loss.mean(), best.loss.mean()),
        )
        if epoch - best.epoch >= model["patience"]:
            break
    refuse_divergence(best.loss)
    best.restore()
    return history


def refuse_divergence(best_loss: Tensor) -> None:
    """Refuse an ensemble of which a member never had a finite validation loss."""
    lost = torch.nonzero(~best_loss.isfinite()).flatten().tolist()
    if lost:
        raise logs.InputError(
            f"the loss of members {lost} was never finite: lower learning_rate"
        )


def train_epoch(
    members: nn.Module,
    fitted: tuple[Tensor, Tensor, Tensor],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    n_batches: int,
) -> Tensor:
    """One pass over all events, in an order of its own for each member.

    Returns the mean loss (n_members,) during the pass.
    """
    members.train()
    x, label, train_weight = fitted
    n_members = len(next(members.parameters()))
    order = torch.rand(n_members, len(label), device=x.device).argsort(1)
    total = torch.zeros(n_members, dtype=torch.float64, device=x.device)
    for batch in order.tensor_split(n_batches, dim=1):
        loss = weighted_loss(members(x[batch]), label[batch], train_weight[batch])
        optimizer.zero_grad()
        # The members share no weight, so that each gets the gradient of its own loss.
        loss.mean(1).sum().backward()
        optimizer.step()
        schedule.step()
        total += loss.detach().sum(1, dtype=torch.float64)
    return total / len(label)


@torch.inference_mode()
def evaluated_loss(members: nn.Module, judged: tuple) -> Tensor:
    """Mean loss (n_members,) of events that are not trained on."""
    members.eval()
    n_members = len(next(members.parameters()))
    total = torch.zeros(n_members, dtype=torch.float64, device=judged[0].device)
    for x, label, train_weight in zip(
        *(tensor.split(SCORING_BATCH) for tensor in judged), strict=True
    ):
        logit = members(x.expand(n_members, *x.shape))
        loss = weighted_loss(logit, label.expand_as(logit), train_weight)
        total += loss.sum(1, dtype=torch.float64)
    return total / len(judged[1])


def weighted_loss(logit: Tensor, label: Tensor, train_weight: Tensor) -> Tensor:
    """Weighted log loss of every event, same shape as the logits."""
    return train_weight * nn.functional.binary_cross_entropy_with_logits(
        logit, label, reduction="none"
    )


class BestWeights:
    """The weights each member had when its validation loss was lowest."""

    def __init__(self, members: nn.Module):
        self.parameters = list(members.parameters())
        self.kept = [parameter.detach().clone() for parameter in self.parameters]
        self.loss = torch.full((len(self.kept[0]),), math.inf, dtype=torch.float64).to(
            self.kept[0].device
        )
        self.epoch = 0

    def update(self, epoch: int, loss: Tensor) -> None:
        """Keep the weights of the members whose loss (n_members,) is their lowest."""
        better = loss < self.loss
        if better.any():
            self.epoch = epoch
        self.loss = torch.where(better, loss, self.loss)
        for kept, parameter in zip(self.kept, self.parameters, strict=True):
            kept[better] = parameter.detach()[better]

    @torch.no_grad()
    def restore(self) -> None:
        """Give every member its best weights back."""
        for kept, parameter in zip(self.kept, self.parameters, strict=True):
            parameter.copy_(kept)


def history_rows(epoch: int, train_loss: Tensor, validation_loss: Tensor) -> list[dict]:
    """One row per member of the training history."""
    losses = zip(train_loss.tolist(), validation_loss.tolist(), strict=True)
    return [
        {"epoch": epoch, "member": i, "loss": fitted, "validation_loss": judged}
        for i, (fitted, judged) in enumerate(losses)
    ]
