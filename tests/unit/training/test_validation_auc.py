"""Tests of training.validation_auc: the areas are those of hepfold.core.metrics."""

import numpy as np
import pytest
import torch

from hepfold.core import metrics
from hepfold.training import validation_auc


def sample(n: int = 500):
    rng = np.random.default_rng(4)
    label, weight = rng.integers(0, 2, n), rng.uniform(0.1, 3.0, n)
    # Few different values, so that there are ties.
    return rng.integers(0, 30, (3, n)) / 8 + label, label, weight


def test_areas_are_those_of_the_roc_curve():
    logit, label, weight = sample()
    areas = validation_auc.areas(*map(torch.from_numpy, (logit, label, weight)))
    expected = [metrics.auc(member, label, weight) for member in logit]
    np.testing.assert_allclose(areas, expected, rtol=1e-12)


def test_a_factor_on_one_class_changes_nothing():
    logit, label, weight = sample()
    scaled = np.where(label == 1, 7.0, 0.1) * weight
    first, second = (
        validation_auc.areas(*map(torch.from_numpy, (logit, label, w)))
        for w in (weight, scaled)
    )
    torch.testing.assert_close(first, second)


def test_areas_of_what_cannot_be_ranked_are_not_numbers():
    logit, label, weight = map(torch.from_numpy, sample())
    logit[1, 7] = torch.nan
    areas = validation_auc.areas(logit, label, weight)
    assert areas.isfinite().tolist() == [True, False, True]
    assert validation_auc.areas(logit, torch.ones_like(label), weight).isnan().all()
    assert validation_auc.areas(logit[:, :0], label[:0], weight[:0]).isnan().all()


@pytest.mark.parametrize(("low", "high", "area"), [(0.0, 1.0, 1.0), (1.0, 0.0, 0.0)])
def test_areas_of_ideal_and_inverted_logits(low, high, area):
    label = torch.tensor([0, 1, 0, 1])
    logit = torch.where(label == 1, high, low).expand(2, -1)
    assert validation_auc.areas(logit, label, torch.ones(4)).tolist() == [area, area]
