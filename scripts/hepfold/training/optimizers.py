"""Optimizers of an ensemble with stacked weights.

Each weight is (n_members, n_in, n_out); members are optimized independently.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from hepfold.core import logs, settings_training
from hepfold.training import number_or_tensor

# Defaults if the schedule sets no momentum: Kingma and Ba 2015, arXiv:1412.6980,
# algorithm 1, and Jordan et al. 2024, https://kellerjordan.github.io/posts/muon.
ADAM_BETA1 = 0.9
MUON_MOMENTUM = 0.95
# Quintic Newton-Schulz iteration of Jordan et al. 2024: a x + b x^3 + c x^5. Its slope
# at zero is steep; in exchange, large singular values only reach 0.7 to 1.2.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
N_ITERATIONS = 5


class Optimizer:
    """One or more torch optimizers behind one interface."""

    def __init__(self, *parts: torch.optim.Optimizer):
        self.parts = parts

    def zero_grad(self) -> None:
        """Clear all gradients."""
        for part in self.parts:
            part.zero_grad()

    def step(self) -> None:
        """Update all weights."""
        for part in self.parts:
            part.step()

    def set(self, learning_rate: float, momentum: float | None) -> None:
        """Set the learning rate and, unless it is None, the momentum (Adam's beta1).

        The rate of a weight with a `rate_factor` is multiplied by that factor.
        """
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = learning_rate * group.get("factor", 1.0)
                if momentum is not None and "betas" in group:
                    group["betas"] = (momentum, group["betas"][1])
                elif momentum is not None:
                    group["momentum"] = momentum

    def state_dict(self) -> dict:
        """The state to save with a training; its tensors are not copied."""
        return {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state: dict) -> None:
        """Restore the state of an optimizer of the same kind and network."""
        for part, part_state in zip(self.parts, state["parts"], strict=True):
            part.load_state_dict(part_state)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalized for each member and matrix (Jordan et al. 2024).

    Steps are scaled by 0.2 sqrt(max(n_in, n_out)) to the root mean square of Adam's, so
    that both can use one learning rate and weight decay, and the decay is decoupled
    (Liu et al. 2025, arXiv:2502.16982, section 2.2). torch.optim.Muon accepts single
    matrices only.
    """

    def __init__(
        self, matrices: list[nn.Parameter], learning_rate: float, weight_decay: float
    ):
        defaults = {
            "lr": learning_rate,
            "momentum": MUON_MOMENTUM,
            "weight_decay": weight_decay,
        }
        super().__init__(matrices, defaults)

    @torch.no_grad()
    def step(self) -> None:
        """Update all matrices."""
        (group,) = self.param_groups
        matrices = [m for m in group["params"] if m.grad is not None]
        directions = self.directions(matrices, group["momentum"])
        rate = group["lr"]
        by_shape = defaultdict(list)
        for matrix, direction in zip(matrices, directions, strict=True):
            matrix.mul_(1 - rate * group["weight_decay"])
            by_shape[matrix.shape].append((matrix, direction))
        # Layers of one shape are orthogonalized together, as a GPU computes a few large
        # products faster than many small ones.
        for shape, pairs in by_shape.items():
            # Shared weights are one matrix, all others a stack of one per member.
            stacks = [direction.reshape(-1, *shape[-2:]) for _, direction in pairs]
            steps = orthogonalized(torch.cat(stacks)).split(len(stacks[0]))
            size = rate * 0.2 * max(shape[-2:]) ** 0.5
            for (matrix, _), step in zip(pairs, steps, strict=True):
                number_or_tensor.subtract(matrix, step.view_as(matrix), size)

    def directions(
        self, matrices: list[nn.Parameter], momentum: number_or_tensor.Factor
    ) -> list[Tensor]:
        """Nesterov momentum of each matrix, including its current gradient."""
        for matrix in matrices:
            if not self.state[matrix]:
                self.state[matrix]["momentum"] = torch.zeros_like(matrix)
        gradients = [matrix.grad for matrix in matrices]
        momenta = [self.state[matrix]["momentum"] for matrix in matrices]
        number_or_tensor.move_towards(momenta, gradients, 1 - momentum)
        return number_or_tensor.between(gradients, momenta, momentum)


def orthogonalized(matrices: Tensor) -> Tensor:
    """Matrices (n, n_in, n_out) with the same singular vectors and values near one.

    Singular values below about a thousandth of the matrix's norm remain smaller. A GPU
    computes in bfloat16, as in Jordan et al. 2024, since the iteration is approximate.
    A CPU, which is slow in bfloat16, computes in the precision of the matrices.
    """
    a, b, c = NEWTON_SCHULZ
    x = matrices.bfloat16() if matrices.is_cuda else matrices
    is_tall = x.shape[1] > x.shape[2]
    x = x.mT if is_tall else x
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(N_ITERATIONS):
        gram = x @ x.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return (x.mT if is_tall else x).to(matrices.dtype)


def build(
    settings: settings_training.Optimizer, network: nn.Module, learning_rate: float
) -> Optimizer:
    """The optimizer of a network, which must already be on its device.

    Weight decay is not applied to biases and normalizations, whose size says nothing
    about overfitting.
    """
    return KINDS[settings.kind](network, learning_rate, settings)


def sgd(
    network: nn.Module, learning_rate: float, settings: settings_training.SGD
) -> Optimizer:
    """Stochastic gradient descent with momentum and L2 regularization.

    As in Baldi et al. 2014, arXiv:1402.4735. `weight_decay` times the weight is added
    to the gradient; their code (github.com/uci-igb/higgs-susy) adds 1e-5 times the
    squared weights to the loss, which is a `weight_decay` of 2e-5.
    """
    groups = decay_groups(network.parameters(), settings.weight_decay)
    return Optimizer(
        torch.optim.SGD(
            groups, lr=learning_rate, momentum=settings.momentum, fused=True
        )
    )


def adamw(
    network: nn.Module, learning_rate: float, settings: settings_training.AdamW
) -> Optimizer:
    """Adam with decoupled weight decay.

    Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; as in torch, the decay is
    multiplied by the learning rate.
    """
    return Optimizer(adam_of(network.parameters(), learning_rate, settings))


def muon(
    network: nn.Module, learning_rate: float, settings: settings_training.Muon
) -> Optimizer:
    """Muon for the hidden matrices of the network, AdamW for all other weights."""
    matrices, others = hidden_and_other(network)
    return Optimizer(
        Muon(matrices, learning_rate, settings.weight_decay),
        adam_of(others, learning_rate, settings),
    )


def hidden_and_other(
    network: nn.Module,
) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The hidden matrices of a network, for Muon, and all other weights."""
    matrices = network.hidden_matrices()
    if not matrices:
        raise logs.InputError(
            "optimizer: muon needs hidden matrices, and this network has none; "
            "choose adamw"
        )
    hidden = {id(matrix) for matrix in matrices}
    return matrices, [p for p in network.parameters() if id(p) not in hidden]


KINDS = {"sgd": sgd, "adamw": adamw, "muon": muon}


@torch.no_grad()
def clip_gradients(network: nn.Module, largest: float) -> None:
    """Scale down the gradient of each member whose norm exceeds `largest`.

    Members that share weights have one joint gradient. Pascanu et al. 2013,
    arXiv:1211.5063, algorithm 1.
    """
    gradients = [w.grad for w in network.parameters() if w.grad is not None]
    n_parts = network.n_members if network.independent else 1
    squares = [g.reshape(n_parts, -1).square().sum(1) for g in gradients]
    norm = torch.stack(squares).sum(0).sqrt()
    factor = (largest / norm.clamp(min=largest)).to(gradients[0].dtype)
    for gradient in gradients:
        gradient.mul_(factor.reshape(-1, *[1] * (gradient.ndim - 1)))


def adam_of(
    parameters: Iterable[nn.Parameter],
    learning_rate: float,
    settings: settings_training.AdamW,
) -> torch.optim.AdamW:
    """AdamW with one fused kernel for all parameters."""
    groups = decay_groups(parameters, settings.weight_decay)
    betas = (ADAM_BETA1, settings.beta2)
    return torch.optim.AdamW(groups, lr=learning_rate, betas=betas, fused=True)


def decay_groups(parameters: Iterable[nn.Parameter], weight_decay: float) -> list[dict]:
    """Parameter groups for torch, by weight decay and `rate_factor`.

    Weights (n_members, n_in, n_out) with n_in above one and weights of convolutions
    (n_out, n_in, height, width) decay. Biases (n_members, 1, n_out) and the shared
    weights of a TabM network do not.
    """
    groups = defaultdict(list)
    for parameter in parameters:
        n = parameter.ndim
        is_weight = n == 4 or (n == 3 and parameter.shape[1] > 1)
        factor = getattr(parameter, "rate_factor", 1.0)
        groups[weight_decay if is_weight else 0.0, factor].append(parameter)
    return [
        {"params": part, "weight_decay": decay, "factor": factor}
        for (decay, factor), part in groups.items()
    ]
