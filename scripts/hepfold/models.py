"""All kinds of model behind one door: train, score, store and load."""

import logging
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import torch

from hepfold import (
    arrays,
    averages,
    devices,
    ensembles,
    features,
    imagemodels,
    logs,
    networks,
    pretraining,
    provenance,
    states,
    store,
    training,
    trees,
    weights,
)

Model = ensembles.Ensemble | trees.Forest
Preparation = features.FeaturePreparation | imagemodels.ImagePreparation
# Of images, whose features no symmetry turns.
NO_SYMMETRY = {"use": "none", "n_views": 1}


def train(
    events: arrays.Events,
    schema: features.Schema,
    settings: dict,
    seed: int,
    state_path: str,
) -> tuple[Model, list[dict]]:
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
    parts = arrays.drawn_parts(events, model, seed)
    del events  # gigabytes, where nobody else holds them
    preparation = fitted(schema, model, parts[0], seed)
    use = model.get("symmetry", NO_SYMMETRY)["use"]
    if use != "none" and not preparation.columns.n_vectors:
        raise logs.InputError(
            f"symmetry {use} turns momenta: it needs "
            "preparation.vectors, and features that hold them"
        )
    if model["kind"] == trees.KIND:
        return trees.train(preparation, *map(balanced, parts), model, asked, seed)
    n_devices = asked["n_devices"]
    if n_devices > 1:
        devices.refuse(model["kind"], model["network"])
    device = ensembles.choose_device(asked["device"])
    arguments = preparation, parts, settings, seed, state_path
    with devices.telling_full_memory():
        return devices.run(train_networks, n_devices, device.type, arguments)


def balanced(events: arrays.Events) -> arrays.Events:
    """Events with training weights: both classes sum to the same, mean one."""
    if len(events) == 0:
        return events
    return events.with_weight(weights.balance(events.weight, events.label))


def train_networks(
    preparation: Preparation,
    parts: list[arrays.Events],
    settings: dict,
    seed: int,
    state_path: str,
) -> tuple[ensembles.Ensemble, list[dict]]:
    """Fit an ensemble of networks to the first part, judged by the second.

    On several devices all do this, each with its share of every batch.
    """
    model = settings["model"]
    torch.manual_seed(seed)
    ensemble = assemble(preparation, model, model["n_members"], settings["training"])
    data = [prepared_data(ensemble, balanced(part)) for part in parts]
    run = new_run(ensemble, data, model, settings["training"])
    refuse_vain_snapshots(run)
    told = {
        "seed": seed,
        "device": ensemble.device.type,
        "events": arrays.checksums(parts),
    }
    keeper = states.Keeper(state_path, provenance.digest({**settings, **told}))
    first_step = first_step_of(model)
    if not keeper.resume(run) and first_step:
        step = provenance.digest({**settings, **told, "step": first_step.__name__})
        first_step(ensemble, data, settings, states.Keeper(state_path, step))
        run = new_run(ensemble, data, model, settings["training"])
    run.finish(keeper.save)
    sets, n_members = run.final_weights(), model["n_members"]
    if ensemble.network.independent:
        sets = [networks.merged(sets)]
        n_members = len(next(iter(sets[0].values())))
    ensemble = assemble(preparation, model, n_members, settings["training"])
    ensemble.network.load_state_dict(sets[0])
    return ensemble, run.history


def new_run(
    ensemble: ensembles.Ensemble,
    data: list[training.Data],
    model: dict,
    training_settings: dict,
) -> training.Run:
    """A training of all weights of an ensemble that has not begun."""
    view = ensemble.training_view
    return training.Run(ensemble.network, *data, model, training_settings, view)


def first_step_of(model: dict) -> Callable | None:
    """What trains a part of the weights before all are trained, if that is wanted."""
    if model["network"].get("frozen_epochs"):
        return train_heads
    return pretrain if model["network"].get("pretrained_epochs") else None


def train_heads(
    ensemble: ensembles.Ensemble,
    data: list[training.Data],
    settings: dict,
    keeper: states.Keeper,
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
    data: list[training.Data],
    settings: dict,
    keeper: states.Keeper,
) -> None:
    """Train the hidden layers as autoencoders, one after the other."""
    model, view = settings["model"], ensemble.training_view
    run = pretraining.Pretraining(
        ensemble.network, data, model, settings["training"], view
    )
    keeper.resume(run)
    run.finish(keeper.save)


def refuse_vain_snapshots(run: training.Run) -> None:
    """Refuse snapshots that no epoch gives, or of networks that cannot be joined."""
    average = run.average
    if not isinstance(average, averages.Snapshots):
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


def prepare(schema: features.Schema, model: dict) -> Preparation:
    """The preparation of features that a model asks for, not fitted yet."""
    if model["kind"] == imagemodels.KIND:
        return imagemodels.ImagePreparation(schema, model["images"])
    return features.FeaturePreparation(schema, **model["preparation"])


def fitted(
    schema: features.Schema, model: dict, events: arrays.Events, seed: int
) -> Preparation:
    """The preparation of features that a model asks for, fitted to events."""
    preparation = prepare(schema, model)
    if model["kind"] != imagemodels.KIND:
        preparation.fit(events.inputs)
        return preparation
    importance = np.ones(len(schema.features))
    if preparation.needs_importance:
        importance = trees.gains(balanced(events), seed)
    preparation.fit(events.inputs, importance)
    return preparation


def assemble(
    preparation: Preparation,
    model: dict,
    n_members: int,
    training_settings: dict,
) -> ensembles.Ensemble:
    """An ensemble on its device, its networks as they start."""
    columns, settings = preparation.columns, model["network"]
    if model["kind"] == imagemodels.KIND:
        network = imagemodels.Members(preparation.encoder, settings, n_members)
    else:
        inputs = networks.Inputs(columns.y.stop, preparation.schema.n_values)
        network = networks.build(model["kind"], n_members, inputs, settings)
    device = ensembles.choose_device(training_settings["device"])
    return ensembles.Ensemble(
        preparation.to(device),
        network.to(device),
        model.get("symmetry", NO_SYMMETRY),
        training_settings["precision"],
    )


def prepared_data(ensemble: ensembles.Ensemble, events: arrays.Events) -> training.Data:
    """Events as they are trained on, on the device."""
    return training.Data(
        ensemble.prepared(events.inputs),
        *(
            torch.from_numpy(values).to(ensemble.device, torch.float32)
            for values in (events.label, events.weight)
        ),
    )


def save(path: str, model: Model, made_by: dict) -> None:
    """Write a model, with all that it needs to score events of the same schema."""
    about = {
        "schema": asdict(model.preparation.schema),
        "n_members": model.n_members,
    }
    store.write_tensors(path, model.arrays(), {**made_by, **about})


def load(path: str, device: str) -> Model:
    """Read a model that `save` wrote, onto the device that is named."""
    found, made_by = store.read_tensors(path)
    settings, schema = made_by["model"], made_by["schema"]
    bodies = tuple(tuple(body) for body in schema.pop("bodies"))
    schema = {
        name: tuple(v) if isinstance(v, list) else v for name, v in schema.items()
    }
    preparation = prepare(features.Schema(bodies=bodies, **schema), settings)
    preparation.load_arrays(found)
    if settings["kind"] == trees.KIND:
        model = trees.Forest(preparation, [], settings["symmetry"])
    else:
        training_settings = {**made_by["training"], "device": device}
        model = assemble(preparation, settings, made_by["n_members"], training_settings)
    model.load_arrays(found)
    return model
