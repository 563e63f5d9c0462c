"""Kinds of model: build, save, load."""

from dataclasses import asdict

import numpy as np

from hepfold.core import files
from hepfold.data import event_arrays, weights
from hepfold.models import (
    ensembles,
    feature_preparation,
    image_ensembles,
    networks,
    trees,
)

Model = ensembles.Ensemble | trees.Forest


Preparation = feature_preparation.FeaturePreparation | image_ensembles.ImagePreparation


# Of images, whose features no symmetry turns.
NO_SYMMETRY = {"use": "none", "n_views": 1}


def prepare(schema: feature_preparation.Schema, model: dict) -> Preparation:
    """The preparation of features that a model asks for, not fitted yet."""
    if model["kind"] == image_ensembles.KIND:
        return image_ensembles.ImagePreparation(schema, model["images"])
    return feature_preparation.FeaturePreparation(schema, **model["preparation"])


def fitted(
    schema: feature_preparation.Schema,
    model: dict,
    events: event_arrays.Events,
    seed: int,
) -> Preparation:
    """The preparation of features that a model asks for, fitted to events."""
    preparation = prepare(schema, model)
    if model["kind"] != image_ensembles.KIND:
        preparation.fit(events.inputs)
        return preparation
    importance = np.ones(len(schema.features))
    if preparation.needs_importance:
        importance = trees.gains(weights.balanced(events), seed)
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
    if model["kind"] == image_ensembles.KIND:
        network = image_ensembles.Members(preparation.encoder, settings, n_members)
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


def save(path: str, model: Model, made_by: dict) -> None:
    """Write a model, with all that it needs to score events of the same schema."""
    about = {
        "schema": asdict(model.preparation.schema),
        "n_members": model.n_members,
    }
    files.write_tensors(path, model.arrays(), {**made_by, **about})


def load(path: str, device: str) -> Model:
    """Read a model that `save` wrote, onto the device that is named."""
    found, made_by = files.read_tensors(path)
    settings, schema = made_by["model"], made_by["schema"]
    bodies = tuple(tuple(body) for body in schema.pop("bodies"))
    schema = {
        name: tuple(v) if isinstance(v, list) else v for name, v in schema.items()
    }
    preparation = prepare(feature_preparation.Schema(bodies=bodies, **schema), settings)
    preparation.load_arrays(found)
    if settings["kind"] == trees.KIND:
        model = trees.Forest(preparation, [], settings["symmetry"])
    else:
        training_settings = {**made_by["training"], "device": device}
        model = assemble(preparation, settings, made_by["n_members"], training_settings)
    model.load_arrays(found)
    return model
