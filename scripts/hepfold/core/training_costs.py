"""Estimated time and memory of a training, from its settings and number of events.

Times are CPU times of one core without AMX or AVX-512 in bfloat16. The constants were
fitted to trainings on 28 features of seven bodies (`benchmarks/costs.py`).
"""

from typing import NamedTuple

from hepfold.core import (
    settings_layers,
    settings_models,
    settings_training,
    stream_choice,
)

N_FEATURES, FEATURES_PER_BODY = 28, 4
# Features of a pair of bodies, and prepared features that replace angles by components.
PAIR_FEATURES, FEATURES_OF_BODY = 2, 4
# Seconds and MB of a job that trains on few events.
START_S, START_MB = 15.0, 700.0
# Events that are scored for each training event, and the time of a forward pass in
# units of that of a training step.
SCORED, FORWARD = 0.5, 1 / 3
# Most events, and values, that a preparation of features is fitted to; bytes of each.
N_FITTED, N_FITTED_VALUES, FITTED_BYTES = 1_000_000, 64_000_000, 24
# Bytes of an event in the fold file besides its features, and copies while it is read.
EVENT_BYTES, N_COPIES = 26, 2


class Cost(NamedTuple):
    """Time of an event in a member and a pass, in microseconds.

    `per_update` is divided by the batch size and the number of members, which share
    updates; `per_product` is for a thousand multiplications in the forward pass.
    """

    per_event: float
    per_update: float
    per_product: float


COSTS = {
    "mlp": Cost(1.0, 100.0, 0.1),
    "residual": Cost(1.0, 100.0, 0.1),
    "dense": Cost(1.0, 100.0, 0.1),
    "wide_deep": Cost(1.0, 100.0, 0.1),
    "tabm": Cost(1.0, 100.0, 0.1),
    "transformer": Cost(1.0, 100.0, 0.1),
    "xgboost": Cost(0.1, 0.0, 0.1),
    "supertml": Cost(1.0, 100.0, 0.1),
}
# Multiplications of an image network, in thousands, for an image of 56 x 56 pixels.
IMAGE_SIZE = 56
IMAGE_PRODUCTS = {"se_resnet": 5_000.0, "efficientnet_lite0": 25_000.0}
OTHER_IMAGE_PRODUCTS = 100_000.0


def passes(model: settings_models.BaseModel) -> int:
    """Passes of all members over the training events, or rounds of all boosters."""
    if isinstance(model, settings_models.XGBoost):
        return model.n_members * model.n_rounds
    layers = model.network
    alone = getattr(layers, "pretrained_epochs", 0) * getattr(layers, "depth", 0)
    alone += getattr(layers, "frozen_epochs", 0)
    start = getattr(model, "start_from", None)
    alone += start.frozen_epochs if start else 0
    return model.n_members * (model.n_epochs + alone)


def n_prepared(model: settings_models.BaseModel, n_features: int) -> int:
    """Prepared features of an event, if every four features are of one body."""
    if isinstance(model, settings_models.SuperTML):
        return n_features
    n_bodies = n_features // FEATURES_PER_BODY
    if not getattr(model.preparation, "pairs", True):
        return n_features
    return n_features + n_bodies * (n_bodies - 1) // 2 * PAIR_FEATURES + n_bodies


def products(model: settings_models.BaseModel, n_features: int) -> float:
    """Multiplications of an event in the forward pass of a member, in thousands."""
    if isinstance(model, settings_models.XGBoost):
        trees = model.trees
        used = trees.feature_fraction * trees.event_fraction
        return n_prepared(model, n_features) * used * trees.depth / 1e3
    if isinstance(model, settings_models.SuperTML):
        name, size = model.network.backbone, model.images.size / IMAGE_SIZE
        return IMAGE_PRODUCTS.get(name, OTHER_IMAGE_PRODUCTS) * size**2
    if isinstance(model, settings_models.Transformer):
        return of_transformer(model.network, n_features // FEATURES_PER_BODY) / 1e3
    n_inputs = n_prepared(model, n_features)
    depth, width = model.network.depth, model.network.width
    if isinstance(model, settings_models.Dense):
        return sum(n_inputs + i * width for i in range(depth)) * width / 1e3
    n_layers = 2 * depth if isinstance(model, settings_models.Residual) else depth - 1
    return (n_inputs + n_layers * width) * width / 1e3


def of_transformer(layers: settings_layers.AttentionLayers, n_bodies: int) -> float:
    """Multiplications of an event in a transformer."""
    n_pairs = n_bodies * (n_bodies - 1) / 2
    tokens = n_bodies * (4 + 2 * layers.expansion) * layers.width**2
    attention = 2 * n_bodies**2 * layers.width
    pairs = n_pairs * layers.pair_width * (4 + layers.n_heads)
    return layers.depth * (tokens + attention) + pairs


def microseconds(model: settings_models.BaseModel, n_features: int) -> float:
    """Time of an event in a member and a pass; of a tree, in a round."""
    cost, batch_size = COSTS[model.kind], getattr(model, "batch_size", 1)
    overhead = cost.per_update / batch_size / model.n_members
    return cost.per_event + overhead + cost.per_product * products(model, n_features)


def seconds(
    model: settings_models.BaseModel, n_events: float, n_features: int = N_FEATURES
) -> float:
    """Time of a training, and of the scores of its fold and of test events."""
    n_used = min(n_events, model.n_events or n_events)
    n_seen = n_used * passes(model)
    if isinstance(model, settings_models.GradientModel):
        symmetry = getattr(model, "symmetry", None)
        n_views = symmetry.n_views if symmetry else 1
        n_seen += SCORED * FORWARD * n_events * model.n_members * n_views
    return START_S + 1e-6 * n_seen * microseconds(model, n_features)


def megabytes(
    model: settings_models.BaseModel,
    n_events: float,
    streaming: settings_training.Streaming,
    n_features: int = N_FEATURES,
) -> float:
    """Peak memory of a training, in MB."""
    n_inputs = n_prepared(model, n_features)
    n_fitted = min(n_events, N_FITTED, N_FITTED_VALUES / n_inputs)
    fitting = n_fitted * n_inputs * FITTED_BYTES
    prepared = 4 * (n_inputs + 2) + 8 * model.n_members
    physical = N_COPIES * (4 * n_features + EVENT_BYTES)
    if stream_choice.is_streamed(model, n_events, streaming, n_features):
        n_events = min(n_events, streaming.buffer_events)
        n_events *= 2 if model.validation_fraction else 1
    return START_MB + (fitting + n_events * (prepared + physical)) / 1e6
