"""Updates one by one, or on a GPU as one captured CUDA graph.

A GPU takes the many small kernels of an update faster than Python can start them. A
CUDA graph starts all of them at once: gathering the events, drawing their symmetry,
forward and backward pass, clipping, optimizer and weight average. It repeats what was
captured on the same memory, so that all that changes from update to update is copied
there before: positions of events, and numbers (`update_numbers`). Random numbers
continue from the state of torch's generator, which is part of each graph.

Nothing here has run on a GPU yet. Tests replay updates on a CPU, operation by
operation, with the limits of a graph.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

from hepfold.core import logs, settings_models, settings_training
from hepfold.models import image_backbones, joint_batch
from hepfold.training import (
    captured_optimizers,
    number_or_tensor,
    optimizers,
    schedules,
    update_numbers,
    weight_averages,
)

# Updates before the capture, in which optimizer, average and libraries allocate what
# they keep. They are updates like all others.
N_WARM = 3
# Takes an update on events at positions (n_members, n_batch); the second argument is
# the share of the new weights in their mean.
Step = Callable[[Tensor, number_or_tensor.Factor], None]


class Recorder(Protocol):
    """Captures work on a device."""

    def warm_up(self, work: Callable[[], None]) -> None:
        """Do the work as it will be captured."""

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Capture the work without doing it; return a function that does it."""


class CudaRecorder:
    """Captures work as a CUDA graph, with the default generator of the device."""

    def __init__(self):
        self.stream = torch.cuda.Stream()

    def warm_up(self, work: Callable[[], None]) -> None:
        """Do the work in the stream of the capture, to which gradients are bound."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            work()
        torch.cuda.current_stream().wait_stream(self.stream)

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Capture the work without doing it; return a function that does it."""
        # It registers the default generator of the device, from which all draws are.
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=self.stream):
                work()
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            reason = str(error).partition("\n")[0]
            raise logs.InputError(
                "training.capture: the updates of this model cannot be captured as a "
                f"CUDA graph ({reason}); set it to false"
            ) from error
        return graph.replay


class EagerSteps:
    """Takes each update at once; rate and momentum are numbers."""

    def __init__(
        self,
        step: Step,
        network: nn.Module,
        model: settings_models.GradientModel,
        average: weight_averages.Average,
    ):
        self.step, self.average = step, average
        rate = model.learning_rate
        self.optimizer = optimizers.build(model.optimizer, network, rate)

    def take(self, schedule: schedules.Schedule, update: int, batch: Tensor) -> None:
        """Take an update; `batch` (n_members, n_batch) are positions of events."""
        self.optimizer.set(*schedule.at(update))
        self.step(batch, self.average.share(update))

    def forget(self) -> None:
        """Called after loading a state; there is nothing to forget."""


class CapturedSteps:
    """Captures one update on a whole batch and replays it for all further ones.

    The short batch at the end of an epoch is taken at once.

    Parameters
    ----------
    step, network, model, average
        As for `EagerSteps`.
    n_updates
        Updates per epoch.
    recorder
        Captures the update.
    """

    def __init__(
        self,
        step: Step,
        network: nn.Module,
        model: settings_models.GradientModel,
        average: weight_averages.Average,
        n_updates: int,
        recorder: Recorder,
    ):
        self.step, self.recorder = step, recorder
        device = next(network.parameters()).device
        momentum = captured_optimizers.default_momentum(model.optimizer)
        self.numbers = update_numbers.UpdateNumbers(
            n_updates, average, momentum, device
        )
        self.optimizer = captured_optimizers.build(
            model.optimizer, network, self.numbers
        )
        shape = network.n_members, model.batch_size
        self.batch = torch.empty(shape, dtype=torch.int32, device=device)
        self.forget()

    def take(self, schedule: schedules.Schedule, update: int, batch: Tensor) -> None:
        """Take an update; `batch` (n_members, n_batch) are positions of events."""
        self.numbers.set(schedule, update)
        if batch.shape != self.batch.shape:
            self.step(batch, self.numbers.share)
            return
        self.batch.copy_(batch)
        if self.n_warm < N_WARM:
            self.n_warm += 1
            self.recorder.warm_up(self.whole_step)
            return
        if self.replay is None:
            self.replay = self.recorder.capture(self.whole_step)
        self.replay()

    def whole_step(self) -> None:
        """Take an update on the batch and with the numbers that are in place."""
        self.step(self.batch, self.numbers.share)

    def forget(self) -> None:
        """Drop graph and table after loading a state, whose tensors are new ones."""
        self.n_warm, self.replay = 0, None
        self.numbers.clear()


Steps = EagerSteps | CapturedSteps


def build(
    step: Step,
    network: nn.Module,
    model: settings_models.GradientModel,
    training: settings_training.Training,
    average: weight_averages.Average,
    n_updates: int,
    is_streamed: bool,
) -> Steps:
    """What takes the updates of a training, and holds its optimizer."""
    device = next(network.parameters()).device
    if not is_possible(model, training, device, is_streamed):
        return EagerSteps(step, network, model, average)
    recorder = CudaRecorder()
    return CapturedSteps(step, network, model, average, n_updates, recorder)


def is_possible(
    model: settings_models.GradientModel,
    training: settings_training.Training,
    device: torch.device,
    is_streamed: bool,
) -> bool:
    """Whether the updates of a training are captured.

    Not those of several devices, of streamed events, of networks of timm, whose code
    may do what a graph cannot, and of a penalty that mixes classes by their shares.
    """
    mixes_classes = bool(model.decorrelation and model.is_multiclass)
    backbone = getattr(model.network, "backbone", "")
    return (
        training.capture
        and device.type == "cuda"
        and joint_batch.is_alone()
        and not is_streamed
        and not mixes_classes
        and not backbone.startswith(image_backbones.TIMM)
    )
