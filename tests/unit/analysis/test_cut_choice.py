"""Tests of analysis.cut_choice: each figure has the cut that is best for it."""

import msgspec
import numpy as np
import pytest
from tests.conftest import EVALUATION

from hepfold.analysis import bootstrap, cut_choice, score_tables
from hepfold.core import metrics


def events(n: int = 20_000, seed: int = 1) -> score_tables.ScoredEvents:
    """Signal above x is 1 - x^2 and background (1 - x)^3: the score is x."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 2
    uniform = rng.random(n)
    score = np.where(label == 1, uniform**0.5, 1 - uniform ** (1 / 3))
    weight = np.where(label == 1, 100.0, 1000.0) * 2 / n
    return score_tables.ScoredEvents(score, label, weight)


def true_best(name: str, b_reg: float) -> float:
    """The best cut of the distributions."""
    x = np.linspace(0, 0.999, 10_000)
    s, b = 100 * (1 - x**2), 1000 * (1 - x) ** 3
    return x[cut_choice.merits(s, b, b_reg, 0.1)[name].argmax()]


@pytest.mark.parametrize("b_reg", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("name", ["ams", "significance_syst"])
def test_each_cut_is_that_of_its_own_figure(name, b_reg):
    cut = cut_choice.chosen(events(), b_reg, EVALUATION)[name]
    x = np.linspace(0, 0.999, 1000)
    s, b = 100 * (1 - x**2), 1000 * (1 - x) ** 3
    values = cut_choice.merits(s, b, b_reg, 0.1)[name]
    assert np.interp(cut, x, values) > 0.98 * values.max()


def test_a_regularizer_moves_the_cut_of_the_ams_alone():
    few, many = (cut_choice.chosen(events(), b_reg, EVALUATION) for b_reg in (1, 1e4))
    assert many["ams"] < few["ams"] - 0.1
    assert many["significance"] == few["significance"]
    assert many["significance_syst"] == few["significance_syst"]
    assert true_best("ams", 1e4) < true_best("ams", 1) - 0.1


def test_the_ams_without_regularizer_is_the_significance():
    cuts = cut_choice.chosen(events(), 0.0, EVALUATION)
    assert cuts["ams"] == cuts["significance"]


def test_a_known_background_has_the_cut_of_the_significance():
    evaluation = msgspec.structs.replace(EVALUATION, background_uncertainty=0.0)
    cuts = cut_choice.chosen(events(), 1.0, evaluation)
    assert cuts["significance_syst"] == cuts["significance"]


def test_no_plain_cut_is_where_no_background_passes():
    """Its significance is infinite: the background is not known there."""
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    sample = score_tables.ScoredEvents(score, np.array([1, 1, 0, 1, 0]), np.ones(5))
    evaluation = msgspec.structs.replace(EVALUATION, cut="plain")
    cut = cut_choice.chosen(sample, 0.0, evaluation)["significance"]
    assert cut == 0.6


def test_replicas_choose_as_the_sample_does():
    """On a grid of cuts, whose steps are finer than the smoothing window."""
    sample = events()
    grid = cut_choice.grid(sample)
    assert (np.diff(grid) < 0).all() and len(grid) <= cut_choice.N_GRID
    sums = bootstrap.resampled(sample, 5, 1, 1, cuts=grid)
    s, b = bootstrap.scaled_sums(sums, sample)
    by_name = cut_choice.merits(s, b, 10.0, 0.1)
    best = cut_choice.chosen_in_replicas(s, by_name, "smoothed", 10_000)
    cuts = cut_choice.chosen(sample, 10.0, EVALUATION)
    for name, index in best.items():
        passing = np.mean(sample.score[sample.label == 1] >= grid[index[0]])
        expected = np.mean(sample.score[sample.label == 1] >= cuts[name])
        assert passing == pytest.approx(expected, abs=0.005)
    assert len(set(best["ams"])) > 1


def test_a_replica_without_values_has_no_cut():
    values = {"ams": np.array([[np.nan, np.nan], [1.0, 2.0]])}
    s = np.array([[np.nan, np.nan], [1.0, 2.0]])
    best = cut_choice.chosen_in_replicas(s, values, "plain", 100)
    assert best["ams"].tolist() == [-1, 1]


def test_points_are_evenly_spread_where_an_efficiency_falls():
    efficiency = np.array([0.1, 0.5, 0.4, 0.6, 1.0])
    index = cut_choice.evenly_spread(efficiency, 4)
    assert index.tolist() == sorted(set(index)) and index[[0, -1]].tolist() == [0, 4]
    assert metrics.N_SMOOTHED > cut_choice.N_GRID


def on_grid(n_replicas: int, n: int = 4000) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Passing sums of signal, and figures of merit, of a sample and its replicas."""
    sample = events(n)
    grid = cut_choice.grid(sample)
    sums = bootstrap.resampled(sample, n_replicas, 1, 1, cuts=grid)
    s, b = bootstrap.scaled_sums(sums, sample)
    return s, cut_choice.merits(s, b, 10.0, 0.1)


def test_the_choice_of_the_cut_near_a_maximum_changes_little():
    """Less than the events do, by far: the true curve is flat there."""
    s, by_name = on_grid(100)
    of_choice = cut_choice.variances(s, by_name, "smoothed", 2000)
    at_best = by_name["ams"][:, by_name["ams"][0].argmax()]
    assert 0 < np.sqrt(of_choice["ams"]) < 0.2 * at_best[1:].std()


def test_equal_replicas_choose_the_same_cut():
    s, by_name = on_grid(0)
    s = np.repeat(s, 5, axis=0)
    same = {name: np.repeat(values, 5, axis=0) for name, values in by_name.items()}
    of_choice = cut_choice.variances(s, same, "smoothed", 2000)
    assert of_choice == dict.fromkeys(cut_choice.FIGURES, 0.0)


def test_a_plain_choice_varies_more_than_a_smoothed_one():
    s, by_name = on_grid(100)
    plain, smooth = (
        cut_choice.variances(s, by_name, kind, 2000)["ams"]
        for kind in ("plain", "smoothed")
    )
    assert plain > smooth


def test_a_sample_without_replicas_has_no_variance():
    assert np.isnan(cut_choice.variances(*on_grid(0), "smoothed", 2000)["ams"])
