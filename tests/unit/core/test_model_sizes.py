"""Tests of core.model_sizes: sizes are those of the networks that are built."""

import functools

import msgspec
import numpy as np
import particles
import pytest
import samples
import torch
from torch.utils.flop_counter import FlopCounterMode

from hepfold.core import model_sizes, settings_layers, settings_models
from hepfold.models import ensembles, image_backbones, zoo

KINDS = {
    kind.__struct_config__.tag: kind
    for kind in (
        settings_models.MLP,
        settings_models.Residual,
        settings_models.Dense,
        settings_models.WideDeep,
        settings_models.TabM,
        settings_models.Transformer,
    )
}
IMAGES = [
    ("se_resnet", 56),
    pytest.param("se_resnet", 112, marks=pytest.mark.slow),
    pytest.param("efficientnet_lite0", 64, marks=pytest.mark.slow),
]


@functools.cache
def ensemble(kind: str) -> tuple[ensembles.Ensemble, model_sizes.Size]:
    """An ensemble of one network with default layers, and the size expected of it."""
    model = KINDS[kind](n_members=1)
    schema, of_kind = particles.schema(), zoo.model_class(model)
    preparation = of_kind.unfitted_preparation(schema, model)
    preparation.fit(particles.inputs(200))
    torch.manual_seed(0)
    built = of_kind.assembled(preparation, model, 1, samples.TRAINING)
    inputs = model_sizes.Inputs(len(schema.features), len(schema.bodies))
    return built, model_sizes.of(model, inputs)


def of_images(backbone: str, size: int) -> tuple[torch.nn.Module, model_sizes.Size]:
    """A network of images, and the size expected of it."""
    model = settings_models.SuperTML(
        n_members=1,
        images=settings_layers.Images(size=size),
        network=settings_layers.ImageNetwork(backbone=backbone),
    )
    network = image_backbones.build(backbone, size, model.network.head_width, 0.2)
    return network, model_sizes.of(model, model_sizes.Inputs(28, 6))


def counted(network: torch.nn.Module, x: torch.Tensor, n: int) -> tuple[float, float]:
    """Multiply-adds and values kept for gradients, of each of n events, by PyTorch.

    Weights are kept too, and not counted.
    """
    kept = [-sum(weight.numel() for weight in network.parameters())]
    hooks = torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: kept.append(tensor.numel()) or tensor, lambda tensor: tensor
    )
    with FlopCounterMode(display=False) as counter, hooks:
        network.train()(x)
    return counter.get_total_flops() / 2 / n, sum(kept) / n


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_sizes_are_those_of_the_network(kind):
    built, size = ensemble(kind)
    n = 64
    x = built.prepared(particles.inputs(n))
    products, values = counted(built.network, x.expand(1, -1, -1), n)
    n_weights = sum(weight.numel() for weight in built.network.parameters())
    assert size.n_inputs == pytest.approx(x.shape[1], rel=0.1)
    assert size.products == pytest.approx(products, rel=0.1)
    assert size.n_weights == pytest.approx(n_weights, rel=0.15)
    assert size.values == pytest.approx(values, rel=0.5)


@pytest.mark.parametrize(("backbone", "size"), IMAGES)
def test_sizes_are_those_of_the_network_of_images(backbone, size):
    network, expected = of_images(backbone, size)
    n = 4
    images = torch.from_numpy(np.zeros((n, 1, size, size), "u1"))
    products, values = counted(network, images, n)
    n_weights = sum(weight.numel() for weight in network.parameters())
    assert expected.products == pytest.approx(products, rel=0.02)
    assert expected.values == pytest.approx(values, rel=0.2)
    assert expected.n_weights == pytest.approx(n_weights, rel=0.02)


def test_other_large_networks_are_taken_for_the_pretrained_one():
    names = "efficientnet_lite0", "timm/convnext_tiny"
    models = [
        settings_models.SuperTML(network=settings_layers.ImageNetwork(backbone=name))
        for name in names
    ]
    first, other = (model_sizes.of(m, model_sizes.Inputs(28, 0)) for m in models)
    assert first == other


@pytest.mark.parametrize(
    ("changes", "n_further"),
    [
        ({}, 5 + 2 * 10),
        ({"vectors": False}, 2 * 10),
        ({"pairs": False}, 5),
        ({"systems": 3}, 5 + 2 * 10 + 2 * 10),
        ({"systems": 5}, 5 + 2 * 10 + 2 * (10 + 5 + 1)),
    ],
)
def test_prepared_features_of_five_bodies(changes, n_further):
    model = settings_models.MLP()
    preparation = msgspec.structs.replace(model.preparation, **changes)
    model = msgspec.structs.replace(model, preparation=preparation)
    assert model_sizes.n_prepared(model, model_sizes.Inputs(20, 5)) == 20 + n_further


def test_a_booster_has_features_alone():
    inputs = model_sizes.Inputs(20, 5)
    size = model_sizes.of(settings_models.XGBoost(), inputs)
    assert size == (20 + 5 + 20, 0, 0, 0, 1, 0)


def test_a_booster_gains_a_tree_for_each_class():
    inputs = model_sizes.Inputs(20, 5, n_classes=4)
    assert model_sizes.of(settings_models.XGBoost(), inputs).n_trees == 4
