"""Small samples with known optimal scores, and settings of a short training."""

import dataclasses
import math
import tempfile

import msgspec
import numpy as np
import torch

from hepfold.core import (
    metrics,
    parsing,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.data import event_arrays
from hepfold.models import feature_schema
from hepfold.training import checkpoints, fit

# With networks this small, several threads mostly wait for each other.
torch.set_num_threads(1)

TRAINING = settings_training.Training(device="cpu", precision="float32")
NETWORK = {
    "depth": 1,
    "width": 16,
    "activation": "swish",
    "dropout": 0.0,
    "dropout_layers": "all",
    "batch_norm": False,
    "norm_rate": 0.1,
    "norm_epsilon": 1e-5,
    "embedding_size": 0,
    "initial_sd": None,
    "pretrained_epochs": 0,
}
STOPPING = {
    "patience": 100,
    "min_change": 0.0,
    "min_relative_change": 0.0,
    "first_epoch": 1,
}
MODEL = {
    "kind": "mlp",
    "features": "all",
    "seed": 0,
    "n_events": None,
    "tuned": None,
    "hypotheses": None,
    "n_members": 3,
    "preparation": {"scaling": "standard", "vectors": False, "pairs": False},
    "symmetry": {"use": "none", "n_views": 1},
    "network": NETWORK,
    "validation_fraction": 0.25,
    "n_epochs": 6,
    "stopping": STOPPING,
    "batch_size": 64,
    "label_smoothing": 0.0,
    "learning_rate": 0.01,
    "optimizer": {"kind": "adamw", "beta2": 0.999, "weight_decay": 0.0},
    "schedule": {"kind": "constant"},
    "average": {"kind": "none"},
}
FOREST = {
    "kind": "xgboost",
    "features": "all",
    "seed": 0,
    "n_events": None,
    "tuned": None,
    "hypotheses": None,
    "n_members": 2,
    "preparation": {"scaling": "standard", "vectors": False, "pairs": False},
    "symmetry": {"use": "none"},
    "trees": {
        "depth": 2,
        "event_fraction": 0.8,
        "feature_fraction": 0.8,
        "min_child_weight": 1.0,
        "l2": 1.0,
    },
    "validation_fraction": 0.25,
    "n_rounds": 40,
    "patience": 10,
    "learning_rate": 0.2,
}
# Changes of a model that make it a small transformer.
TRANSFORMER = {
    "kind": "transformer",
    "preparation": {},
    "symmetry": {"use": "augmentation", "n_views": 2},
    "network": {"depth": 1, "width": 8, "n_heads": 2, "pair_width": 8, "dropout": 0.1},
}
# One of each kind that the configuration can name.
OPTIMIZERS = {
    "sgd": {"kind": "sgd", "momentum": 0.9, "weight_decay": 1e-5},
    "adamw": {"kind": "adamw", "beta2": 0.999, "weight_decay": 0.01},
    "muon": {"kind": "muon", "beta2": 0.999, "weight_decay": 0.01},
}
SCHEDULES = {
    "constant": {"kind": "constant"},
    "decay": {
        "kind": "decay",
        "factor": 1.001,
        "min_rate": 1e-6,
        "momentum": [0.85, 0.9],
        "ramp_epochs": 2,
    },
    "plateau": {"kind": "plateau", "factor": 0.5, "patience": 1, "min_rate": 1e-5},
    "linear_cycles": {
        "kind": "linear_cycles",
        "min_fraction": 0.1,
        "n_epochs": 1,
        "first_epoch": 2,
    },
    "cosine": {"kind": "cosine", "min_fraction": 0.01, "n_epochs": 1, "growth": 1},
    "one_cycle": {
        "kind": "one_cycle",
        "warm_fraction": 0.3,
        "start_fraction": 0.1,
        "end_fraction": 0.01,
        "momentum": [0.85, 0.95],
    },
}
AVERAGES = {
    "none": {"kind": "none"},
    "exponential": {"kind": "exponential", "decay": 0.95},
    "stochastic": {"kind": "stochastic", "first_epoch": 2},
    "self_starting": {"kind": "self_starting", "n_averages": 2, "restart_epochs": 1},
    "snapshots": {"kind": "snapshots", "n_last": 2},
    "fast_geometric": {"kind": "fast_geometric", "n_last": 2, "first_epoch": 2},
}
LAYERS = {
    "mlp": settings_layers.MLPLayers,
    "residual": settings_layers.StackedLayers,
    "dense": settings_layers.StackedLayers,
    "wide_deep": settings_layers.StackedLayers,
    "tabm": settings_layers.Layers,
}
VECTORS = {"scaling": "standard", "vectors": True, "pairs": False}


def events_of(
    inputs: np.ndarray, label: np.ndarray, weight=None
) -> event_arrays.Events:
    """Events with consecutive ids, all in the first subset."""
    n = len(label)
    return event_arrays.Events(
        inputs=inputs.astype("f4"),
        label=label.astype("i1"),
        weight=np.ones(n) if weight is None else weight.astype("f8"),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
    )


def two_gaussians(n: int, seed: int = 0, distance: float = 2.0) -> event_arrays.Events:
    """Two classes in four features, which differ in the mean of the first only."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, n)
    inputs = rng.normal(size=(n, 4))
    inputs[:, 0] += distance * label
    return events_of(inputs, label, rng.uniform(0.5, 1.5, n))


def ideal_auc(distance: float) -> float:
    """AUC of the likelihood ratio of two Gaussians, Phi(distance / sqrt 2)."""
    return (1 + math.erf(distance / 2)) / 2


def with_category(events: event_arrays.Events) -> event_arrays.Events:
    """The events with an uninformative category of three values."""
    code = np.arange(len(events)) % 3
    return events_of(np.c_[events.inputs, code], events.label, events.weight)


def two_bodies(n: int, seed: int = 0) -> event_arrays.Events:
    """Events of (pt, eta, phi) twice; in signal the bodies are back to back."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, n)
    pt, eta = rng.exponential(20, (2, n)) + 20, rng.normal(size=(2, n))
    phi = rng.uniform(-np.pi, np.pi, n)
    between = np.where(label, rng.normal(np.pi, 0.7, n), rng.uniform(-np.pi, np.pi, n))
    columns = [pt[0], eta[0], phi, pt[1], eta[1], wrapped(phi + between)]
    return events_of(np.stack(columns, axis=1), label)


def turned(inputs: np.ndarray, angle: float, sign_y: int, sign_z: int) -> np.ndarray:
    """The inputs of `two_bodies`, rotated around the beam and reflected."""
    out = inputs.copy()
    out[:, [2, 5]] = sign_y * wrapped(inputs[:, [2, 5]] + angle)
    out[:, [1, 4]] *= sign_z
    return out


def wrapped(phi: np.ndarray) -> np.ndarray:
    """Angles from -pi to pi."""
    return (phi + np.pi) % (2 * np.pi) - np.pi


def schema(n_features: int, n_values=(), bodies=()) -> feature_schema.Schema:
    """Features without names, in the units of the file."""
    names = tuple(f"x{i}" for i in range(n_features))
    return feature_schema.Schema(names, n_values, bodies, (1.0,) * n_features, True)


TWO_BODIES = dataclasses.replace(
    schema(6, bodies=((0, 1, 2), (3, 4, 5))), kinds=("a", "a"), more=((), ())
)


def model(base: dict = MODEL, **changes) -> settings_models.Model:
    """Settings of `base` with changes, without layer settings of other kinds."""
    return parsing.parse(as_dict(base | changes), settings_models.Model)


def as_dict(settings: dict) -> dict:
    """Settings of a model, with only those of its kind of network."""
    layers = LAYERS.get(settings["kind"])
    if layers is None:
        return settings
    names = layers.__struct_fields__
    network = {name: settings["network"][name] for name in names}
    return {**settings, "network": network}


def training(**changes) -> settings_training.Training:
    """Settings of a training on the CPU, with changes."""
    return msgspec.structs.replace(TRAINING, **changes)


def record(base: dict = MODEL, training=TRAINING, **changes) -> dict:
    """The settings stored in a model file."""
    return {"model": as_dict(base | changes), "training": parsing.as_dict(training)}


def train(
    events,
    seed=1,
    schema_=None,
    state_path=None,
    training=TRAINING,
    start=None,
    **changes,
):
    """A short training of the events: the model and its history."""
    schema_ = schema_ or schema(events.inputs.shape[1])
    settings = model(**changes)
    with tempfile.TemporaryDirectory() as folder:
        path = str(state_path or f"{folder}/model.state")
        place = checkpoints.Place(path, {})
        return fit.train(events, schema_, settings, training, seed, place, start)


def auc(model, events: event_arrays.Events) -> float:
    """AUC of a model, events counted equally."""
    return metrics.auc(model.score(events.inputs), events.label, np.ones(len(events)))
