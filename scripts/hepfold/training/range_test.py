"""Learning-rate range test: the loss while the rate grows with every update.

Smith 2017, arXiv:1506.01186, section 3.3, but the logarithm of the rate grows linearly.
Suitable rates lie between the rate where the loss begins to fall and the rate where it
becomes ragged or rises.
"""

import msgspec
import numpy as np
import polars as pl
import torch

from hepfold.core import logs, settings_averages, settings_models, settings_training
from hepfold.data import event_arrays, event_classes
from hepfold.models import feature_schema, starts, training_events, zoo
from hepfold.training import fit, loop, processes, schedules, training_data

# Standard deviation of the smoothing, as a fraction of all updates.
SMOOTHING = 0.02
# Losses are clipped at this multiple of the first: beyond, the rate is just too high.
CEILING = 2.0
# Fraction of all updates whose mean is the first loss.
FIRST = 0.05


def train(
    events: training_events.TrainingEvents,
    schema: feature_schema.Schema,
    model: settings_models.Model,
    training: settings_training.Training,
    steps: settings_training.RangeTest,
    seed: int,
    start: starts.Start | None = None,
) -> pl.DataFrame:
    """Train on events while the rate grows; return one row per update and member.

    The weights are those of `start` or, without it, random. Streamed events are limited
    to what a buffer holds. Columns: update, member, learning_rate, loss (weighted mean
    of the batch) and smoothed_loss.
    """
    if not isinstance(model, settings_models.GradientModel):
        raise logs.InputError(
            "the learning-rate range test needs a network; a model of kind "
            f"{model.kind} has no updates"
        )
    n_events = steps.n_updates * model.batch_size
    events = training_events.in_memory(events, n_events, seed)
    torch.manual_seed(seed)
    with processes.reporting_full_memory():
        run = new_run(events, schema, model, training, seed, start)
        run.schedule = schedules.RangeTest(
            steps, model.learning_rate, steps.n_updates, 1
        )
        loss = batch_losses(run, steps.n_updates)
    rate = [run.schedule.at(update)[0] for update in range(len(loss))]
    n_members = loss.shape[1]
    return pl.DataFrame(
        {
            "update": np.repeat(np.arange(len(loss)), n_members),
            "member": np.tile(np.arange(n_members), len(loss)),
            "learning_rate": np.repeat(rate, n_members),
            "loss": loss.ravel(),
            "smoothed_loss": smoothed(loss).ravel(),
        }
    )


def new_run(
    events: event_arrays.Events,
    schema: feature_schema.Schema,
    model: settings_models.GradientModel,
    training: settings_training.Training,
    seed: int,
    start: starts.Start | None,
) -> loop.Run:
    """A run on all events without validation, before its first update."""
    model = msgspec.structs.replace(model, average=settings_averages.NoAverage())
    schema = feature_schema.with_shares(schema, events, model)
    kind = zoo.model_class(model)
    preparation = kind.fitted_preparation(schema, model, events, seed)
    ensemble = fit.started(kind, preparation, model, training, start)
    balanced = event_classes.balanced(events, schema.class_names)
    parts = balanced, events.rows(0, 0)
    data = [training_data.prepared(ensemble, part) for part in parts]
    return fit.new_run(ensemble, data, model, training)


def batch_losses(run: loop.Run, n_updates: int) -> np.ndarray:
    """Weighted mean loss of each batch before its update, (n_updates, n_members)."""
    run.network.train()
    size, losses = run.batch_size, []
    for update in range(n_updates):
        i_batch = update % run.n_updates
        if i_batch == 0:
            order = run.event_order()
        batch = order[:, i_batch * size : (i_batch + 1) * size]
        run.total.zero_()
        run.update(update, batch)
        losses.append(run.total / run.train_data.weight[batch].sum(1))
    return torch.stack(losses).cpu().numpy()


def smoothed(loss: np.ndarray) -> np.ndarray:
    """Loss (n_updates, n_members), smoothed over updates with a Gaussian kernel.

    Losses above the ceiling, or not finite, count as the ceiling.
    """
    n_updates = len(loss)
    first = loss[: max(1, int(FIRST * n_updates))].mean(axis=0)
    ceiling = CEILING * first
    clipped = np.where(loss < ceiling, loss, ceiling)
    update = np.arange(n_updates)
    distance = (update[:, None] - update) / max(SMOOTHING * n_updates, 1.0)
    kernel = np.exp(-(distance**2) / 2)
    return kernel @ clipped / kernel.sum(axis=1, keepdims=True)
