"""The device of a training, its random numbers and the precision of its products."""

from contextlib import AbstractContextManager
from functools import cache

import torch
from torch import Tensor

from hepfold.core import logs, settings_training


def of(training: settings_training.Training) -> torch.device:
    """The device of a training, where products in float32 then round as it says.

    PyTorch itself lets convolutions on a GPU round to TF32, and matrix products not.
    """
    rounds = training.precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = rounds
    torch.backends.cudnn.allow_tf32 = rounds
    return choose(training.device)


def choose(device: str) -> torch.device:
    """The device that a setting names; `auto` is a CUDA device if there is one.

    Raises InputError if a CUDA device is required but there is none.
    """
    has_cuda = torch.cuda.is_available()
    if device == "cuda" and not has_cuda:
        raise logs.InputError(
            "training.device: cuda, but PyTorch finds no CUDA device on this machine; "
            "use auto or cpu, or a machine with a GPU"
        )
    if device == "auto":
        device = "cuda" if has_cuda else "cpu"
    return torch.device(device)


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """A context with matrix products in bfloat16, if that is the precision."""
    is_on = is_bfloat16(device.type, precision)
    return torch.autocast(device.type, torch.bfloat16, enabled=is_on)


@cache
def is_bfloat16(device_type: str, precision: str) -> bool:
    """Whether products are in bfloat16; for `auto`, if the hardware supports it."""
    if precision != "auto":
        return precision == "bfloat16"
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def random_state(device: torch.device) -> Tensor:
    """The state of torch's generator of a device, uint8 on the CPU."""
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.get_rng_state()


def set_random_state(device: torch.device, state: Tensor) -> None:
    """Restore the state of torch's generator of a device."""
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
