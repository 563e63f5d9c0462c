"""Training of an ensemble: all members at once, the data on the device."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hepfold.core import logs, settings_models, settings_training
from hepfold.models import ensembles, joint_batch, networks
from hepfold.training import (
    optimizers,
    schedules,
    stopping,
    validation_auc,
    weight_averages,
)

# What a run consists of that changes and can be saved.
PARTS = ("network", "optimizer", "schedule", "average", "best", "stopping")


@dataclass(frozen=True)
class Data:
    """Prepared features (n_events, n_prepared), labels and training weights."""

    x: Tensor
    label: Tensor
    weight: Tensor

    def __len__(self) -> int:
        return len(self.label)


class DivergedError(logs.InputError):
    """A training whose loss was finite in no epoch of any member."""


class Run:
    """One training: what changes in it, update by update, and can be saved.

    Parameters
    ----------
    network
        All members; it is trained in place.
    fitted, judged
        Events to train on, and to find the best epoch of each member with, maybe none.
    model
        Settings of the model.
    training
        Settings of the training.
    view
        What makes of a batch (n_members, n_batch, n_prepared) what the network sees.
    """

    def __init__(
        self,
        network: nn.Module,
        fitted: Data,
        judged: Data,
        model: settings_models.GradientModel,
        training: settings_training.Training,
        view: Callable[[Tensor], Tensor],
    ):
        self.network, self.fitted, self.judged = network, fitted, judged
        self.model, self.training, self.view = model, training, view
        self.batch_size = model.batch_size * training.n_devices
        self.n_updates = math.ceil(len(fitted) / self.batch_size)
        rate = model.learning_rate
        self.optimizer = optimizers.build(model.optimizer, network, rate)
        self.schedule = schedules.build(
            model.schedule, rate, self.n_updates, model.n_epochs
        )
        self.average = weight_averages.build(model.average, network)
        self.losses = self.member_losses
        if training.compile:
            self.losses = torch.compile(self.member_losses)
        device = fitted.x.device
        self.best = stopping.BestWeights(network, device)
        self.history: list[dict] = []
        self.epoch, self.i_update = 1, 0
        self.total = torch.zeros(network.n_members, dtype=torch.float64, device=device)
        self.stopping = stopping.Stopping(self.total, model.stopping)
        self.order_state = torch.get_rng_state()

    def state(self) -> dict:
        """All that changes, as tensors, numbers, lists and dictionaries alone."""
        names = ("history", "epoch", "i_update", "total", "order_state")
        random = {"random": torch.get_rng_state()}
        if self.total.is_cuda:
            random["random_cuda"] = torch.cuda.get_rng_state(self.total.device)
        return (
            {part: getattr(self, part).state_dict() for part in PARTS}
            | {name: getattr(self, name) for name in names}
            | random
        )

    def load(self, state: dict) -> None:
        """Go on where another run with the same settings and events was."""
        for part in PARTS:
            getattr(self, part).load_state_dict(state[part])
        for name in ("history", "epoch", "i_update", "order_state"):
            setattr(self, name, state[name])
        self.total.copy_(state["total"])
        torch.set_rng_state(state["random"])
        if self.total.is_cuda:
            torch.cuda.set_rng_state(state["random_cuda"], self.total.device)

    def finish(self, save: Callable[["Run"], None]) -> None:
        """Train to the end; `save` is called often, and decides what it keeps."""
        start, start_epoch = time.monotonic(), self.epoch
        while self.epoch <= self.model.n_epochs:
            self.train_epoch(save)
            self.end_epoch()
            passed = (time.monotonic() - start) / (self.epoch - start_epoch)
            self.tell(passed * (self.model.n_epochs + 1 - self.epoch))
            if len(self.judged) and self.stopping.is_over(self.epoch - 1):
                since = self.epoch - 1 - self.stopping.epoch
                logging.info("No member became better for %d epochs.", since)
                break

    def train_epoch(self, save: Callable[["Run"], None]) -> None:
        """One pass over all events, or its rest, in an order of its own per member."""
        self.network.train()
        before = torch.get_rng_state()
        if self.i_update == 0:
            self.order_state = before
        torch.set_rng_state(self.order_state)
        order = self.event_order()
        if self.i_update:
            torch.set_rng_state(before)
        size = self.batch_size
        for i_update in range(self.i_update, self.n_updates):
            update = (self.epoch - 1) * self.n_updates + i_update
            self.update(update, order[:, i_update * size : (i_update + 1) * size])
            self.i_update = i_update + 1
            save(self)

    def event_order(self) -> Tensor:
        """Random order of events, its own for each member, (n_members, n_events)."""
        n_members, n_events = self.network.n_members, len(self.fitted)
        orders = [torch.randperm(n_events) for _ in range(n_members)]
        return torch.stack(orders).to(self.fitted.x.device)

    def update(self, update: int, batch: Tensor) -> None:
        """One step of the optimizer on the events at `batch` (n_members, n_batch)."""
        self.optimizer.set(*self.schedule.at(update))
        data = self.fitted
        with joint_batch.shared(batch.shape[1]) as rows:
            own = batch[:, rows]
            loss = self.losses(
                self.view(data.x[own]), data.label[own], data.weight[own]
            )
        self.optimizer.zero_grad()
        # The members share no weight, so that each gets the gradient of its own loss;
        # where they share some, those follow the mean of all.
        means = loss.sum(1) / batch.shape[1]
        (means.sum() if self.network.independent else means.mean()).backward()
        total = loss.detach().sum(1, dtype=torch.float64)
        weights = self.network.parameters()
        joint_batch.add_up([total, *(w.grad for w in weights if w.grad is not None)])
        self.optimizer.step()
        self.average.after_update(update)
        self.total += total

    def member_losses(self, x: Tensor, label: Tensor, weight: Tensor) -> Tensor:
        """Weighted loss (n_members, n_batch), the labels smoothed."""
        smoothing = self.model.label_smoothing
        with ensembles.autocast(x.device, self.training.precision):
            found = self.network(x)
        target = label * (1 - smoothing) + smoothing / 2
        return weight * self.event_losses(found.float(), target)

    @staticmethod
    def event_losses(logit: Tensor, target: Tensor) -> Tensor:
        """Loss of each event (n_members, n_batch), whose label may be smoothed."""
        return nn.functional.binary_cross_entropy_with_logits(
            logit, target, reduction="none"
        )

    def end_epoch(self) -> None:
        """Judge the weights, keep the best, and write down how the members do."""
        train_loss = self.total / len(self.fitted)
        ends_cycle = self.schedule.ends_cycle(self.epoch)
        self.average.epoch_ended(self.epoch, ends_cycle)
        averaged = self.average.state()
        found = self.judge(averaged) if len(self.judged) else {}
        loss = found.get("validation_loss", train_loss)
        # Members that share weights are good or not together.
        joint = loss if self.network.independent else loss.mean().expand_as(loss)
        self.best.update(self.epoch, joint, averaged, is_judged=len(self.judged) > 0)
        self.stopping.update(self.epoch, joint)
        rate, _ = self.schedule.at(self.epoch * self.n_updates - 1)
        self.schedule.epoch_ended(float(loss[loss.isfinite()].mean()))
        self.history += history_rows(self.epoch, rate, train_loss, found)
        self.epoch, self.i_update = self.epoch + 1, 0
        self.total.zero_()

    def judge(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Mean loss and AUC (n_members,) of events that are not trained on."""
        logit, data = self.judged_logits(weights), self.judged
        loss = data.weight * self.event_losses(logit, data.label.expand_as(logit))
        return {
            "validation_loss": loss.sum(1, dtype=torch.float64) / len(data),
            "validation_auc": validation_auc.areas(logit, data.label, data.weight),
        }

    @torch.inference_mode()
    def judged_logits(self, weights: dict[str, Tensor]) -> Tensor:
        """Their logits (n_members, n_events); each process finds those of some."""
        self.network.eval()
        n_members, x = self.network.n_members, self.judged.x
        logit = torch.zeros(n_members, len(x), device=x.device)
        own, size = joint_batch.own_rows(len(x)), ensembles.SCORING_BATCH[x.device.type]
        for start in range(own.start, own.stop, size):
            rows = slice(start, min(start + size, own.stop))
            part = x[rows].expand(n_members, -1, -1)
            with ensembles.autocast(x.device, self.training.precision):
                found = torch.func.functional_call(self.network, weights, (part,))
            logit[:, rows] = found.float()
        joint_batch.add_up([logit])
        return logit

    def tell(self, left_s: float) -> None:
        """Log where the training is and what is left of it."""
        rows = self.history[-self.network.n_members :]
        for row in rows:
            if not math.isfinite(row["loss"]):
                logging.warning(
                    "The loss of member %d is not finite: it is trained no further "
                    "than its best epoch. A lower learning_rate may help.",
                    row["member"],
                )
        judged = [
            r["validation_loss"] for r in rows if r["validation_loss"] is not None
        ]
        told = f", validation {sum(judged) / len(judged):.5f}" if judged else ""
        logging.info(
            "Epoch %d of %d: loss %.5f%s, learning rate %.2g, at most %.0f s left.",
            *(self.epoch - 1, self.model.n_epochs),
            *(sum(row["loss"] for row in rows) / len(rows), told),
            *(rows[0]["learning_rate"], left_s),
        )

    def final_weights(self) -> list[dict[str, Tensor]]:
        """Sets of weights to score with, each without members that diverged."""
        sets = self.average.sets()
        if len(sets) == 1:
            sets = [self.best.weights]
        good = [self.is_good(weights).nonzero().flatten().tolist() for weights in sets]
        pairs = [pair for pair in zip(sets, good, strict=True) if len(pair[1])]
        if not pairs:
            raise DivergedError(
                "the loss was never finite: lower learning_rate of the model"
            )
        if self.network.independent:
            return [networks.selected(weights, some) for weights, some in pairs]
        return [weights for weights, _ in pairs]

    def is_good(self, weights: dict[str, Tensor]) -> Tensor:
        """Which members (n_members,) had a finite loss and have finite weights."""
        n_apart = self.network.n_members if self.network.independent else 1
        finite = [w.isfinite().reshape(n_apart, -1).all(1) for w in weights.values()]
        return self.best.loss.isfinite() & torch.stack(finite).all(0)


def history_rows(
    epoch: int, rate: float, train_loss: Tensor, found: dict[str, Tensor]
) -> list[dict]:
    """One row per member of the training history.

    What was `found` of events that judge is None where there are none. The AUC counts
    events by their weights; those of training order them as the full weights do.
    """
    judged = [found.get(n) for n in ("validation_loss", "validation_auc")]
    columns = [train_loss.tolist()] + [
        [None] * len(train_loss) if values is None else values.tolist()
        for values in judged
    ]
    return [
        {
            "epoch": epoch,
            "member": i,
            "learning_rate": rate,
            "loss": fitted,
            "validation_loss": loss,
            "validation_auc": auc,
        }
        for i, (fitted, loss, auc) in enumerate(zip(*columns, strict=True))
    ]
