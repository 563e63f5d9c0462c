"""Tests of analysis.feature_relations.

Copies are predicted, independent features are not.
"""

import numpy as np
import pytest
import samples

from hepfold.analysis import feature_relations

NAMES = ("x", "y", "copy", "phi", "jet", "constant")
N_EVENTS = 3000


@pytest.fixture(scope="module")
def sample():
    """Events with folds: `copy` grows with x, `phi` is an azimuth at its end."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, N_EVENTS)
    x, y = rng.normal(size=(2, N_EVENTS))
    phi = samples.wrapped(np.pi + 0.5 * y)
    jet = np.where(rng.random(N_EVENTS) < 0.5, x + y, np.nan)
    inputs = np.stack([x, y, np.exp(x), phi, jet, np.ones(N_EVENTS)], axis=1)
    weight = rng.uniform(0.5, 1.5, N_EVENTS)
    return samples.events_of(inputs, label, weight), rng.integers(0, 4, N_EVENTS)


@pytest.fixture(scope="module")
def table(sample):
    return feature_relations.relation_table(*sample, NAMES, {"phi": 1.0})


@pytest.mark.slow
def test_a_copy_is_predicted_whatever_its_scale(table):
    for name, other in (("x", "copy"), ("copy", "x")):
        rows = table.filter(feature=name)
        assert (rows["r_squared"] > 0.99).all()
        assert rows["predictor_1"].to_list() == [other] * 2
        assert (rows["gain_1"] > 0.95).all()


def test_independent_features_are_not_predicted():
    events = samples.two_gaussians(N_EVENTS)
    fold = np.arange(N_EVENTS) % 5
    table = feature_relations.relation_table(events, fold, ("a", "b", "c", "d"), {})
    assert table["r_squared"].abs().max() < 0.05
    # The first feature differs between classes, but is as independent in each.
    assert table["label"].to_list() == [1] * 4 + [0] * 4


@pytest.mark.slow
def test_an_azimuth_has_no_end(sample, table):
    """Around pi it is predicted like anywhere else, and in the unit of the file."""
    r_squared = table.filter(feature="phi")["r_squared"]
    assert (r_squared > 0.95).all()
    events, fold = sample
    inputs = events.inputs.copy()
    inputs[:, 3] /= 1.8
    other = samples.events_of(inputs, events.label, events.weight)
    scaled = feature_relations.relation_table(other, fold, NAMES, {"phi": 1.8})
    again = scaled.filter(feature="phi")["r_squared"]
    np.testing.assert_allclose(again, r_squared, atol=0.01)


@pytest.mark.slow
def test_missing_values_are_left_out_and_used(table):
    rows = table.filter(feature="jet")
    assert rows["n_events"].sum() == pytest.approx(N_EVENTS / 2, rel=0.1)
    assert (rows["r_squared"] > 0.8).all()


@pytest.mark.slow
def test_what_is_constant_or_rare_has_no_value(table):
    rows = table.filter(feature="constant")
    assert rows["r_squared"].to_list() == rows["r_squared_unc"].to_list() == [None] * 2
    events = samples.two_gaussians(400)
    inputs = events.inputs.copy()
    inputs[60:, 0] = np.nan
    rare = samples.events_of(inputs, events.label)
    rare = feature_relations.relation_table(
        rare, np.arange(400) % 2, ("a", "b", "c", "d"), {}
    )
    assert rare.filter(feature="a")["r_squared"].to_list() == [None, None]
    assert rare.filter(feature="b")["r_squared"].null_count() == 0
    assert rare.filter(feature="a")["predictor_1"].to_list() == [None, None]


def test_r_squared_is_the_part_of_the_variance():
    rng = np.random.default_rng(4)
    target, weight = rng.normal(size=(100, 2)), rng.uniform(size=100)
    mean = np.average(target, axis=0, weights=weight)
    assert feature_relations.explained(target, target, weight) == 1
    assert feature_relations.explained(
        target, mean + 0 * target, weight
    ) == pytest.approx(0)
    half = (target + mean) / 2
    assert feature_relations.explained(target, half, weight) == pytest.approx(0.75)


def test_a_rank_is_the_part_of_the_weight_below():
    values, weight = np.array([5.0, -1.0, 5.0, 100.0]), np.array([1.0, 4.0, 2.0, 1.0])
    rank = feature_relations.targets(values, weight, None)[:, 0]
    np.testing.assert_allclose(rank, [5.5 / 8, 2 / 8, 5.5 / 8, 7.5 / 8])
    np.testing.assert_array_equal(
        feature_relations.targets(values**3, weight, None)[:, 0], rank
    )


@pytest.mark.slow
def test_the_same_events_give_the_same_table(sample, table):
    assert feature_relations.relation_table(*sample, NAMES, {"phi": 1.0}).equals(table)
