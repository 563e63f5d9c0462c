"""Training loop: all members of an ensemble at once, all data on the device."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import torch
from torch import Tensor, nn

from hepfold.core import logs, settings_models, settings_training
from hepfold.models import (
    devices,
    discriminants,
    ensembles,
    histories,
    joint_batch,
)
from hepfold.training import (
    captured_step,
    decorrelation,
    event_rows,
    number_or_tensor,
    optimizers,
    progress,
    schedules,
    stopping,
    streamed_data,
    validation_auc,
    weight_averages,
)

# Attributes of a run that have a state_dict.
PARTS = ("network", "optimizer", "schedule", "average", "best", "stopping")


class DivergedError(logs.InputError):
    """Raised if the loss of no member was finite in any epoch."""


class Run:
    """One training and its state, which can be saved after each update.

    Parameters
    ----------
    network
        The networks of all members, trained in place.
    train_data, validation_data
        Training events, and validation events or none, which select the best epochs.
    model, training
        Settings of the model and of the training.
    view
        Transforms a batch (n_members, n_batch, n_prepared) before the network sees it.
    discriminant
        Gives losses and scores of logits.
    """

    def __init__(
        self,
        network: nn.Module,
        train_data: event_rows.EventRows | streamed_data.StreamedData,
        validation_data: event_rows.EventRows,
        model: settings_models.GradientModel,
        training: settings_training.Training,
        view: Callable[[Tensor], Tensor],
        discriminant: discriminants.Discriminant = discriminants.BINARY,
    ):
        self.network, self.discriminant = network, discriminant
        self.train_data, self.validation_data = train_data, validation_data
        self.has_validation = len(validation_data) > 0
        self.model, self.training, self.view = model, training, view
        self.batch_size = model.batch_size * training.n_devices
        self.n_updates = math.ceil(len(train_data) / self.batch_size)
        self.schedule = schedules.build(
            model.schedule, model.learning_rate, self.n_updates, model.n_epochs
        )
        self.average = weight_averages.build(model.average, network)
        losses = self.member_losses
        self.losses = torch.compile(losses) if training.compile else losses
        self.device = device = train_data.rows.device
        self.steps = captured_step.build(
            self.step,
            network,
            model,
            training,
            self.average,
            self.n_updates,
            is_streamed=not isinstance(train_data, event_rows.EventRows),
        )
        self.optimizer = self.steps.optimizer
        self.is_bfloat16 = devices.is_bfloat16(device.type, training.precision)
        self.best = stopping.BestWeights(network, device)
        self.history: list[dict] = []
        self.epoch, self.i_update = 1, 0
        self.total = torch.zeros(network.n_members, dtype=torch.float64, device=device)
        self.stopping = stopping.Stopping(self.total, model.stopping)
        self.order_state = devices.random_state(device)

    def state(self) -> dict:
        """The state to save: only tensors, numbers, lists and dictionaries."""
        names = ("history", "epoch", "i_update", "total", "order_state")
        random = {"random": devices.random_state(self.device)}
        return (
            {part: getattr(self, part).state_dict() for part in PARTS}
            | {name: getattr(self, name) for name in names}
            | random
        )

    def load(self, state: dict) -> None:
        """Restore the state of a run with the same settings and events."""
        for part in PARTS:
            getattr(self, part).load_state_dict(state[part])
        for name in ("history", "epoch", "i_update", "order_state"):
            setattr(self, name, state[name])
        self.total.copy_(state["total"])
        devices.set_random_state(self.device, state["random"])
        self.steps.forget()

    def finish(self, save: Callable[["Run"], None]) -> None:
        """Train to the last epoch or an early stop; call `save` after every update."""
        start, start_epoch = time.monotonic(), self.epoch
        while self.epoch <= self.model.n_epochs:
            self.train_epoch(save)
            self.end_epoch()
            epoch_s = (time.monotonic() - start) / (self.epoch - start_epoch)
            n_left = self.model.n_epochs + 1 - self.epoch
            progress.log(self.history, self.network.n_members, n_left, n_left * epoch_s)
            if self.stops_early():
                since = self.epoch - 1 - self.stopping.epoch
                logging.info("Stopping early: no member improved for %d epochs.", since)
                break

    def stops_early(self) -> bool:
        """Whether the training ends after the last epoch, before the schedule does.

        A mean of weights first follows a cycle of the schedule to its end: while the
        rate is high, its loss says little about the loss at a low rate.
        """
        epoch = self.epoch - 1
        if not self.has_validation or not self.stopping.is_over(epoch):
            return False
        return not (self.average.is_mean and self.schedule.is_in_cycle(epoch))

    def train_epoch(self, save: Callable[["Run"], None]) -> None:
        """Train on all events once, or finish a resumed epoch."""
        self.network.train()
        with closing(self.orders()) as orders:
            for first, order in orders:
                for i, batch in enumerate(order.split(self.batch_size, 1), first):
                    if i >= self.i_update:
                        self.update((self.epoch - 1) * self.n_updates + i, batch)
                        self.i_update = i + 1
                        save(self)

    def orders(self) -> Iterator[tuple[int, Tensor]]:
        """Number of the first update, and event order, of all events or each buffer."""
        if isinstance(self.train_data, streamed_data.StreamedData):
            yield from self.train_data.orders(self.epoch, self.i_update)
            return
        before = devices.random_state(self.device)
        if self.i_update == 0:
            self.order_state = before
        devices.set_random_state(self.device, self.order_state)
        order = self.event_order()
        if self.i_update:
            devices.set_random_state(self.device, before)
        yield 0, order

    def event_order(self) -> Tensor:
        """A random order of events per member, (n_members, n_events), on the device."""
        shape = self.network.n_members, len(self.train_data)
        orders = torch.empty(shape, dtype=torch.int32, device=self.device)
        for order in orders:
            torch.randperm(len(order), out=order)
        return orders

    def update(self, update: int, batch: Tensor) -> None:
        """Take one optimizer step; `batch` (n_members, n_batch) are event positions."""
        self.steps.take(self.schedule, update, batch)

    def step(self, batch: Tensor, share: number_or_tensor.Factor) -> None:
        """The work of an update, once rate and momentum are set.

        `share` is that of the new weights in their mean.
        """
        self.optimizer.zero_grad()
        total = self.backward(batch)
        weights = self.network.parameters()
        joint_batch.add_up([total, *(w.grad for w in weights if w.grad is not None)])
        if self.model.max_gradient_norm:
            optimizers.clip_gradients(self.network, self.model.max_gradient_norm)
        self.optimizer.step()
        self.average.after_update(share)
        self.total += total

    def backward(self, batch: Tensor) -> Tensor:
        """Set the gradients of this process; return its sums of losses (n_members,)."""
        with joint_batch.shared(batch.shape[1]) as rows:
            data = self.train_data.batch(batch[:, rows])
            x = self.view(data.x)
            loss = self.losses(x, data.label, data.weight, data.spectrum)
        # The gradient of the sum is that of each member's loss, as independent members
        # share no weights. Shared weights follow the mean loss of all members.
        means = loss.sum(1) / batch.shape[1]
        (means.sum() if self.network.independent else means.mean()).backward()
        return loss.detach().sum(1, dtype=torch.float64)

    def member_losses(
        self, x: Tensor, label: Tensor, weight: Tensor, spectrum: Tensor | None
    ) -> Tensor:
        """Weighted loss (n_members, n_batch) for smoothed labels, with the penalty."""
        # Not a function, because one that returns the context splits the compiled
        # graph.
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.is_bfloat16):
            logit = self.network(x)
        smoothing = self.model.label_smoothing
        loss = weight * self.event_losses(logit.float(), label, smoothing)
        if spectrum is None:
            return loss
        return loss + self.penalty(logit.float(), spectrum, label, weight)[:, None]

    def penalty(
        self, logit: Tensor, spectrum: Tensor, label: Tensor, weight: Tensor
    ) -> Tensor:
        """Penalty (n_members,) on scores that depend on the spectrum."""
        score = self.discriminant.logit(logit).sigmoid()
        label, weight = self.discriminant.mixture(label, weight)
        correlation = decorrelation.penalty(score, spectrum, label, weight)
        return self.model.decorrelation * correlation

    def event_losses(self, logit: Tensor, label: Tensor, smoothing: float) -> Tensor:
        """Cross entropy of each event (n_members, n_batch) with smoothed labels."""
        return self.discriminant.losses(logit, label, smoothing)

    def end_epoch(self) -> None:
        """Validate the averaged weights, keep the best, and extend the history."""
        train_loss = self.total / len(self.train_data)
        ends_cycle = self.schedule.ends_cycle(self.epoch)
        self.average.epoch_ended(self.epoch, ends_cycle)
        if self.has_validation:
            self.average.compare(self.joint_loss)
        averaged = self.average.state()
        metrics = self.validate(averaged) if self.has_validation else {}
        loss = metrics.get("validation_loss", train_loss)
        joint = self.joint(loss)
        self.best.update(self.epoch, joint, averaged, self.has_validation)
        self.stopping.update(self.epoch, joint)
        rate, _ = self.schedule.at(self.epoch * self.n_updates - 1)
        self.schedule.epoch_ended(float(loss[loss.isfinite()].mean()))
        self.history += histories.epoch_rows(self.epoch, rate, train_loss, metrics)
        self.epoch, self.i_update = self.epoch + 1, 0
        self.total.zero_()

    def joint(self, loss: Tensor) -> Tensor:
        """Losses (n_members,) to compare: the mean for members that share weights."""
        return loss if self.network.independent else loss.mean().expand_as(loss)

    def joint_loss(self, weights: dict[str, Tensor]) -> Tensor:
        """Validation losses (n_members,) of weights, to compare."""
        return self.joint(self.validate(weights)["validation_loss"])

    def validate(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Mean loss and AUC (n_members,) of the validation events."""
        logit, data = self.validation_logits(weights), self.validation_data
        shape = len(logit), len(data)
        label, weight = data.label.expand(shape), data.weight.expand(shape)
        loss = weight * self.event_losses(logit, label, 0.0)
        mean = loss.sum(1, dtype=torch.float64) / len(data)
        if data.spectrum is not None:
            spectrum = data.spectrum.expand(shape)
            mean = mean + self.penalty(logit, spectrum, label, weight)
        score = self.discriminant.logit(logit)
        mixture = self.discriminant.mixture(data.label, data.weight)
        area = validation_auc.areas(score, *mixture)
        return {"validation_loss": mean, "validation_auc": area}

    @torch.inference_mode()
    def validation_logits(self, weights: dict[str, Tensor]) -> Tensor:
        """Logits (n_members, ..., n_events); each process computes those of a share."""
        self.network.eval()
        n_members, x = self.network.n_members, self.validation_data.x
        shape = n_members, *self.discriminant.shape, len(x)
        logit = torch.zeros(shape, device=x.device)
        local = joint_batch.local_rows(len(x))
        size = ensembles.SCORING_BATCH[x.device.type]
        for start in range(local.start, local.stop, size):
            rows = slice(start, min(start + size, local.stop))
            part = x[rows].expand(n_members, -1, -1)
            with devices.autocast(x.device, self.training.precision):
                output = torch.func.functional_call(self.network, weights, (part,))
            logit[..., rows] = output.float()
        joint_batch.add_up([logit])
        return logit
