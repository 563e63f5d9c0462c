"""Tests of analysis.fold_consistency: folds that differ are noticed, others are not."""

import numpy as np
import pytest
from fold_samples import adjusted, fold

from hepfold.analysis import fold_consistency


def test_an_efficiency_has_a_binomial_uncertainty():
    passes = np.arange(1000) < 300
    value, unc = fold_consistency.efficiency(passes, np.full(1000, 2.5))
    assert value == pytest.approx(0.3)
    assert unc == pytest.approx(np.sqrt(0.3 * 0.7 / 1000))


@pytest.mark.slow
def test_the_chi_square_of_equal_folds_is_that_of_chance():
    """Its probability is uniform."""
    p_values = [
        fold_consistency.consistency([fold(i, 800, seed=seed) for i in range(4)], 0.6)[
            "background_efficiency_p_value"
        ]
        for seed in range(1, 201)
    ]
    assert np.mean(p_values) == pytest.approx(0.5, abs=4 / np.sqrt(12 * 200))
    assert np.mean(np.array(p_values) < 0.1) == pytest.approx(0.1, abs=0.07)


def test_different_folds_are_reported(caplog):
    same = fold_consistency.consistency([fold(i) for i in range(3)], 0.6)
    assert fold_consistency.differences(same) == []
    parts = [fold(0), fold(1), fold(2, power=2.0)]
    record = fold_consistency.consistency(parts, 0.6)
    assert len(fold_consistency.differences(record)) == 2
    fold_consistency.log_differences(record)
    assert "scores of folds are not comparable: signal efficiency" in caplog.text
    comparable = fold_consistency.consistency(adjusted(parts), 0.6)
    assert fold_consistency.differences(comparable) == []


def test_one_fold_agrees_with_itself():
    record = fold_consistency.consistency([fold(0)], 0.6)
    assert record["signal_efficiency_p_value"] is None
    assert fold_consistency.differences(record) == []


def test_the_chi_square_is_that_of_a_table_of_counts():
    """Pearson's, of 30 and 50 of 100 events: 200 (30 x 50 - 70 x 50)^2 / ..."""
    parts = [(np.arange(100) < n, np.full(100, 2.0)) for n in (30, 50)]
    result = fold_consistency.agreement(parts)
    expected = 200 * (30 * 50 - 70 * 50) ** 2 / (80 * 120 * 100 * 100)
    assert result["chi2"] == pytest.approx(expected)
    assert result["p_value"] == pytest.approx(0.0039, abs=1e-4)


def test_a_fold_in_which_nothing_passes_differs():
    parts = [(np.arange(100) < n, np.ones(100)) for n in (0, 30)]
    assert fold_consistency.agreement(parts)["p_value"] < 1e-6
    none = [(np.zeros(100, bool), np.ones(100))] * 2
    assert fold_consistency.agreement(none)["p_value"] is None
