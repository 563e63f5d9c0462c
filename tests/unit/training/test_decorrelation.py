"""Tests of training.decorrelation: distance correlation as a penalty."""

from dataclasses import replace

import numpy as np
import pytest
import samples
import torch

from hepfold.core import columns
from hepfold.training import decorrelation


def draw(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def correlation(first, second, weight=None) -> torch.Tensor:
    weight = torch.ones_like(first) if weight is None else weight
    return decorrelation.squared_correlation(first, second, weight)


def test_linear_functions_have_correlation_one():
    x = draw(2, 50)
    torch.testing.assert_close(correlation(x, 3 - 2 * x), torch.ones(2))


def test_two_binary_variables_have_their_squared_correlation():
    # For variables of two values each, it is the square of Pearson's correlation.
    first = torch.tensor([[0.0, 0, 0, 1, 1, 1, 1, 1]])
    second = torch.tensor([[5.0, 5, 7, 7, 7, 7, 5, 7]])
    pearson = np.corrcoef(first[0], second[0])[0, 1]
    assert float(correlation(first, second)) == pytest.approx(pearson**2, rel=1e-5)


def test_a_symmetric_function_is_seen():
    x = torch.linspace(-1, 1, 101)[None]
    assert np.corrcoef(x[0], x[0].square())[0, 1] == pytest.approx(0, abs=1e-6)
    assert float(correlation(x, x.square())) > 0.2


def test_independent_values_have_none_up_to_their_number():
    values = [float(correlation(draw(1, n), draw(1, n, seed=2))) for n in (50, 1000)]
    # The expected value falls as 1 / n.
    assert values[1] < 0.01 < values[0] < 0.2


def test_the_unit_and_the_order_do_not_matter():
    x, y = draw(1, 80), draw(1, 80, seed=2) + draw(1, 80)
    order = torch.randperm(80, generator=torch.Generator().manual_seed(3))
    expected = correlation(x, y)
    torch.testing.assert_close(correlation(9 * x + 4, 0.1 * y), expected)
    torch.testing.assert_close(correlation(x[:, order], y[:, order]), expected)
    torch.testing.assert_close(correlation(y, x), expected)


def test_a_weight_of_two_is_the_event_twice():
    x, y, weight = draw(1, 30), draw(1, 30, seed=2), torch.ones(1, 30)
    weight[0, :10] = 2
    twice = [torch.cat([v[:, :10], v], dim=1) for v in (x, y)]
    torch.testing.assert_close(correlation(x, y, weight), correlation(*twice))


def test_equal_values_have_no_correlation_and_a_finite_gradient():
    score = torch.full((1, 20), 0.5, requires_grad=True)
    value = correlation(score, draw(1, 20))
    value.sum().backward()
    assert value.item() == 0 and score.grad.isfinite().all()


def test_signal_and_missing_values_do_not_count():
    score, spectrum = draw(1, 40).sigmoid(), draw(1, 40, seed=2)
    label, weight = torch.zeros(1, 40), torch.ones(1, 40)
    expected = decorrelation.penalty(score, spectrum, label, weight)
    more = torch.tensor([[9.0, torch.nan]])
    seen = decorrelation.penalty(
        torch.cat([score, torch.tensor([[0.9, 0.8]])], dim=1),
        torch.cat([spectrum, more], dim=1),
        torch.cat([label, torch.tensor([[1.0, 0.0]])], dim=1),
        torch.cat([weight, torch.ones(1, 2)], dim=1),
    )
    torch.testing.assert_close(seen, expected)
    assert decorrelation.penalty(score, spectrum, label + 1, weight) == 0


def test_large_batches_are_averaged_over_blocks(monkeypatch):
    monkeypatch.setattr(decorrelation, "BLOCK", 30)
    x, y = draw(2, 60), draw(2, 60, seed=2)
    label, weight = torch.zeros(2, 60), torch.ones(2, 60)
    halves = [correlation(x[:, :30], y[:, :30]), correlation(x[:, 30:], y[:, 30:])]
    value = decorrelation.penalty(x, y, label, weight)
    torch.testing.assert_close(value, sum(halves) / 2)


def test_spectra_are_standardized_without_missing_values():
    values = decorrelation.standardized(torch.tensor([1e6, torch.nan, 3e6]))
    assert values.isnan().tolist() == [False, True, False]
    assert values[[0, 2]].tolist() == pytest.approx([-(0.5**0.5), 0.5**0.5])
    assert decorrelation.standardized(torch.full((3,), torch.nan)).isnan().all()


@pytest.mark.slow
@pytest.mark.parametrize("validation_fraction", [0.0, 0.3])
def test_a_strong_penalty_removes_the_correlation(validation_fraction):
    events = samples.two_gaussians(3000)
    # The sum of both features is what separates the classes, the first alone is part.
    spectrum = events.inputs[:, 0].copy()
    events = replace(events, extra={columns.SPECTRUM: spectrum})
    unseen = samples.two_gaussians(3000, seed=9)
    is_background = unseen.label == columns.BACKGROUND
    changes = {"validation_fraction": validation_fraction, "n_epochs": 8}
    seen = {}
    for strength in (0.0, 20.0):
        model, _ = samples.train(events, decorrelation=strength, **changes)
        score = model.score(unseen.inputs)[is_background]
        pair = score, unseen.inputs[is_background, 0]
        pair = (torch.from_numpy(np.array([v], "f8")) for v in pair)
        seen[strength] = float(correlation(*pair))
    assert seen[20.0] < 0.1 * seen[0.0]
