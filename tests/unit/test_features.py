"""Tests of hepfold.features: scaling is that of the fitted events and no others."""

import numpy as np
import torch

from hepfold import features


def fitted(inputs: np.ndarray, n_values=()) -> features.FeaturePreparation:
    preparation = features.FeaturePreparation(
        inputs.shape[1] - len(n_values), list(n_values)
    )
    preparation.fit(inputs.astype("f4"))
    return preparation


def test_fitted_features_are_standardized():
    inputs = np.random.default_rng(0).normal(50, 7, (5000, 3))
    out = fitted(inputs)(torch.tensor(inputs, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(out.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(out.std(0), 1, atol=1e-5)


def test_scoring_other_events_does_not_change_the_scaling():
    preparation = fitted(np.random.default_rng(0).normal(size=(100, 2)))
    before = {name: t.clone() for name, t in preparation.state_dict().items()}
    preparation(torch.full((10, 2), 1e6))
    for name, tensor in preparation.state_dict().items():
        torch.testing.assert_close(tensor, before[name])


def test_missing_value_is_the_mean_with_a_flag():
    inputs = np.array([[1.0, 5.0], [3.0, np.nan], [2.0, 7.0]])
    preparation = fitted(inputs)
    out = preparation(torch.tensor(inputs, dtype=torch.float32))
    assert preparation.n_outputs == out.shape[1] == 3
    assert out[1, 1] == 0
    assert out[:, 2].tolist() == [0, 1, 0]
    assert out.isfinite().all()


def test_long_tail_is_seen_and_taken_by_its_logarithm():
    rng = np.random.default_rng(1)
    inputs = np.stack([rng.lognormal(3, 1, 20_000), rng.uniform(1, 2, 20_000)], axis=1)
    preparation = fitted(inputs)
    assert preparation.is_long_tailed.tolist() == [True, False]
    np.testing.assert_allclose(preparation.scale[0], np.exp(3), rtol=0.05)


def test_one_zero_does_not_decide_on_the_logarithm():
    values = np.random.default_rng(2).lognormal(3, 1, (5000, 1))
    with_zero = np.concatenate([values, [[0.0]]])
    assert fitted(values).is_long_tailed and fitted(with_zero).is_long_tailed


def test_values_below_the_fitted_range_stay_finite():
    """A long-tailed feature of a new event may be zero, of which there is no log."""
    preparation = fitted(np.random.default_rng(1).lognormal(3, 1, (1000, 1)))
    assert preparation(torch.zeros(1, 1)).isfinite().all()


def test_constant_and_wholly_missing_features_stay_finite():
    inputs = np.stack([np.full(50, 4.0), np.full(50, np.nan)], axis=1)
    out = fitted(inputs)(torch.tensor(inputs, dtype=torch.float32))
    assert out.isfinite().all()


def test_categories_become_one_hot():
    inputs = np.array([[0.5, 0], [0.1, 2], [0.3, 1]])
    out = fitted(inputs, n_values=[4])(torch.tensor(inputs, dtype=torch.float32))
    expected = [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]]
    assert out[:, 1:].tolist() == expected
