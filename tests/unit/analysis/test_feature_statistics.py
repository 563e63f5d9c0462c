"""Tests of analysis.feature_statistics.

Closed forms, missing values, parts like the whole.
"""

import numpy as np
import pytest

from hepfold.analysis import feature_statistics
from hepfold.data import event_arrays

LABELS = (0, 1)


def events(inputs, label=0, weight=1.0) -> event_arrays.Events:
    inputs = np.asarray(inputs, "f4")
    n_events = len(inputs)
    return event_arrays.Events(
        inputs=inputs,
        label=np.broadcast_to(np.asarray(label, "i1"), n_events),
        weight=np.broadcast_to(np.asarray(weight, "f4"), n_events),
        event_id=np.arange(n_events),
        subset=np.zeros(n_events, "u1"),
    )


def in_parts(whole: event_arrays.Events, size: int) -> list[event_arrays.Events]:
    starts = range(size, len(whole), size)
    return [whole.take(rows) for rows in np.split(np.arange(len(whole)), starts)]


@pytest.fixture(scope="module")
def whole() -> event_arrays.Events:
    """Events with weights, of both classes, of which some lack the last feature."""
    rng = np.random.default_rng(1)
    inputs = rng.standard_normal((3000, 3)) * [1, 50, 1e-3] + [0, 1000, 0]
    inputs[rng.random(3000) < 0.3, 2] = np.nan
    return events(inputs, rng.integers(0, 2, 3000), rng.exponential(size=3000))


def percentiles_of(parts) -> np.ndarray:
    return feature_statistics.percentiles(parts, {})


def test_weighted_mean_and_deviation():
    """Values 0 and 4 with weights 3 and 1: mean 1, variance 3/4 + 9/4 = 3."""
    (summary, _) = feature_statistics.summaries([events([[0], [4]], weight=[3, 1])], {})
    assert summary.mean == pytest.approx(1)
    assert summary.standard_deviation == pytest.approx(np.sqrt(3))


def test_deviation_far_from_zero_is_not_lost():
    values = np.float32(1e6) + np.tile([[-1], [1]], (500, 1))
    (summary, _) = feature_statistics.summaries(in_parts(events(values), 7), {})
    assert summary.mean == pytest.approx(1e6)
    assert summary.standard_deviation == pytest.approx(1, rel=1e-9)


def test_missing_values_count_only_as_missing():
    whole = events([[1], [np.nan], [3]], weight=[1, 6, 1])
    (summary, other) = feature_statistics.summaries([whole], {})
    assert (summary.n_events, summary.n_missing) == (2, 1)
    assert summary.missing_fraction == pytest.approx(0.75)
    assert (summary.minimum, summary.maximum, summary.mean) == (1, 3, 2)
    assert other.n_events == 0


def test_summaries_of_parts_are_that_of_the_whole(whole):
    once = feature_statistics.summaries([whole], {})
    parts = feature_statistics.summaries(in_parts(whole, 17), {})
    for name in vars(once[0]):
        for label in LABELS:
            expected = getattr(once[label], name)
            np.testing.assert_allclose(getattr(parts[label], name), expected, 1e-12)


def test_classes_are_apart(whole):
    summaries = feature_statistics.summaries([whole], {})
    for label in LABELS:
        chosen = whole.label == label
        mean = np.average(whole.inputs[chosen, 1], weights=whole.weight[chosen])
        assert summaries[label].mean[1] == pytest.approx(mean)
        assert summaries[label].n_events[0] == chosen.sum()


@pytest.mark.parametrize("size", [3000, 101])
def test_percentiles_are_those_of_the_weighted_distribution(whole, size):
    percentiles = percentiles_of(in_parts(whole, size))
    parts = np.array(feature_statistics.PERCENTS) / 100
    for label in LABELS:
        for i, values in enumerate(whole.inputs.T):
            chosen = (whole.label == label) & ~np.isnan(values)
            weight = whole.weight[chosen].astype("f8")
            expected = np.quantile(
                values[chosen], parts, weights=weight, method="inverted_cdf"
            )
            np.testing.assert_array_equal(percentiles[label, i], expected)


def test_a_percentile_with_negative_weights_is_where_the_sum_is_first_reached():
    """The weights sum to 2, 1 and 3 in the order of the values: half is 1.5."""
    percentiles = percentiles_of([events([[3], [1], [2]], weight=[2, 2, -1])])
    expected = dict(zip(feature_statistics.PERCENTS, percentiles[0, 0], strict=True))
    assert (expected[50], expected[75]) == (1, 3)


@pytest.mark.parametrize("weight", [0, -1])
def test_without_a_positive_sum_of_weights_there_is_no_percentile(weight):
    percentiles = percentiles_of([events([[1], [2]], weight=weight)])
    assert np.isnan(percentiles).all()


def test_percentiles_of_few_distinct_values():
    """Ties, both signs, a value without weight, and tails of many decades."""
    values = [[-1e30]] * 10 + [[-2]] * 30 + [[0]] * 30 + [[1e-30]] * 30
    (of_events, empty) = percentiles_of([events(values)])
    expected = dict(zip(feature_statistics.PERCENTS, of_events[0], strict=True))
    assert expected[5] == np.float32(-1e30)
    assert (expected[25], expected[50]) == (-2, 0)
    assert expected[75] == expected[99] == np.float32(1e-30)
    assert np.isnan(empty).all()


def test_categories_count_by_their_values():
    whole = events([[0.5, 0], [0.5, 1], [0.5, np.nan]])
    (summary, _) = feature_statistics.summaries([whole], {"jets": (10.0, 30.0)})
    assert summary.mean[1] == pytest.approx(20)
    assert summary.n_missing[1] == 1
    assert whole.inputs[1, 1] == 1


def correlations_of(parts) -> np.ndarray:
    summaries = feature_statistics.summaries(parts, {})
    mean = np.array([summary.mean for summary in summaries])
    deviation = np.array([summary.standard_deviation for summary in summaries])
    return feature_statistics.correlations(parts, {}, mean, deviation)


def test_known_correlation():
    """With y = x + z of independent x, z of equal width, corr(x, y) is 1/sqrt(2)."""
    x, z = np.array([[1, 1, -1, -1], [1, -1, 1, -1]]) + 1e4
    coefficients, _ = correlations_of([events(np.stack([x, z, x + z, -x], axis=1))])
    expected = [1, 0, np.sqrt(0.5), -1]
    np.testing.assert_allclose(coefficients[0], expected, atol=1e-9)


def test_correlations_are_weighted_pairwise_complete(whole):
    coefficients = correlations_of(in_parts(whole, 500))
    for label in LABELS:
        chosen = (whole.label == label) & np.isfinite(whole.inputs[:, 2])
        x, y = whole.inputs[chosen][:, [0, 2]].astype("f8").T
        covariance = np.cov(x, y, aweights=whole.weight[chosen])
        expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        assert coefficients[label, 0, 2] == pytest.approx(expected, abs=1e-9)
        assert coefficients[label, 2, 0] == pytest.approx(expected, abs=1e-9)


def test_correlation_with_a_constant_is_not_defined():
    """A feature is constant where the other one is present."""
    coefficients, _ = correlations_of([events([[1, 5], [2, 5], [3, np.nan]])])
    assert coefficients[0, 0] == pytest.approx(1)
    assert np.isnan(coefficients[0, 1])


def test_histograms_hold_weights_and_their_squares():
    whole = events([[0], [0.5], [1], [np.nan], [9]], weight=[1, 2, 3, 4, 5])
    ((sums,), _) = feature_statistics.histograms(
        [whole], {}, [np.array([0.0, 1.0, 2.0])]
    )
    np.testing.assert_allclose(sums, [[3, 3], [5, 9]])
