"""Fits a model of any kind to events."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec
import torch

from hepfold.core import (
    logs,
    parsing,
    settings_averages,
    settings_models,
    settings_training,
    starting_models,
)
from hepfold.data import event_streams
from hepfold.models import (
    devices,
    ensembles,
    feature_schema,
    networks,
    starts,
    training_events,
    zoo,
)
from hepfold.training import (
    autoencoders,
    checkpoints,
    event_rows,
    final_members,
    loop,
    processes,
    starting_weights,
    training_data,
    weight_averages,
)


def train(
    events: training_events.TrainingEvents,
    schema: feature_schema.Schema,
    model: settings_models.Model,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
    start: starts.Start | None = None,
) -> tuple[zoo.Model, zoo.History]:
    """Fit a model to events; return the model and its training history.

    Parameters
    ----------
    events
        Events of the training folds. The validation events are drawn from them.
    schema
        Describes the columns of their inputs.
    model, training
        Settings of the model and of the training.
    seed
        Seeds the initial weights, event order, symmetries and validation events.
    checkpoint
        Where the state is saved from which a killed training resumes.
    start
        Another training to start from; None for random weights, or no trees.

    The history has one row per epoch (or boosting round) and member.
    """
    schema, parts = training_events.divided(events, schema, model, seed)
    del events  # frees gigabytes, unless the caller holds them
    return train_parts(parts, schema, model, training, seed, checkpoint, start)


def train_parts(
    parts: event_streams.Parts,
    schema: feature_schema.Schema,
    model: settings_models.Model,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
    start: starts.Start | None = None,
) -> tuple[zoo.Model, zoo.History]:
    """The same for training and validation events, and a schema with all shares."""
    train_ensemble = partial(
        train_on_devices,
        model=model,
        training=training,
        seed=seed,
        checkpoint=checkpoint,
        start=start,
    )
    job = zoo.Job(training, seed, train_ensemble, start)
    return zoo.model_class(model).fit(parts, schema, model, job)


def train_on_devices(
    kind: type[ensembles.Ensemble],
    preparation: ensembles.Preparation,
    parts: event_streams.Parts,
    model: settings_models.GradientModel,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
    start: starts.Start | None,
) -> tuple[ensembles.Ensemble, zoo.History]:
    """Fit an ensemble of networks on one or more devices of the node."""
    if training.n_devices > 1:
        processes.check_supported(model)
    device = devices.choose(training.device)
    arguments = kind, preparation, parts, model, training, seed, checkpoint, start
    with processes.reporting_full_memory():
        return processes.run(train_networks, training.n_devices, device.type, arguments)


def train_networks(
    kind: type[ensembles.Ensemble],
    preparation: ensembles.Preparation,
    parts: event_streams.Parts,
    model: settings_models.GradientModel,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
    start: starts.Start | None,
) -> tuple[ensembles.Ensemble, zoo.History]:
    """Fit an ensemble of networks to training and validation events.

    With several devices, each process runs this function on its share of every batch.
    """
    torch.manual_seed(seed)
    ensemble = started(kind, preparation, model, training, start)
    data = [training_data.of(ensemble, part, model, training) for part in parts]
    run = new_run(ensemble, data, model, training)
    check_snapshots(run)
    record = {
        "model": parsing.as_dict(model),
        "training": parsing.as_dict(training),
        "seed": seed,
        "device": ensemble.device.type,
        "events": [part.checksum() for part in parts],
        "start": start and start.checksum,
    }
    keeper = checkpoint.keeper(record)
    first_step = first_step_of(model)
    if not keeper.resume(run) and first_step:
        step = checkpoint.keeper(record | {"step": first_step.__name__})
        first_step(ensemble, data, model, training, step)
        run = new_run(ensemble, data, model, training)
    run.finish(keeper.save)
    return final_ensemble(kind, preparation, run), run.history


def started(
    kind: type[ensembles.Ensemble],
    preparation: ensembles.Preparation,
    model: settings_models.GradientModel,
    training: settings_training.Training,
    start: starts.Start | None,
) -> ensembles.Ensemble:
    """An ensemble before its training, with random weights or those of another one."""
    if start:
        start.prepare(preparation)
    ensemble = kind.assembled(preparation, model, model.n_members, training)
    if start:
        starting_weights.fill(ensemble.network, start, preparation.schema)
    return ensemble


def final_ensemble(
    kind: type[ensembles.Ensemble], preparation: ensembles.Preparation, run: loop.Run
) -> ensembles.Ensemble:
    """The ensemble of the members that a finished run leaves."""
    members = final_members.of(run)
    sets, n_members = [part.weights for part in members], run.model.n_members
    if run.network.independent:
        sets = [networks.merged(sets)]
        n_members = len(next(iter(sets[0].values())))
    ensemble = kind.assembled(preparation, run.model, n_members, run.training)
    ensemble.network.load_state_dict(sets[0])
    return replace(ensemble, member_weight=final_members.weights_of(members))


def new_run(
    ensemble: ensembles.Ensemble,
    data: list[event_rows.EventRows],
    model: settings_models.GradientModel,
    training: settings_training.Training,
) -> loop.Run:
    """A run that trains all weights of an ensemble, before its first update."""
    view = ensemble.training_view
    train_data, validation_data = data
    return loop.Run(
        ensemble.network,
        train_data,
        validation_data,
        model,
        training,
        view,
        ensemble.discriminant,
    )


def first_step_of(model: settings_models.GradientModel) -> Callable | None:
    """The function that first trains part of the weights, or None."""
    if getattr(model.network, "frozen_epochs", 0):
        return train_heads
    start = starting_models.start_of(model)
    if start and start.frozen_epochs:
        return train_new_weights
    return pretrain if getattr(model.network, "pretrained_epochs", 0) else None


def train_heads(
    ensemble: ensembles.Ensemble,
    data: list[event_rows.EventRows],
    model: settings_models.GradientModel,
    training: settings_training.Training,
    keeper: checkpoints.Keeper,
) -> None:
    """Train only the heads of image networks, with a separate schedule.

    This is the first of the two steps of transfer learning. Its losses are logged.
    """
    n_epochs = model.network.frozen_epochs
    step = msgspec.structs.replace(
        model, n_epochs=n_epochs, average=settings_averages.NoAverage()
    )
    ensemble.network.freeze_bodies(True)
    run = new_run(ensemble, data, step, training)
    logging.info("Training only the heads for %d epochs.", n_epochs)
    keeper.resume(run)
    run.finish(keeper.save)
    ensemble.network.freeze_bodies(False)


def train_new_weights(
    ensemble: ensembles.Ensemble,
    data: list[event_rows.EventRows],
    model: settings_models.NetworkModel,
    training: settings_training.Training,
    keeper: checkpoints.Keeper,
) -> None:
    """Train only weights that are not from another training; see `train_heads`."""
    start = model.start_from
    step = msgspec.structs.replace(
        model, n_epochs=start.frozen_epochs, average=settings_averages.NoAverage()
    )
    starting_weights.freeze(ensemble.network, start.part, True)
    run = new_run(ensemble, data, step, training)
    logging.info("Training only new weights for %d epochs.", start.frozen_epochs)
    keeper.resume(run)
    run.finish(keeper.save)
    starting_weights.freeze(ensemble.network, start.part, False)


def pretrain(
    ensemble: ensembles.Ensemble,
    data: list[event_rows.EventRows],
    model: settings_models.GradientModel,
    training: settings_training.Training,
    keeper: checkpoints.Keeper,
) -> None:
    """Train the hidden layers as autoencoders, one after another."""
    view = ensemble.training_view
    run = autoencoders.Pretraining(ensemble.network, data, model, training, view)
    keeper.resume(run)
    run.finish(keeper.save)


def check_snapshots(run: loop.Run) -> None:
    """Check that a snapshot will be taken, and that the network supports snapshots."""
    average = run.average
    if not isinstance(average, weight_averages.Snapshots):
        return
    if not run.network.independent:
        raise logs.InputError(
            f"average: snapshots are not available for {run.model.kind}, whose "
            "members share weights; choose another average"
        )
    epochs = range(average.first_epoch, run.model.n_epochs + 1)
    if not any(run.schedule.ends_cycle(epoch) for epoch in epochs):
        raise logs.InputError(
            "average: snapshots are taken where a cycle of the schedule ends, and no "
            f"cycle ends from epoch {average.first_epoch} to {run.model.n_epochs}; "
            "choose a cyclic schedule or shorter cycles"
        )
