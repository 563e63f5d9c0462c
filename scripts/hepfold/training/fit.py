"""Fitting of a model of any kind to events."""

import logging
from collections.abc import Callable
from functools import partial

import msgspec
import torch

from hepfold.core import logs, parsing, settings_models, settings_training
from hepfold.data import event_arrays, weights
from hepfold.models import ensembles, feature_preparation, networks, zoo
from hepfold.training import autoencoders, checkpoints, loop, processes, weight_averages


def train(
    events: event_arrays.Events,
    schema: feature_preparation.Schema,
    model: settings_models.Model,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
) -> tuple[zoo.Model, zoo.History]:
    """Fit a model to events; returns it and its history.

    Parameters
    ----------
    events
        The training folds; a part of them, drawn here, may validate.
    schema
        What the columns of their inputs are.
    model, training
        Settings of the model, and of the training.
    seed
        Of initial weights, order of events, symmetries and the validation events.
    checkpoint
        Where the state of the training is kept, to be resumed after a kill.

    The history has one row per epoch, or round of trees, and member.
    """
    parts = event_arrays.drawn_parts(events, model, seed)
    del events  # gigabytes, where nobody else holds them
    train_networks = partial(
        train_on_devices,
        model=model,
        training=training,
        seed=seed,
        checkpoint=checkpoint,
    )
    job = zoo.Job(training, seed, train_networks)
    return zoo.model_class(model).fit(parts, schema, model, job)


def train_on_devices(
    kind: type[ensembles.Ensemble],
    preparation: ensembles.Preparation,
    parts: list[event_arrays.Events],
    model: settings_models.GradientModel,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
) -> tuple[ensembles.Ensemble, zoo.History]:
    """Fit an ensemble of networks on one or several devices of the node."""
    if training.n_devices > 1:
        processes.check_supported(model)
    device = ensembles.choose_device(training.device)
    arguments = kind, preparation, parts, model, training, seed, checkpoint
    with processes.reporting_full_memory():
        return processes.run(train_networks, training.n_devices, device.type, arguments)


def train_networks(
    kind: type[ensembles.Ensemble],
    preparation: ensembles.Preparation,
    parts: list[event_arrays.Events],
    model: settings_models.GradientModel,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
) -> tuple[ensembles.Ensemble, zoo.History]:
    """Fit an ensemble of networks to the first part, validated by the second.

    On several devices all do this, each with its share of every batch.
    """
    torch.manual_seed(seed)
    ensemble = kind.assembled(preparation, model, model.n_members, training)
    data = [prepared_data(ensemble, weights.balanced(part)) for part in parts]
    run = new_run(ensemble, data, model, training)
    check_snapshots(run)
    record = {
        "model": parsing.as_dict(model),
        "training": parsing.as_dict(training),
        "seed": seed,
        "device": ensemble.device.type,
        "events": event_arrays.checksums(parts),
    }
    keeper = checkpoint.keeper(record)
    first_step = first_step_of(model)
    if not keeper.resume(run) and first_step:
        step = checkpoint.keeper(record | {"step": first_step.__name__})
        first_step(ensemble, data, model, training, step)
        run = new_run(ensemble, data, model, training)
    run.finish(keeper.save)
    sets, n_members = run.final_weights(), model.n_members
    if ensemble.network.independent:
        sets = [networks.merged(sets)]
        n_members = len(next(iter(sets[0].values())))
    ensemble = kind.assembled(preparation, model, n_members, training)
    ensemble.network.load_state_dict(sets[0])
    return ensemble, run.history


def new_run(
    ensemble: ensembles.Ensemble,
    data: list[loop.Data],
    model: settings_models.GradientModel,
    training: settings_training.Training,
) -> loop.Run:
    """A training of all weights of an ensemble that has not begun."""
    view = ensemble.training_view
    return loop.Run(ensemble.network, *data, model, training, view)


def first_step_of(model: settings_models.GradientModel) -> Callable | None:
    """What trains a part of the weights before all are trained, if anything does."""
    if getattr(model.network, "frozen_epochs", 0):
        return train_heads
    return pretrain if getattr(model.network, "pretrained_epochs", 0) else None


def train_heads(
    ensemble: ensembles.Ensemble,
    data: list[loop.Data],
    model: settings_models.GradientModel,
    training: settings_training.Training,
    keeper: checkpoints.Keeper,
) -> None:
    """Train the heads of networks of images alone, by a schedule of their own.

    The first of the two steps of transfer learning. Its losses are in the log.
    """
    n_epochs = model.network.frozen_epochs
    step = msgspec.structs.replace(
        model, n_epochs=n_epochs, average=settings_training.NoAverage()
    )
    ensemble.network.freeze_bodies(True)
    run = new_run(ensemble, data, step, training)
    logging.info("Training the heads alone, for %d epochs.", n_epochs)
    keeper.resume(run)
    run.finish(keeper.save)
    ensemble.network.freeze_bodies(False)


def pretrain(
    ensemble: ensembles.Ensemble,
    data: list[loop.Data],
    model: settings_models.GradientModel,
    training: settings_training.Training,
    keeper: checkpoints.Keeper,
) -> None:
    """Train the hidden layers as autoencoders, one after the other."""
    view = ensemble.training_view
    run = autoencoders.Pretraining(ensemble.network, data, model, training, view)
    keeper.resume(run)
    run.finish(keeper.save)


def check_snapshots(run: loop.Run) -> None:
    """Check that snapshots are taken in some epoch, of networks that can be joined."""
    average = run.average
    if not isinstance(average, weight_averages.Snapshots):
        return
    if not run.network.independent:
        raise logs.InputError(
            f"average: the members of a {run.model.kind} network share weights, "
            "so it has no snapshots"
        )
    epochs = range(average.first_epoch, run.model.n_epochs + 1)
    if not any(run.schedule.ends_cycle(epoch) for epoch in epochs):
        raise logs.InputError(
            "average: snapshots are taken where a cycle of the schedule ends, and "
            f"none does from epoch {average.first_epoch} to {run.model.n_epochs}"
        )


def prepared_data(
    ensemble: ensembles.Ensemble, events: event_arrays.Events
) -> loop.Data:
    """Events as they are trained on, on the device."""
    label, weight = (
        torch.from_numpy(values).to(ensemble.device, torch.float32)
        for values in (events.label, events.weight)
    )
    return loop.Data(ensemble.prepared(events.inputs), label, weight)
