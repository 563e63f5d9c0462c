"""Tests of models.onnx_operators: agreement with the functions of torch."""

import pytest
import torch

from hepfold.models import onnx_operators


def test_quantile_of_the_normal_distribution():
    near = torch.linspace(1e-11, 1 - 1e-11, 20001, dtype=torch.float64)
    far = torch.logspace(-11, -1, 1000, dtype=torch.float64)
    for p in (near, far, 1 - far):
        torch.testing.assert_close(
            onnx_operators.ndtri(p), torch.special.ndtri(p), rtol=1e-14, atol=1e-15
        )


@pytest.mark.parametrize("n", [1, 2, 3, 8, 256, 257])
def test_numbers_below(n):
    """Including ties and values equal to an element."""
    torch.manual_seed(1)
    rows = torch.randn(5, n).mul(3).round().double().sort(dim=1).values
    values = torch.cat([rows, rows + 0.1, torch.full((5, 2), 1e9)], dim=1)
    values = torch.cat([values, -values], dim=1).contiguous()
    n_below = onnx_operators.searchsorted(rows, values)
    torch.testing.assert_close(n_below, torch.searchsorted(rows, values))


def test_nothing_is_below_nan():
    rows = torch.arange(4.0)[None]
    assert onnx_operators.searchsorted(rows, torch.tensor([[torch.nan]])).item() == 0


def test_hyperbolic_cosine_and_sine():
    x = torch.linspace(-20, 20, 1001, dtype=torch.float64)
    torch.testing.assert_close(
        onnx_operators.cosh(x), torch.cosh(x), rtol=1e-14, atol=0
    )
    torch.testing.assert_close(
        onnx_operators.sinh(x), torch.sinh(x), rtol=1e-14, atol=1e-15
    )


def test_nan_becomes_zero_and_infinity_stays_in_float32():
    x = torch.tensor([torch.nan, 1.5, torch.inf, -torch.inf], dtype=torch.float64)
    replaced = onnx_operators.nan_to_zero(x).float()
    torch.testing.assert_close(replaced, x.clone().nan_to_num_().float())


def test_functions_are_replaced_within_the_context_alone(monkeypatch):
    monkeypatch.setattr(onnx_operators, "cosh", lambda x: x + 7)
    one = torch.ones(1)
    with onnx_operators.Replacing():
        assert torch.cosh(one).item() == 8
        assert torch.tanh(one).item() == pytest.approx(0.7616, abs=1e-4)
    assert torch.cosh(one).item() == pytest.approx(1.5431, abs=1e-4)
