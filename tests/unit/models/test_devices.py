"""Tests of models.devices: devices and precisions that settings name."""

import pytest
import samples
import torch

from hepfold.core import logs
from hepfold.models import devices


def test_device_is_that_of_the_settings():
    has_cuda = torch.cuda.is_available()
    assert devices.choose("cpu").type == "cpu"
    assert devices.choose("auto").type == ("cuda" if has_cuda else "cpu")


def test_a_cuda_device_must_exist(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(logs.InputError, match="no CUDA device"):
        devices.choose("cuda")


@pytest.fixture
def rounding():
    """The switches of products in TF32, which are restored."""
    switches = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [switch.allow_tf32 for switch in switches]
    yield switches
    for switch, value in zip(switches, before, strict=True):
        switch.allow_tf32 = value


@pytest.mark.parametrize("precision", ["auto", "float32", "tf32", "bfloat16"])
def test_float32_rounds_to_tf32_only_where_it_is_requested(rounding, precision):
    """Also after another training in the same process."""
    for other in ("tf32", "float32"):
        devices.of(samples.training(precision=other))
        devices.of(samples.training(precision=precision))
        assert {s.allow_tf32 for s in rounding} == {precision == "tf32"}


def test_tf32_is_no_bfloat16_and_float32_on_a_cpu(rounding):
    training = samples.training(precision="tf32")
    device = devices.of(training)
    assert not devices.is_bfloat16("cpu", "tf32")
    assert not devices.is_bfloat16("cuda", "tf32")
    x = torch.full((64, 64), 1 + 2**-12)
    with devices.autocast(device, "tf32"):
        assert (x @ x)[0, 0] == 64 * (1 + 2**-12) ** 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_products_on_a_gpu_are_exact_but_in_tf32(rounding):
    x = torch.full((256, 256), 1 + 2**-12, device="cuda")
    for precision in ("float32", "tf32"):
        devices.of(samples.training(device="cuda", precision=precision))
        is_exact = bool((x @ x)[0, 0] == 256 * (1 + 2**-12) ** 2)
        assert is_exact == (precision == "float32")


def test_only_bfloat16_rounds_products():
    x = torch.full((1, 1), 1 + 2**-12)
    for precision, kind in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        with devices.autocast(torch.device("cpu"), precision):
            assert (x @ x).dtype == kind


@pytest.mark.parametrize("able", [True, False])
def test_auto_is_bfloat16_where_the_hardware_multiplies_it(monkeypatch, able):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": able})
    devices.is_bfloat16.cache_clear()
    try:
        assert devices.is_bfloat16("cpu", "auto") is able
        assert devices.is_bfloat16("cpu", "bfloat16")
        assert not devices.is_bfloat16("cpu", "float32")
    finally:
        devices.is_bfloat16.cache_clear()
