"""All kinds of model behind one door: train, score, store and load."""

import logging
from collections.abc import Callable

import torch

from hepfold.core import logs, provenance
from hepfold.data import event_arrays, weights
from hepfold.models import (
    ensembles,
    feature_preparation,
    networks,
    trees,
    zoo,
)
from hepfold.training import autoencoders, checkpoints, loop, processes, weight_averages


def train(
    events: event_arrays.Events,
    schema: feature_preparation.Schema,
    settings: dict,
    seed: int,
    state_path: str,
) -> tuple[zoo.Model, list[dict]]:
    """Fit a model to events, and tell its history.

    Parameters
    ----------
    events
        The training folds; a part of them, drawn here, may decide when to stop.
    schema
        What the columns of their inputs are.
    settings
        `model` is `models.<model>` of the configuration, `training` is `training`.
    seed
        Of initial weights, order of events, symmetries and the drawn part.
    state_path
        Where the state of a training is kept while it runs, and found again after it
        was killed.

    Returns the model and one row per epoch, or round of trees, and member.
    """
    model, asked = settings["model"], settings["training"]
    parts = event_arrays.drawn_parts(events, model, seed)
    del events  # gigabytes, where nobody else holds them
    preparation = zoo.fitted(schema, model, parts[0], seed)
    use = model.get("symmetry", zoo.NO_SYMMETRY)["use"]
    if use != "none" and not preparation.columns.n_vectors:
        raise logs.InputError(
            f"symmetry {use} turns momenta: it needs "
            "preparation.vectors, and features that hold them"
        )
    if model["kind"] == trees.KIND:
        return trees.train(
            preparation, *map(weights.balanced, parts), model, asked, seed
        )
    n_devices = asked["n_devices"]
    if n_devices > 1:
        processes.refuse(model["kind"], model["network"])
    device = ensembles.choose_device(asked["device"])
    arguments = preparation, parts, settings, seed, state_path
    with processes.telling_full_memory():
        return processes.run(train_networks, n_devices, device.type, arguments)


def train_networks(
    preparation: zoo.Preparation,
    parts: list[event_arrays.Events],
    settings: dict,
    seed: int,
    state_path: str,
) -> tuple[ensembles.Ensemble, list[dict]]:
    """Fit an ensemble of networks to the first part, judged by the second.

    On several devices all do this, each with its share of every batch.
    """
    model = settings["model"]
    torch.manual_seed(seed)
    ensemble = zoo.assemble(
        preparation, model, model["n_members"], settings["training"]
    )
    data = [prepared_data(ensemble, weights.balanced(part)) for part in parts]
    run = new_run(ensemble, data, model, settings["training"])
    refuse_vain_snapshots(run)
    told = {
        "seed": seed,
        "device": ensemble.device.type,
        "events": event_arrays.checksums(parts),
    }
    keeper = checkpoints.Keeper(state_path, provenance.digest({**settings, **told}))
    first_step = first_step_of(model)
    if not keeper.resume(run) and first_step:
        step = provenance.digest({**settings, **told, "step": first_step.__name__})
        first_step(ensemble, data, settings, checkpoints.Keeper(state_path, step))
        run = new_run(ensemble, data, model, settings["training"])
    run.finish(keeper.save)
    sets, n_members = run.final_weights(), model["n_members"]
    if ensemble.network.independent:
        sets = [networks.merged(sets)]
        n_members = len(next(iter(sets[0].values())))
    ensemble = zoo.assemble(preparation, model, n_members, settings["training"])
    ensemble.network.load_state_dict(sets[0])
    return ensemble, run.history


def new_run(
    ensemble: ensembles.Ensemble,
    data: list[loop.Data],
    model: dict,
    training_settings: dict,
) -> loop.Run:
    """A training of all weights of an ensemble that has not begun."""
    view = ensemble.training_view
    return loop.Run(ensemble.network, *data, model, training_settings, view)


def first_step_of(model: dict) -> Callable | None:
    """What trains a part of the weights before all are trained, if that is wanted."""
    if model["network"].get("frozen_epochs"):
        return train_heads
    return pretrain if model["network"].get("pretrained_epochs") else None


def train_heads(
    ensemble: ensembles.Ensemble,
    data: list[loop.Data],
    settings: dict,
    keeper: checkpoints.Keeper,
) -> None:
    """Train the heads of networks of images alone, by a schedule of their own.

    The first of the two steps of transfer learning. Its losses are in the log.
    """
    model = settings["model"]
    n_epochs = model["network"]["frozen_epochs"]
    model = {**model, "n_epochs": n_epochs, "average": {"none": {}}}
    ensemble.network.freeze_bodies(True)
    run = new_run(ensemble, data, model, settings["training"])
    logging.info("The heads alone, for %d epochs.", n_epochs)
    keeper.resume(run)
    run.finish(keeper.save)
    ensemble.network.freeze_bodies(False)


def pretrain(
    ensemble: ensembles.Ensemble,
    data: list[loop.Data],
    settings: dict,
    keeper: checkpoints.Keeper,
) -> None:
    """Train the hidden layers as autoencoders, one after the other."""
    model, view = settings["model"], ensemble.training_view
    run = autoencoders.Pretraining(
        ensemble.network, data, model, settings["training"], view
    )
    keeper.resume(run)
    run.finish(keeper.save)


def refuse_vain_snapshots(run: loop.Run) -> None:
    """Refuse snapshots that no epoch gives, or of networks that cannot be joined."""
    average = run.average
    if not isinstance(average, weight_averages.Snapshots):
        return
    if not run.network.independent:
        raise logs.InputError(
            f"average: the members of a {run.model['kind']} network share weights, "
            "so that there are no snapshots of it"
        )
    epochs = range(average.first_epoch, run.model["n_epochs"] + 1)
    if not any(run.schedule.ends_cycle(epoch) for epoch in epochs):
        raise logs.InputError(
            "average: snapshots are taken where a cycle of the schedule ends, and "
            f"none does from epoch {average.first_epoch} to {run.model['n_epochs']}"
        )


def prepared_data(
    ensemble: ensembles.Ensemble, events: event_arrays.Events
) -> loop.Data:
    """Events as they are trained on, on the device."""
    return loop.Data(
        ensemble.prepared(events.inputs),
        *(
            torch.from_numpy(values).to(ensemble.device, torch.float32)
            for values in (events.label, events.weight)
        ),
    )
