"""Negative weights in statistics of features, relations between them and insight.

An event of weight w is equivalent to two equal events of weights 2w and -w.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import polars as pl
import public_sets
import pytest
import samples
import signed
from polars.testing import assert_frame_equal

from hepfold.analysis import (
    feature_distributions,
    feature_importance,
    feature_relations,
    feature_statistics,
)
from hepfold.data import event_arrays
from hepfold.publish import data_card

FEATURES, CATEGORICAL = ("x", "y", "jets"), {"jets": (0.0, 1.0, 2.0)}
MADE_BY = {
    "toy": True,
    "cut_flow": [],
    "n_equal": 0,
    "source": ["toy"],
    "source_sha256": ["abc"],
    "units": {},
    "settings": {"n_folds": 2, "seed": 7},
}


def events(n: int = 6000, fraction: float = 0.3, seed: int = 1) -> event_arrays.Events:
    """Features with equal values, correlations and gaps, and signed weights."""
    rng = np.random.default_rng(seed)
    x = rng.normal(1000, 20, n).round()
    y = np.where(rng.random(n) < 0.2, np.nan, x / 10 + rng.normal(0, 2, n))
    inputs = np.stack([x, y, rng.integers(0, 3, n)], axis=1)
    weight = signed.signed_weights(n, fraction, seed)
    return samples.events_of(inputs, rng.integers(0, 2, n), weight)


def split(whole: event_arrays.Events) -> event_arrays.Events:
    weight, inputs, label = signed.split(whole.weight, whole.inputs, whole.label)
    return samples.events_of(inputs, label, weight)


def in_parts(whole: event_arrays.Events) -> list[event_arrays.Events]:
    n = len(whole)
    return [whole.rows(0, n // 3), whole.rows(n // 3, n)]


def card_of(whole: event_arrays.Events) -> dict:
    parts = in_parts(whole)
    counted = data_card.count_events(parts, lambda part: part.event_id % 2)
    features = data_card.feature_table(lambda: parts, FEATURES, CATEGORICAL)
    settings = {
        "wildcards": {"dataset": "higgs"},
        "title": "HIGGS",
        "normalization": "weights",
        "is_public": True,
    }
    return data_card.card(settings, counted, features, CATEGORICAL, MADE_BY)


def test_mean_and_deviation_are_those_of_plain_signed_sums():
    whole = events()
    for label, summary in enumerate(feature_statistics.summaries(in_parts(whole), {})):
        chosen = whole.label == label
        x, w = whole.inputs[chosen, 0].astype("f8"), whole.weight[chosen].astype("f8")
        mean = (w @ x) / w.sum()
        assert summary.weight[0] == pytest.approx(w.sum())
        assert summary.mean[0] == pytest.approx(mean, rel=1e-12)
        variance = w @ (x - mean) ** 2 / w.sum()
        assert summary.standard_deviation[0] == pytest.approx(np.sqrt(variance))


def test_parts_whose_weights_cancel_lose_nothing():
    """Values 0 and 4 of weights -1 and 1, then 1 of weight 2: mean (4 + 2) / 2."""
    whole = samples.events_of(
        np.array([[0.0], [4.0], [1.0]]), np.zeros(3), np.array([-1, 1, 2])
    )
    parts = [whole.rows(0, 2), whole.rows(2, 3)]
    (summary, _) = feature_statistics.summaries(parts, {})
    assert summary.mean[0] == pytest.approx(3)


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.4])
def test_feature_table_of_split_events_is_the_same(fraction):
    whole = events(fraction=fraction)
    one, other = (pl.DataFrame(card_of(e)["features"]) for e in (whole, split(whole)))
    same = [name for name in one.columns if name not in ("n_events", "n_missing")]
    assert_frame_equal(one.select(same), other.select(same), rel_tol=1e-6)
    assert one.null_count().sum_horizontal().item() == 0


@pytest.mark.parametrize("weight", [[1, 1, -3], [-1, 2, -1]])
def test_statistics_without_a_positive_sum_or_variance_are_null(weight):
    inputs = np.array([[0, 1, 0], [1, 1, 0], [2, 1, 0]])
    whole = samples.events_of(inputs, np.zeros(3), np.array(weight))
    (row, *_) = data_card.feature_table(
        lambda: [whole], FEATURES, CATEGORICAL
    ).iter_rows(named=True)
    assert row["standard_deviation"] is None
    if sum(weight) <= 0:
        assert row["mean"] is row["p50"] is None
    assert (row["minimum"], row["maximum"]) == (0, 2)


def test_percentiles_are_where_the_signed_sum_first_reaches_them():
    """Weights 3, -2, 3 at 1, 2, 3: sums 3, 1, 4, so half of 4 is reached at 1."""
    values, weight = np.array([1, 2, 3], "f4"), np.array([3.0, -2.0, 3.0])
    percentiles = feature_statistics.feature_percentiles(values, weight)
    by_percent = dict(zip(feature_statistics.PERCENTS, percentiles, strict=True))
    assert (by_percent[50], by_percent[75], by_percent[95]) == (1, 1, 3)


def test_distributions_of_split_events_are_the_same():
    whole = events()
    names = ["panel", "label", "low", "category", "total", "height"]
    card = card_of(whole)
    one, other = (
        feature_distributions.histogram_table(in_parts(e), card).select(names)
        for e in (whole, split(whole))
    )
    is_count = pl.col("panel") == "events"
    assert_frame_equal(one.filter(~is_count), other.filter(~is_count), abs_tol=1e-9)


def test_correlations_of_split_events_are_the_same():
    whole = events()
    card = card_of(whole)
    one, other = (
        feature_distributions.correlation_table(in_parts(e), card)
        for e in (whole, split(whole))
    )
    assert_frame_equal(one, other, abs_tol=1e-6)
    assert one["correlation"].null_count() == 0
    pair = one.filter(pl.col("feature") == "x", pl.col("other") == "y")
    assert pair["correlation"].to_numpy() == pytest.approx(2**-0.5, abs=0.1)


def test_a_correlation_of_a_negative_sum_is_null():
    inputs = np.array([[0, 1, 0], [1, 3, 1], [2, 2, 2]])
    whole = samples.events_of(inputs, np.zeros(3), np.array([1, 1, -3]))
    card = card_of(whole)
    table = feature_distributions.correlation_table([whole], card)
    assert table["correlation"].null_count() == len(table)


def test_negative_weights_are_counted_in_the_data_card():
    """In background, 1 of 3 events has -2 of the absolute sum 8."""
    label, weight = np.array([0, 0, 0, 1]), np.array([2, -2, 4, 1])
    card = card_of(samples.events_of(np.ones((4, 3)), label, weight))
    background = [row for row in card["events"] if row["label"] == 0]
    assert sum(row["n_negative"] for row in background) == 1
    assert sum(row["weight"] for row in background) == 4
    (note,) = data_card.negative_notes(card["events"])
    assert "1 of 3 background events (33.33%)" in note and "25.00%" in note
    assert note in data_card.text(card)


@pytest.mark.slow
@pytest.mark.parametrize("fraction", [0.0, 0.3])
def test_relations_are_found_with_negative_weights(fraction):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 4000))
    weight = signed.signed_weights(4000, fraction)
    inputs = np.stack([x, np.exp(x), y], axis=1)
    whole = samples.events_of(inputs, rng.integers(0, 2, 4000), weight)
    fold = np.arange(4000) % 4
    table = feature_relations.relation_table(whole, fold, ("x", "copy", "y"), {})
    assert (table.filter(feature="copy")["r_squared"] > 0.98).all()
    assert (table.filter(feature="y")["r_squared"].abs() < 0.3).all()


def test_explained_variance_of_split_events_is_the_same():
    rng = np.random.default_rng(1)
    target, weight = rng.normal(size=(500, 1)), signed.signed_weights(500, 0.3)
    predicted = target + rng.normal(0, 0.5, (500, 1))
    expected = feature_relations.explained(target, predicted, weight)
    other, target, predicted = signed.split(weight, target, predicted)
    again = feature_relations.explained(target, predicted, other)
    assert again == pytest.approx(expected)
    assert np.isnan(feature_relations.explained(target, predicted, -np.abs(other)))


@dataclass(frozen=True)
class KnownModel:
    """Two members whose scores are known functions of the first feature."""

    n_members: int = 2
    member_weight: None = None

    @property
    def preparation(self) -> SimpleNamespace:
        return SimpleNamespace(schema=samples.schema(4))

    def member_scores(self, inputs: np.ndarray) -> np.ndarray:
        score = 1 / (1 + np.exp(-inputs[:, 0].astype("f8")))
        return np.stack([score, score**2])


def test_insight_of_split_events_is_the_same():
    gaussians = samples.two_gaussians(3000)
    weight = signed.signed_weights(3000, 0.3)
    whole = samples.events_of(gaussians.inputs, gaussians.label, weight)
    model, grid = KnownModel(), np.array([-1.0, 0.0, 1.0])
    one, other = whole, split(whole)
    aucs = [feature_importance.aucs(model, e, e.inputs) for e in (one, other)]
    np.testing.assert_allclose(*aucs)
    curves = [
        feature_importance.partial_dependence(model, e, 1, grid) for e in (one, other)
    ]
    np.testing.assert_allclose(*curves, rtol=1e-5)


def test_insight_of_a_negative_sum_is_null():
    gaussians = samples.two_gaussians(400)
    weight = np.where(gaussians.label == 1, -1.0, 1.0)
    whole = samples.events_of(gaussians.inputs, gaussians.label, weight)
    model = KnownModel()
    importance = feature_importance.importance_table(
        [model], [whole], public_sets.DATASETS["higgsml"], 1, seed=1
    )
    assert importance["auc"].null_count() == len(importance)
    curves = feature_importance.dependence_table([model], [whole], ["x0"], {})
    assert curves["score"].null_count() == len(curves)
