"""Layers of all members of an ensemble at once, with weights stacked by member.

Events are the last dimension, (n_members, n_features, n_events), so that layers of odd
width fill whole SIMD vectors, and parts of a layer are contiguous.
"""

import math

import torch
from torch import Tensor, nn

from hepfold.models import joint_batch


class StackedLinear(nn.Module):
    """One linear layer per member, computed by one batched matrix product.

    `sd` (n_out,) is the standard deviation of the initial weights of each unit.
    """

    def __init__(
        self, n_members: int, n_in: int, sd: Tensor, place: str, has_bias: bool = True
    ):
        super().__init__()
        self.place = place
        self.weight = nn.Parameter(torch.randn(n_members, n_in, len(sd)) * sd)
        zeros = torch.zeros(n_members, 1, len(sd))
        self.bias = nn.Parameter(zeros) if has_bias else None

    def forward(self, x: Tensor, onto: Tensor | None = None) -> Tensor:
        """From (n_members, n_in, n_events) to (n_members, n_out, n_events).

        The product is added to `onto` of that shape or, without it, to the bias.
        """
        start = self.bias.mT if onto is None else onto
        if self.place != "output":
            return torch.baddbmm(start, self.weight.mT, x)
        # With the 8 significant bits of bfloat16, many events would have equal logits.
        with torch.autocast(x.device.type, enabled=False):
            return torch.baddbmm(start.float(), self.weight.float().mT, x.float())


class StackedBatchNorm(nn.Module):
    """One batch normalization per member over the events of the joint batch.

    Ioffe and Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2. `rate` is the weight
    of each batch in the running mean and variance.
    """

    def __init__(self, n_members: int, width: int, rate: float, epsilon: float):
        super().__init__()
        self.rate, self.epsilon = rate, epsilon
        self.weight = nn.Parameter(torch.ones(n_members, 1, width))
        self.bias = nn.Parameter(torch.zeros(n_members, 1, width))
        self.register_buffer("running_mean", torch.zeros(n_members, 1, width))
        self.register_buffer("running_variance", torch.ones(n_members, 1, width))

    def forward(self, x: Tensor) -> Tensor:
        """From and to (n_members, width, n_events), in float32."""
        x = x.float()
        if self.training:
            n_events = joint_batch.n_joint(x.shape[2])
            # The one of torch divides by the number of events less one: it needs two.
            if n_events == x.shape[2] > 1:
                return self.normalized(x)
            mean = joint_batch.joint_sum(x.sum(2, keepdim=True)) / n_events
            centred = x - mean
            squares = joint_batch.joint_sum(centred.square().sum(2, keepdim=True))
            variance = squares / n_events
            self.update_running(mean.detach().mT, variance.detach().mT, n_events)
        else:
            centred, variance = x - self.running_mean.mT, self.running_variance.mT
        factor = torch.rsqrt(variance + self.epsilon) * self.weight.mT
        return centred * factor + self.bias.mT

    def normalized(self, x: Tensor) -> Tensor:
        """The same computed by torch, with units of all members as channels."""
        channels = x.flatten(0, 1).unsqueeze(0)
        out = nn.functional.batch_norm(
            channels,
            self.running_mean.view(-1),
            self.running_variance.view(-1),
            self.weight.view(-1),
            self.bias.view(-1),
            training=True,
            momentum=self.rate,
            eps=self.epsilon,
        )
        return out.view(x.shape)

    def update_running(self, mean: Tensor, variance: Tensor, n_events: int) -> None:
        """Move the running mean and unbiased variance by `rate` towards a batch."""
        unbiased = variance * (n_events / max(n_events - 1, 1))
        self.running_mean.lerp_(mean, self.rate)
        self.running_variance.lerp_(unbiased, self.rate)


class Categories(nn.Module):
    """Embeds category codes in vectors of length `size`; one-hot if `size` is zero."""

    def __init__(self, n_members: int, n_values: tuple[int, ...], size: int):
        super().__init__()
        self.n_values = n_values
        self.sizes = [size or n for n in n_values]
        # Unit variance, like prepared continuous features.
        shapes = [(n_members, n, size) for n in n_values if size]
        self.tables = nn.ParameterList(torch.randn(shape) for shape in shapes)

    def forward(self, codes: Tensor) -> Tensor:
        """From (n_members, n_events, n_features) to (..., sum of sizes)."""
        columns = codes.long().split(1, dim=2)
        if not self.tables:
            pairs = zip(columns, self.n_values, strict=True)
            vectors = [torch.arange(n, device=c.device) == c for c, n in pairs]
            return torch.cat(vectors, dim=2).to(codes.dtype)
        # Unlike a flat table with offsets, this never reads rows of another member.
        pairs = zip(columns, self.tables, strict=True)
        vectors = [t.gather(1, c.expand(-1, -1, t.shape[2])) for c, t in pairs]
        return torch.cat(vectors, dim=2)


class Dropout(nn.Module):
    """Dropout of a fraction, rounded to a multiple of 1/256.

    Eight units share a random number of 64 bits: on a CPU, the dropout of torch takes
    as long as the matrix product before it. `events` is the dimension of the events.
    """

    def __init__(self, fraction: float, events: int = -1):
        super().__init__()
        self.events = events
        self.n_dropped = min(round(256 * fraction), 255)

    def forward(self, x: Tensor) -> Tensor:
        """The input with units set to zero and the remaining ones scaled up."""
        if not (self.training and self.n_dropped):
            return x
        shape = list(x.shape)
        shape[self.events] = joint_batch.n_joint(shape[self.events])
        n_draws = math.prod(shape)
        draws = torch.empty(-(-n_draws // 8), dtype=torch.int64, device=x.device)
        draws.random_(torch.iinfo(torch.int64).min, None)
        draw = draws.view(torch.uint8)[:n_draws].view(shape)
        draw = joint_batch.local_part(draw, self.events)
        # In place, bytes become ones and zeros; in the precision of the input, as a
        # float32 mask would make bfloat16 float32.
        mask = draw.ge_(self.n_dropped).to(x.dtype)
        return (x * mask).mul_(256 / (256 - self.n_dropped))
