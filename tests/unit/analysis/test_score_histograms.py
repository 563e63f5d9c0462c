"""Tests of analysis.score_histograms: sums, ratios and calibration in closed form."""

import numpy as np
import polars as pl
import public_sets
import pytest

from hepfold.analysis import score_histograms

EXPECTED = public_sets.HIGGSML


@pytest.fixture
def expected(scores) -> pl.DataFrame:
    return score_histograms.score_histograms(scores, EXPECTED)


def test_stacked_events_are_the_full_sums(expected):
    sums = expected.group_by("subset", "events").agg(pl.col("expected").sum())
    for subset, events, total in sums.iter_rows():
        full = {
            "signal": EXPECTED.signal,
            "background": EXPECTED.background,
        }
        full["all"] = sum(full.values())
        assert total == pytest.approx(full[events]), (subset, events)


def test_signal_and_background_are_all(expected):
    parts = {name: expected.filter(events=name) for name in ("signal", "background")}
    both = expected.filter(events="all")
    total = sum(part["expected"] for part in parts.values())
    squares = sum(part["expected_unc"] ** 2 for part in parts.values())
    np.testing.assert_allclose(both["expected"], total)
    np.testing.assert_allclose(both["expected_unc"] ** 2, squares)


def test_same_events_in_test_have_ratio_one(scores):
    oof = scores.filter(pl.col("subset") == "train")
    twice = pl.concat([oof, oof.with_columns(subset=pl.lit("test"))])
    table = score_histograms.score_histograms(twice, EXPECTED)
    filled = table.filter(pl.col("expected") > 0)
    np.testing.assert_allclose(filled["ratio"], 1)
    assert table.filter(pl.col("expected") == 0)["ratio"].is_null().all()
    relative = filled["expected_unc"] / filled["expected"]
    np.testing.assert_allclose(filled["ratio_unc"], relative)


def test_uncertainty_of_equal_weights_is_poissonian(scores):
    """n events of weight w: n w, with an uncertainty of w times the root of n."""
    equal = scores.with_columns(weight=pl.lit(3.0))
    table = score_histograms.score_histograms(equal, EXPECTED).filter(events="signal")
    n_signal = 50  # of each subset
    n = table["expected"] * n_signal / EXPECTED.signal
    relative = table["expected_unc"] / table["expected"]
    np.testing.assert_allclose(relative.drop_nans(), 1 / np.sqrt(n.filter(n > 0)))


def events(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> pl.DataFrame:
    names = {"dataset": "higgs", "model": "mlp", "subset": "train"}
    table = pl.DataFrame({"score": score, "label": label, "weight": weight})
    return table.with_columns(**{k: pl.lit(v) for k, v in names.items()})


def test_a_probability_of_signal_is_calibrated():
    """Each score stands for a signal and a background event of its probabilities.

    This holds for any sums of both classes.
    """
    score = np.repeat(np.linspace(0.005, 0.995, 100), 2)
    label = np.tile([1, 0], 100)
    weight = np.where(label, score, 1 - score) * np.where(label, 7.0, 0.1)
    table = score_histograms.reliability(
        events(score, label, weight), public_sets.HIGGS
    )
    np.testing.assert_allclose(table["signal_fraction"], table["mean_score"], rtol=1e-9)
    assert table["share"].sum() == pytest.approx(1)
    assert score_histograms.calibration_error(table) == pytest.approx(0, abs=1e-9)


def test_a_score_without_meaning_has_a_fraction_of_one_half():
    rng = np.random.default_rng(1)
    label, score = rng.integers(0, 2, 20000), rng.uniform(size=20000)
    table = score_histograms.reliability(
        events(score, label, np.ones(20000)), public_sets.HIGGS
    )
    pull = (table["signal_fraction"] - 0.5) / table["signal_fraction_unc"]
    assert pull.std() == pytest.approx(1, abs=0.5)
    assert score_histograms.calibration_error(table) == pytest.approx(0.25, abs=0.02)


def test_uncertainty_of_a_fraction_is_binomial():
    label = np.tile([1, 0, 0, 1], 25)
    table = score_histograms.reliability(
        events(np.full(100, 0.52), label, np.ones(100)), public_sets.HIGGS
    )
    (filled,) = table.filter(pl.col("share") > 0).iter_rows(named=True)
    assert filled["signal_fraction"] == pytest.approx(0.5)
    assert filled["signal_fraction_unc"] == pytest.approx(0.05)
    assert table["signal_fraction"].null_count() == len(table) - 1


def test_edges_are_those_of_the_bins(expected):
    np.testing.assert_allclose(
        score_histograms.edges_of(expected), np.linspace(0, 1, 26)
    )


def test_tables_carry_their_names(scores, expected):
    for table in (expected, score_histograms.reliability(scores, EXPECTED)):
        assert table.columns[:3] == ["dataset", "model", "subset"]
        assert table["subset"].unique(maintain_order=True).to_list() == [
            "oof",
            "public",
            "private",
        ]


@pytest.mark.slow
def test_noise_is_the_calibration_error_of_calibrated_scores():
    rng = np.random.default_rng(1)
    errors, noises = [], []
    for _ in range(40):
        score = rng.uniform(size=4000)
        label = (rng.random(4000) < score).astype("i1")
        scores = events(score, label, np.ones(4000))
        table = score_histograms.reliability(scores, public_sets.HIGGS)
        errors.append(score_histograms.calibration_error(table))
        noises.append(score_histograms.calibration_noise(table))
    assert np.mean(errors) == pytest.approx(np.mean(noises), rel=0.1)
