"""Tests of analysis.feature_distributions: unit area, true ranges, all features."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import feature_distributions
from hepfold.core import columns
from hepfold.data import event_arrays
from hepfold.publish import data_card

FEATURES = ("normal", "constant", "partial", "never", "jets")
CATEGORICAL = {"jets": (0.0, 1.0, 2.0)}
SETTINGS = {
    "wildcards": {"dataset": "higgs"},
    "title": "HIGGS (UCI)",
    "normalization": "weights",
    "is_public": True,
}
MADE_BY = {
    "toy": True,
    "n_equal": 0,
    "cut_flow": [],
    "source": ["toy"],
    "source_sha256": ["abc"],
    "units": {},
    "settings": {"n_folds": 2, "seed": 7},
}


@pytest.fixture(scope="module")
def parts() -> list[event_arrays.Events]:
    rng = np.random.default_rng(1)
    n = 2000
    inputs = np.full((n, len(FEATURES)), np.nan, "f4")
    inputs[:, 0] = rng.standard_normal(n)
    inputs[:, 1] = 7
    inputs[::2, 2] = -2 * inputs[::2, 0]
    inputs[:, 4] = rng.integers(0, 3, n)
    whole = event_arrays.Events(
        inputs=inputs,
        label=np.arange(n, dtype="i1") // 2 % 2,
        weight=rng.exponential(size=n).astype("f4"),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
    )
    return [whole.take(rows) for rows in np.split(np.arange(n), [300, 1100])]


@pytest.fixture(scope="module")
def card(parts) -> dict:
    events = data_card.count_events(parts, lambda part: part.event_id % 2)
    features = data_card.feature_table(lambda: parts, FEATURES, CATEGORICAL)
    return data_card.card(SETTINGS, events, features, CATEGORICAL, MADE_BY)


@pytest.fixture(scope="module")
def histograms(parts, card) -> pl.DataFrame:
    return feature_distributions.histogram_table(parts, card)


@pytest.fixture(scope="module")
def correlation(parts, card):
    table = feature_distributions.correlation_table(parts, card)

    def of(label: int, feature: str, other: str) -> float | None:
        return table.filter(label=label, feature=feature, other=other)[
            "correlation"
        ].item()

    return of


def test_every_feature_has_a_panel(histograms):
    panels = histograms["panel"].unique(maintain_order=True).to_list()
    assert panels == ["events", "weights", *FEATURES]
    assert set(histograms["dataset"]) == {"higgs"}


@pytest.mark.parametrize("feature", ["normal", "partial"])
def test_area_of_densities_is_what_the_range_holds(histograms, feature):
    bins = histograms.filter(panel=feature)
    width = pl.col("high") - pl.col("low")
    area = bins.group_by("label").agg((pl.col("height") * width).sum())
    assert area["height"].is_between(0.985, 1).all()


def test_a_single_value_is_in_one_bin(histograms):
    bins = histograms.filter(panel="constant", label=0)
    (filled,) = bins.filter(pl.col("total") > 0).iter_rows(named=True)
    assert filled["low"] <= 7 < filled["high"]


def test_a_feature_without_values_is_empty(histograms):
    bins = histograms.filter(panel="never")
    assert bins["height"].sum() == 0
    assert set(bins["missing_fraction"]) == {1.0}


def test_category_heights_are_fractions(histograms):
    bars = histograms.filter(panel="jets", label=1)
    assert bars["category"].to_list() == [0, 1, 2]
    assert bars["height"].sum() == pytest.approx(1)


def test_the_last_value_counts():
    """The range of a feature of two values ends with the larger one."""
    rows = pl.DataFrame({"p0.5": [0.0, 0.0], "p50": [0.5, 0.5], "p99.5": [1.0, 2.0]})
    edges = feature_distributions.bin_edges(rows)
    assert edges[0] == 0
    assert 2 < edges[-1] < 2 + 1e-6


def test_each_integer_has_a_bin():
    rows = pl.DataFrame({"p0.5": [3.0, 4.0], "p50": [4.0, None], "p99.5": [6.0, 5.0]})
    edges = feature_distributions.bin_edges(rows)
    assert edges.tolist() == [2.5, 3.5, 4.5, 5.5, 6.5]
    wide = rows.with_columns(pl.col("p99.5") * 100)
    assert (
        len(feature_distributions.bin_edges(wide)) == feature_distributions.N_BINS + 1
    )


def test_class_panel_counts_events_and_weights(histograms, parts):
    bars = histograms.filter(panel="events")
    assert bars["total"].to_list() == [1000, 1000]
    assert bars["height"].to_list() == [0.5, 0.5]
    weights = histograms.filter(panel="weights")
    total = sum(part.weight.sum(dtype="f8") for part in parts)
    assert weights["total"].sum() == pytest.approx(total)


def test_correlations_of_a_constructed_sample(correlation):
    for label in columns.CLASS_NAMES:
        assert correlation(label, "normal", "normal") == pytest.approx(1)
        assert correlation(label, "normal", "partial") == pytest.approx(-1)
        assert abs(correlation(label, "normal", "jets")) < 0.15


def test_correlations_that_do_not_exist_are_null(correlation):
    assert correlation(0, "constant", "normal") is None
    assert correlation(1, "normal", "never") is None
