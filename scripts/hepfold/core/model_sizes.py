"""Size of one member of a model of each kind, from its settings.

The constants of convolutional networks are those of `models.image_backbones`, which
Snakemake does not import, because it would wait for PyTorch.
"""

import math
from typing import NamedTuple

from hepfold.core import settings_layers, settings_models

# Prepared features of a pair of bodies: for networks and trees, and for transformers.
N_OF_PAIR, N_OF_PARTICLE_PAIR = 2, 5
# Multiply-adds and values of feature maps for a pixel: of the small network, and of
# EfficientNet-Lite0, for which any other large network is taken.
SMALL_CONVOLUTIONS, LARGE_CONVOLUTIONS = (4450, 54), (7510, 408)
SMALL_WEIGHTS, LARGE_WEIGHTS = 177_000, 3_370_000
# Feature maps that the dense layers see: of each pixel of the small network, of which
# there are fewer by this factor in both directions, and of the large one.
SMALL_CHANNELS, SMALL_STRIDE, LARGE_CHANNELS = 64, 8, 1280
SMALL = "se_resnet"
# Values that a hidden layer keeps for the gradients of one unit: before the activation,
# after it, and after the dropout.
KEPT = 3


class Inputs(NamedTuple):
    """Number of features of a model, and of bodies all of whose momenta are in them.

    And the number of its classes, 1 if it is binary, and of boosting rounds of the
    trainings that it continues.
    """

    n_features: int
    n_bodies: int
    n_classes: int = 1
    n_first_rounds: int = 0

    @property
    def n_pairs(self) -> int:
        """Number of pairs of bodies."""
        return math.comb(self.n_bodies, 2)


class Size(NamedTuple):
    """Size of one member of a model.

    For each event: columns that it sees, multiply-adds without those of gradients, and
    values of all layers that are kept for gradients. And the number of its weights, and
    of trees that a booster gains in each round, and of rounds before its training.
    """

    n_inputs: int
    products: float
    values: float
    n_weights: float
    n_trees: int = 1
    n_first_rounds: int = 0


def of(model: settings_models.BaseModel, inputs: Inputs) -> Size:
    """Size of one network or booster of a model; a booster has no layers."""
    if isinstance(model, settings_models.SuperTML):
        return of_images(model, inputs)
    n_inputs = n_prepared(model, inputs)
    if isinstance(model, settings_models.XGBoost):
        rounds = inputs.n_classes, inputs.n_first_rounds
        return Size(n_inputs, 0.0, 0.0, 0.0, *rounds)
    if isinstance(model, settings_models.Transformer):
        return of_transformer(model.network, n_inputs, inputs)
    return of_layers(model.kind, model.network, n_inputs)


def n_prepared(
    model: settings_models.NetworkModel | settings_models.XGBoost, inputs: Inputs
) -> int:
    """Number of prepared features of an event.

    Features of declared decays, of which there are few, are left out.
    """
    preparation, n_bodies = model.preparation, inputs.n_bodies
    n = inputs.n_features
    if isinstance(model, settings_models.Transformer):
        n += N_OF_PARTICLE_PAIR * inputs.n_pairs
    else:
        # Components x and y stand for the azimuth of each body.
        n += n_bodies * preparation.vectors
        n += N_OF_PAIR * inputs.n_pairs * preparation.pairs
    sizes = range(3, min(preparation.systems, n_bodies) + 1)
    return n + 2 * sum(math.comb(n_bodies, size) for size in sizes)


def of_layers(kind: str, layers: settings_layers.Layers, n_inputs: int) -> Size:
    """Size of a network with stacked hidden layers."""
    depth, width = layers.depth, layers.width
    seen = [n_inputs, *[width] * (depth - 1)]
    if kind == "dense":
        seen = [n_inputs + i * width for i in range(depth)]
    elif kind == "residual":
        seen = [n_inputs, *[width] * 2 * depth]
    products = width * (sum(seen) + 1)
    values = n_inputs + KEPT * width * len(seen)
    return Size(n_inputs, products, values, products)


def of_transformer(
    layers: settings_layers.AttentionLayers, n_inputs: int, inputs: Inputs
) -> Size:
    """Size of a network whose bodies attend to each other."""
    depth, width, n_pairs = layers.depth, layers.width, inputs.n_pairs
    n_tokens = inputs.n_bodies + 1
    n_biases = depth * layers.n_heads
    # Query, key, value and their joining; then two layers within the token.
    weights = depth * (4 + 2 * layers.expansion) * width**2
    attention = 2 * depth * n_tokens**2 * width
    of_pair = layers.pair_width * (
        N_OF_PARTICLE_PAIR + layers.pair_width + n_biases + width
    )
    places = n_biases * (n_pairs + inputs.n_bodies) * n_tokens**2
    products = n_tokens * weights + attention + n_pairs * of_pair + places
    of_token = depth * (10 + KEPT * layers.expansion) * width
    values = n_tokens * of_token + 3 * n_biases * n_tokens**2
    values += 4 * n_pairs * layers.pair_width
    return Size(n_inputs, products, n_inputs + values, weights + of_pair)


def of_images(model: settings_models.SuperTML, inputs: Inputs) -> Size:
    """Size of a convolutional network and of the dense layers after it."""
    n_pixels = model.images.size**2
    if model.network.backbone == SMALL:
        (products, values), n_weights = SMALL_CONVOLUTIONS, SMALL_WEIGHTS
        n_maps = SMALL_CHANNELS * (model.images.size / SMALL_STRIDE) ** 2
    else:
        (products, values), n_weights = LARGE_CONVOLUTIONS, LARGE_WEIGHTS
        n_maps = LARGE_CHANNELS
    head = n_maps * model.network.head_width
    return Size(
        n_inputs=inputs.n_features,
        products=n_pixels * products + head,
        values=n_pixels * values + n_maps,
        n_weights=n_weights + head,
    )
