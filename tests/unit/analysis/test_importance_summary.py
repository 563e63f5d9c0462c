"""Tests of analysis.importance_summary: means and spreads are those of the textbook."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import importance_summary

NAMES = {"dataset": "higgsml", "model": "mlp"}


@pytest.fixture
def importances() -> pl.DataFrame:
    """Three folds of two members; a body matters most, then feature b, and a set."""
    rows = []
    for fold, shift in enumerate((-0.01, 0.0, 0.01)):
        for kind, name, permuted, mean in (
            ("feature", "a", "a", 0.1),
            ("feature", "b", "b", 0.2),
            ("body", "c_{pt, phi}", "c_pt, c_phi", 0.3),
            ("set", "high", "a, b", 0.4),
        ):
            for member, of_member in ((None, 0.0), (0, 0.02), (1, 0.04)):
                value = mean + shift + of_member
                rows.append((fold, kind, name, permuted, member, 0.9, value))
    names = ["fold", "kind", "feature", "permuted", "member", "auc", "importance"]
    return pl.DataFrame(rows, names, orient="row").select(
        *(pl.lit(value).alias(name) for name, value in NAMES.items()), pl.all()
    )


def test_importance_is_the_mean_of_folds_with_its_standard_error(importances):
    summary = importance_summary.importance_summary(importances)
    assert summary["feature"].to_list() == ["c_{pt, phi}", "b", "a", "high"]
    np.testing.assert_allclose(summary["importance"], [0.3, 0.2, 0.1, 0.4])
    np.testing.assert_allclose(summary["importance_unc"], 0.01 / np.sqrt(3))
    np.testing.assert_allclose(summary["member_importance"], [0.33, 0.23, 0.13, 0.43])
    np.testing.assert_allclose(summary["member_sd"], 0.02 / np.sqrt(2))
    np.testing.assert_allclose(summary["auc"], 0.9)
    assert summary.select("dataset", "model").unique().row(0, named=True) == NAMES


def test_one_member_has_no_spread(importances):
    single = importances.filter(pl.col("member").is_null() | (pl.col("member") == 0))
    assert importance_summary.importance_summary(single)["member_sd"].null_count() == 4


def test_the_most_important_features_are_of_no_set_and_have_no_azimuth(importances):
    table, momenta = importances.drop(*NAMES), ["c_pt"]
    assert importance_summary.most_important(table, 5, momenta) == ["c_pt", "b", "a"]
    assert importance_summary.most_important(table, 1, momenta) == ["c_pt"]


def test_codes_become_values_of_their_category_alone():
    curves = pl.DataFrame(
        {"feature": ["jets", "jets", "pt"], "value": [0.0, 1.0, 1.0], "score": 0.5}
    )
    summary = importance_summary.with_values(curves, {"jets": (5.0, 7.0)})
    assert summary["value"].to_list() == [5.0, 7.0, 1.0]


def test_dependence_is_the_mean_of_the_folds_that_have_it():
    curves = pl.DataFrame(
        {
            "fold": [0, 1, 0, 1, 2, 2],
            "feature": "pt",
            "value": [1.0, 1.0, 2.0, 2.0, 1.0, 2.0],
            "score": [0.4, 0.6, 0.1, 0.3, None, None],
        }
    )
    summary = importance_summary.dependence_summary(curves)
    np.testing.assert_allclose(summary["value"], [1.0, 2.0])
    np.testing.assert_allclose(summary["score"], [0.5, 0.2])
    np.testing.assert_allclose(summary["score_sd"], 0.2 / np.sqrt(2))


def tensors(table: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{importance_summary.EMBEDDINGS}.0": table.astype("f4")}


def test_distances_do_not_depend_on_rotations_and_shifts():
    rng = np.random.default_rng(2)
    table = rng.normal(size=(3, 4, 2))
    turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    values = {"jets": (0.0, 1.0, 2.0, 3.0)}
    first, turned = (
        importance_summary.embedding_distances(tensors(t), values)["distance"]
        for t in (table, table @ turn + 1)
    )
    np.testing.assert_allclose(turned, first, rtol=1e-5)


def test_distances_are_those_of_each_two_values():
    table = np.array([[[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]])
    distances = importance_summary.embedding_distances(
        tensors(table), {"jets": (2.0, 5.0, 9.0)}
    )
    rows = distances.select("first", "second", "distance").rows()
    expected = [(2.0, 5.0, 5.0), (2.0, 9.0, 1.0), (5.0, 9.0, 18**0.5)]
    np.testing.assert_allclose(rows, expected, rtol=1e-6)


def test_vectors_as_drawn_have_the_expected_distance():
    table = np.random.default_rng(3).normal(size=(20_000, 2, 3))
    distances = importance_summary.embedding_distances(
        tensors(table), {"jets": (0.0, 1.0)}
    )
    assert distances["as_drawn"][0] == pytest.approx(
        distances["distance"].mean(), rel=0.01
    )
    # In one direction: the mean of the modulus of a normal number of variance two.
    assert importance_summary.mean_distance(1) == pytest.approx(2 / np.pi**0.5)


def test_distances_are_summed_up_over_folds_and_members():
    table = np.array([[[0.0], [1.0]], [[0.0], [3.0]]])
    parts = [
        importance_summary.embedding_distances(tensors(t), {"jets": (0.0, 1.0)})
        for t in (table, table)
    ]
    (row,) = importance_summary.distance_summary(pl.concat(parts)).iter_rows(named=True)
    assert row["distance"] == pytest.approx(2.0)
    assert row["distance_sd"] == pytest.approx(np.std([1, 3, 1, 3], ddof=1))
