"""Tests of hepfold.metrics: known values, limits, and the traps of the field."""

import numpy as np
import pytest

from hepfold import metrics


@pytest.mark.parametrize(
    ("s", "b", "expected"),
    [
        (461.228096209, 89012.844986, 1.54450974337),
        (457.142474838, 88508.8010881, 1.53518474743),
        (217.039443378, 4379.2523956, 3.24953916678),
        (212.848603705, 4345.089289, 3.19956489456),
    ],
)
def test_ams_is_that_of_the_organizers(s, b, expected):
    assert metrics.ams(s, b, b_reg=10.0) == pytest.approx(expected, rel=1e-11)


def test_ams_without_signal_is_zero():
    assert metrics.ams(s=0.0, b=100.0, b_reg=10.0) == 0.0


def test_ams_of_small_signal_is_s_over_sqrt_b():
    assert metrics.ams(s=1.0, b=1e6, b_reg=0.0) == pytest.approx(1e-3, rel=1e-5)


def test_ams_grows_with_the_number_of_events():
    """Twice the weights give sqrt(2) times the AMS: subsets must be scaled first."""
    once = metrics.ams(s=5.0, b=50.0, b_reg=0.0)
    twice = metrics.ams(s=10.0, b=100.0, b_reg=0.0)
    assert twice / once == pytest.approx(np.sqrt(2))


def test_ams_scan_never_cuts_between_ties():
    score, label = np.array([0.9, 0.9, 0.1]), np.array([1, 0, 0])
    cut, ams = metrics.ams_scan(score, label, weight=np.ones(3), b_reg=1.0)
    assert cut.tolist() == [0.9, 0.1]
    expected = [metrics.ams(1, 1, b_reg=1.0), metrics.ams(1, 2, b_reg=1.0)]
    np.testing.assert_allclose(ams, expected)


def test_scan_and_single_cut_agree():
    rng = np.random.default_rng(0)
    score, label = rng.random(500).round(2), rng.integers(0, 2, 500)
    weight = rng.random(500)
    for cut, ams in zip(*metrics.ams_scan(score, label, weight, 10.0), strict=True):
        assert metrics.ams_at_cut(score, label, weight, cut, 10.0) == pytest.approx(ams)


def test_sums_are_in_double_precision():
    """Ten million single-precision weights keep their sum."""
    n = 10_000_000
    score = np.zeros(n, "f4")
    label = np.zeros(n, "i1")
    _, _, b = metrics.passing_sums(score, label, np.full(n, 0.1, "f4"))
    assert b[-1] == pytest.approx(n * float(np.float32(0.1)), rel=1e-12)


def test_auc_of_two_gaussians():
    """P(x_s > x_b) = Phi(d / sqrt(2)) for unit Gaussians that are d apart."""
    rng = np.random.default_rng(1)
    n = 200_000
    label = np.repeat([1, 0], n)
    score = rng.normal(label * 1.0, 1.0)
    weight = rng.random(2 * n)
    expected = 0.76025
    assert metrics.auc(score, label, weight) == pytest.approx(expected, abs=0.003)


def test_auc_counts_a_tie_as_one_half():
    score, label = np.zeros(4), np.array([1, 0, 1, 0])
    assert metrics.auc(score, label, np.ones(4)) == 0.5


def test_auc_of_weights_equals_that_of_repeated_events():
    score, label = np.array([0.9, 0.4, 0.6, 0.2]), np.array([1, 1, 0, 0])
    times = np.array([1, 3, 2, 1])
    repeated = metrics.auc(
        np.repeat(score, times), np.repeat(label, times), np.ones(times.sum())
    )
    assert metrics.auc(score, label, times.astype(float)) == pytest.approx(repeated)


def test_auc_does_not_change_under_a_rising_function_or_a_permutation():
    rng = np.random.default_rng(2)
    score, label, weight = rng.random(999), rng.integers(0, 2, 999), rng.random(999)
    order = rng.permutation(999)
    auc = metrics.auc(score, label, weight)
    assert metrics.auc(np.exp(score), label, weight) == pytest.approx(auc)
    shuffled = metrics.auc(score[order], label[order], weight[order])
    assert shuffled == pytest.approx(auc)
    assert metrics.auc(-score, label, weight) == pytest.approx(1 - auc)


def test_roc_ends_at_full_efficiency():
    _, signal, background = metrics.roc(
        np.array([3.0, 2.0, 1.0]), np.array([1, 0, 1]), np.array([1.0, 2.0, 3.0])
    )
    np.testing.assert_allclose(signal, [0.25, 0.25, 1.0])
    np.testing.assert_allclose(background, [0.0, 1.0, 1.0])
