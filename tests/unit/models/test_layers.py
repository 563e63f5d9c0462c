"""Tests of models.layers: the layer of each member equals that of torch."""

import pytest
import torch
from torch import nn

from hepfold.models import layers


@pytest.mark.slow
def test_linear_is_torch_s_per_member():
    stacked = layers.StackedLinear(3, 5, torch.full((7,), 0.3), "hidden")
    x = torch.randn(3, 5, 11)
    for i in range(3):
        expected = nn.functional.linear(
            x[i].mT, stacked.weight[i].mT, stacked.bias[i, 0]
        )
        torch.testing.assert_close(stacked(x)[i].mT, expected)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9, 0.999])
def test_dropout_leaves_out_its_fraction_and_keeps_the_mean(fraction):
    dropout, n = layers.Dropout(fraction), 400_001
    torch.manual_seed(3)
    out = dropout(torch.ones(n, 1))
    kept = 1 - dropout.n_dropped / 256
    assert abs(kept - (1 - fraction)) < 1 / 256
    n_kept = (out > 0).sum().item()
    assert abs(n_kept - n * kept) < 5 * (n * kept * (1 - kept)) ** 0.5
    assert out.unique().tolist() == pytest.approx([0.0, 1 / kept])


def test_dropout_does_nothing_in_scoring_or_without_a_fraction():
    x = torch.randn(10, 3)
    assert layers.Dropout(0.5).eval()(x) is x
    assert layers.Dropout(0.0)(x) is x


def test_dropped_units_have_no_gradient():
    x = torch.ones(1000, requires_grad=True)
    out = layers.Dropout(0.5)(x)
    out.sum().backward()
    torch.testing.assert_close(x.grad, out.detach())


def test_code_outside_its_table_reads_no_other_member():
    codes = torch.tensor([4.0]).expand(3, 1, 1)
    with pytest.raises(RuntimeError):
        layers.Categories(3, (4,), 2)(codes)
    assert not layers.Categories(3, (4,), 0)(codes).any()


def batch_norm(n_members: int, width: int, rate=0.1, epsilon=1e-5):
    return layers.StackedBatchNorm(n_members, width, rate, epsilon)


def test_batch_norm_gives_a_batch_zero_mean_and_unit_variance():
    norm = batch_norm(3, 8)
    x = norm(5 + 3 * torch.randn(3, 8, 50)).mT
    torch.testing.assert_close(x.mean(1), torch.zeros(3, 8), atol=1e-5, rtol=0)
    torch.testing.assert_close(x.var(1, correction=0), torch.ones(3, 8))


@pytest.mark.parametrize(("rate", "epsilon"), [(0.1, 1e-5), (0.01, 1e-3)])
def test_batch_norm_is_torch_s_per_member(rate, epsilon):
    stacked = batch_norm(3, 8, rate, epsilon)
    singles = [nn.BatchNorm1d(8, epsilon, rate) for _ in range(3)]
    for _ in range(4):
        x = 5 + 3 * torch.randn(3, 50, 8)
        expected = torch.stack([one(x[i]) for i, one in enumerate(singles)])
        torch.testing.assert_close(stacked(x.mT).mT, expected)
    expected = torch.stack([one.eval()(x[i]) for i, one in enumerate(singles)])
    torch.testing.assert_close(stacked.eval()(x.mT).mT, expected)


def test_batch_norm_of_one_process_is_that_of_a_share(monkeypatch):
    """Outputs, gradients and statistics of torch's and of the joint normalization."""
    joined = []
    x, weights = torch.randn(3, 8, 50), torch.randn(3, 8, 50)
    for is_alone in (True, False):
        norm, copy = batch_norm(3, 8), x.clone().requires_grad_()
        with monkeypatch.context() as patch:
            if not is_alone:
                patch.setattr(norm, "normalized", None)
                patch.setattr(layers.joint_batch, "n_joint", lambda n: n + 1e-9)
            out = norm(copy)
        (out * weights).sum().backward()
        parameters = norm.weight.grad, norm.bias.grad
        state = norm.running_mean, norm.running_variance
        joined.append([out, copy.grad, *parameters, *state])
    for one, other in zip(*joined, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_batch_norm_settles_at_the_statistics_of_its_events():
    norm = batch_norm(2, 1)
    x = torch.randn(2, 1000, 1) * torch.tensor([2.0, 5.0]).reshape(2, 1, 1) + 3
    for _ in range(200):
        norm(x.mT)
    torch.testing.assert_close(norm.running_mean, x.mean(1, keepdim=True))
    torch.testing.assert_close(norm.running_variance, x.var(1, keepdim=True))


def test_batch_of_one_event_leaves_finite_statistics():
    norm = batch_norm(2, 3)
    norm(torch.randn(2, 3, 1))
    assert norm.running_variance.isfinite().all()
