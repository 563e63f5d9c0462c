"""Tests of core.metrics: known values, limits, and the traps of the field."""

from statistics import NormalDist

import numpy as np
import pytest

from hepfold.core import metrics


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


def test_no_cut_is_between_ties():
    score, label = np.array([0.9, 0.9, 0.1]), np.array([1, 0, 0])
    cut, s, b = metrics.passing_sums(score, label, weight=np.ones(3))
    assert cut.tolist() == [0.9, 0.1]
    assert s.tolist() == [1, 1] and b.tolist() == [1, 2]


def test_ams_of_all_cuts_and_of_one_cut_agree():
    rng = np.random.default_rng(0)
    score, label = rng.random(500).round(2), rng.integers(0, 2, 500)
    weight = rng.random(500)
    for cut, s, b in zip(*metrics.passing_sums(score, label, weight), strict=True):
        at_cut = metrics.ams_at_cut(score, label, weight, cut, 10.0)
        assert at_cut == pytest.approx(metrics.ams(s, b, 10.0))


@pytest.mark.slow
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


def test_significance_is_ams_without_regularization():
    s, b = np.array([5.0, 100.0]), np.array([20.0, 1e4])
    np.testing.assert_array_equal(metrics.significance(s, b), metrics.ams(s, b, 0.0))
    assert metrics.significance(1.0, 0.0) == np.inf
    assert metrics.significance(0.0, 0.0) == 0.0


@pytest.mark.parametrize("s", [0.5, 5.0, 80.0])
@pytest.mark.parametrize(("b", "b_unc"), [(20.0, 2.0), (300.0, 60.0), (0.7, 0.5)])
def test_significance_syst_is_that_of_the_likelihood_ratio(s, b, b_unc):
    """For n = s + b events and m = tau b more, tau = b / b_unc^2, without signal.

    Both counts together then say that the background is (n + m) / (1 + tau).
    """
    tau = b / b_unc**2
    n, m = s + b, tau * b
    fitted = (n + m) / (1 + tau)
    q0 = 2 * (n * np.log(n / fitted) + m * np.log(m / (tau * fitted)))
    significance = metrics.significance_syst(s, b, b_unc)
    assert significance == pytest.approx(np.sqrt(q0), rel=1e-7)


def test_significance_syst_has_the_known_limits():
    s, b = 30.0, 400.0
    known = metrics.significance(s, b)
    assert metrics.significance_syst(s, b, 0.0) == known
    assert metrics.significance_syst(s, b, 1e-4) == pytest.approx(known, rel=1e-9)
    large = metrics.significance_syst(1e3, 1e8, 2e4)
    assert large == pytest.approx(1e3 / np.sqrt(1e8 + 2e4**2), rel=1e-4)
    assert metrics.significance_syst(0.0, b, 40.0) == 0.0
    falling = metrics.significance_syst(s, b, np.linspace(0, 200, 50))
    assert (np.diff(falling) < 0).all()


def test_log_loss_and_accuracy_of_known_scores():
    score, label = np.array([0.8, 0.5, 0.4]), np.array([1, 0, 0])
    weight = np.array([1.0, 2.0, 1.0])
    expected = -(np.log(0.8) + 2 * np.log(0.5) + np.log(0.6)) / 4
    assert metrics.log_loss(score, label, weight) == pytest.approx(expected)
    # One half counts as signal.
    assert metrics.accuracy(score, label, weight) == 0.5


def test_a_score_of_zero_or_one_has_a_finite_loss():
    worst = metrics.loss_of_events(np.array([0.0, 1.0, 2.0**-30]), np.array([1, 0, 1]))
    np.testing.assert_allclose(worst, 25 * np.log(2))
    right = metrics.loss_of_events(np.array([1.0, 0.0]), np.array([1, 0]))
    assert right.tolist() == [0.0, 0.0]


def test_a_random_score_has_the_log_loss_of_its_calibration():
    """A calibrated score that is uniform: the mean entropy is one half of a nat."""
    score = (np.arange(200_000) + 0.5) / 200_000
    rng = np.random.default_rng(3)
    label = (rng.random(len(score)) < score).astype(int)
    ones = np.ones(len(score))
    assert metrics.log_loss(score, label, ones) == pytest.approx(0.5, abs=0.003)
    assert metrics.accuracy(score, label, ones) == pytest.approx(0.75, abs=0.003)


def gaussian_sums(n_signal: int, n_background: int):
    """Passing sums of two Gaussians without scatter, weights as those of Higgs ML."""
    unit = NormalDist()
    parts = [(n_signal, 1.8, 692.0), (n_background, 0.0, 411_000.0)]
    score = [
        unit.inv_cdf((i + 0.5) / n) + mean for n, mean, _ in parts for i in range(n)
    ]
    weight = np.concatenate([np.full(n, total / n) for n, _, total in parts])
    label = np.repeat([1, 0], [n_signal, n_background])
    return metrics.passing_sums(np.array(score), label, weight)


@pytest.mark.slow
def test_smoothed_cut_tends_to_the_plain_one():
    lost = []
    for n in (1000, 10_000, 100_000):
        _, s, b = gaussian_sums(n, 2 * n)
        ams = metrics.ams(s, b, 10.0)
        best = metrics.smoothed_best(s, ams, metrics.smoothing_width(n))
        lost.append(1 - ams[best] / ams.max())
    assert lost[0] > lost[1] > lost[2]
    assert lost[2] < 0.01
    assert metrics.smoothed_best(s, ams, 1e-3) == pytest.approx(ams.argmax(), rel=0.05)


@pytest.mark.slow
def test_smoothed_cut_does_not_follow_a_few_events():
    """Chance leaves out the first background: the plain maximum goes where it was."""
    _, s, b = gaussian_sums(100_000, 200_000)
    true = metrics.ams(s, b, 10.0)
    lucky = metrics.ams(s, np.maximum(b - 30.0, 0.0), 10.0)
    assert true[lucky.argmax()] < 0.85 * true.max()
    smoothed = metrics.smoothed_best(s, lucky, metrics.smoothing_width(100_000))
    assert true[smoothed] > 0.97 * true.max()


def test_smoothed_cut_exists_where_the_ams_is_infinite():
    _, s, b = gaussian_sums(100, 200)
    with np.errstate(divide="ignore"):
        ams = metrics.ams(s, b, 0.0)
    assert ams[0] == np.inf
    assert 0 < metrics.smoothed_best(s, ams, 0.5) < len(s)
