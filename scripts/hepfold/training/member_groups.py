"""Groups of members that are trained side by side, one on each thread of a CPU.

Members share no weights, so that only the random numbers of a step connect them. Each
group draws those of all members and takes its part: the number of groups changes no
result beyond rounding.
"""

import copy
import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from hepfold.models import cpu_threads, joint_batch

Result = TypeVar("Result")


class Part(NamedTuple):
    """The network of a group, whose weights are those of the joint network."""

    network: nn.Module
    group: joint_batch.Group


class Groups:
    """The members of a network in one or more groups.

    A single group is the network itself, and computes in the calling thread.
    """

    def __init__(self, network: nn.Module, n_groups: int):
        self.network = network
        n = network.n_members
        bounds = [i * n // n_groups for i in range(n_groups + 1)]
        groups = [slice(*pair) for pair in itertools.pairwise(bounds)]
        self.parts = [] if n_groups == 1 else [part(network, g) for g in groups]

    def map(self, function: Callable[[nn.Module, slice], Result]) -> list[Result]:
        """Results of a function of the network and members of each group."""
        if not self.parts:
            return [function(self.network, slice(0, self.network.n_members))]
        state = torch.get_rng_state()
        compute = partial(self.compute, function, state)
        results = cpu_threads.side_by_side(compute, self.parts)
        # All groups have drawn the same numbers.
        torch.set_rng_state(self.parts[0].group.generator.get_state())
        return results

    def compute(
        self,
        function: Callable[[nn.Module, slice], Result],
        state: Tensor,
        part: Part,
    ) -> Result:
        """The result for one group, with random numbers from a state on."""
        if part.network.training != self.network.training:
            part.network.train(self.network.training)
        part.group.generator.set_state(state)
        with joint_batch.grouped(part.group):
            return function(part.network, part.group.members)

    def collect_gradients(self) -> None:
        """Make the gradients of the groups those of the joint network."""
        if not self.parts:
            return
        of_parts = zip(*(p.network.parameters() for p in self.parts), strict=True)
        for joint, weights in zip(self.network.parameters(), of_parts, strict=True):
            if weights[0].grad is not None:
                joint.grad = torch.cat([weight.grad for weight in weights])
            for weight in weights:
                weight.grad = None


def part(network: nn.Module, members: slice) -> Part:
    """A group of members; its weights and statistics are views of those of all."""
    view = copy.deepcopy(network)
    names = network.state_dict()
    for name, tensor in itertools.chain(view.named_parameters(), view.named_buffers()):
        # Other buffers are constants that all members share.
        if name in names:
            tensor.data = names[name][members]
    n_members = network.n_members
    return Part(view, joint_batch.Group(n_members, members, torch.Generator()))


def count(network: nn.Module) -> int:
    """How many groups to train side by side: one per thread of a CPU.

    One group where members share weights, on a GPU, where processes share a batch, or
    where layers of torch draw random numbers, which would not be those of all members.
    """
    weight = next(network.parameters())
    draws_alone = any(isinstance(layer, nn.AlphaDropout) for layer in network.modules())
    if not network.independent or weight.is_cuda or draws_alone:
        return 1
    n_threads = torch.get_num_threads() if joint_batch.is_alone() else 1
    return min(n_threads, network.n_members)
