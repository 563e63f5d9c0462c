"""Tests of models.devices: devices and precisions that settings name."""

import pytest
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
