"""Negative weights in figures of merit, histograms and bins of the score.

An event of weight w is equivalent to two equal events of weights 2w and -w.
"""

import msgspec
import numpy as np
import polars as pl
import process_samples
import public_sets
import pytest
import signed
from polars.testing import assert_frame_equal
from tests.conftest import EVALUATION, of_folds

from hepfold.analysis import (
    bootstrap,
    curves,
    cut_choice,
    limits,
    mass_sculpting,
    merits,
    score_bins,
    score_histograms,
    score_tables,
    uncertainties,
    workspaces,
)
from hepfold.core import metrics, settings
from hepfold.data import weights

HIGGSML, B_REG = public_sets.HIGGSML, 10.0
POINTS = [0.3, 0.7]
# Quantities that count events, or are computed from squared weights.
COUNTS = {"auc", "log_loss", "accuracy", "rejection_30", "rejection_70"}


def events(n: int = 4000, fraction: float = 0.3, seed: int = 1):
    """Scores with ties, of which a fraction of events has negative weights."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.4).astype("i1")
    score = (1 / (1 + np.exp(-rng.normal(1.5 * label)))).round(2)
    weight = signed.signed_weights(n, fraction, seed)
    weight = weights.scale_to_full(weight, label, 700.0, 9000.0)
    return score_tables.ScoredEvents(score, label, weight)


def split(sample: score_tables.ScoredEvents) -> score_tables.ScoredEvents:
    weight, score, label = signed.split(sample.weight, sample.score, sample.label)
    return score_tables.ScoredEvents(score, label, weight)


def table(sample: score_tables.ScoredEvents, subset: str = "train") -> pl.DataFrame:
    n = len(sample.score)
    names = {"dataset": "higgsml", "model": "mlp", "subset": subset}
    mass = (37 * np.round(100 * sample.score) + 11 * sample.label) % 100
    return pl.DataFrame(
        names
        | {"event_id": np.arange(n), "label": sample.label, "weight": sample.weight}
        | {"score": sample.score, "mass": mass}
    )


def replicas(sample: score_tables.ScoredEvents, cut: float, n_replicas: int) -> dict:
    cuts = dict.fromkeys(cut_choice.FIGURES, cut)
    definition = bootstrap.Definition(POINTS, cuts, B_REG, 0.1)
    return bootstrap.merits(sample, definition, n_replicas, seed=1).by_name


def values(sample: score_tables.ScoredEvents) -> dict[str, float]:
    by_name = replicas(sample, 0.7, n_replicas=0)
    return {name: v[0] for name, v in by_name.items() if name not in COUNTS}


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.4])
def test_figures_of_merit_of_split_events_are_the_same(fraction):
    sample = events(fraction=fraction)
    assert values(split(sample)) == pytest.approx(values(sample), rel=1e-9)
    assert all(np.isfinite(list(values(sample).values())))


@pytest.mark.parametrize("name", ["auc", "log_loss", "accuracy"])
def test_metrics_of_split_events_are_the_same(name):
    sample, function = events(), getattr(metrics, name)
    other = split(sample)
    expected = function(sample.score, sample.label, sample.weight)
    again = function(other.score, other.label, other.weight)
    assert again == pytest.approx(expected, rel=1e-9)


def test_auc_is_the_signed_sum_over_pairs():
    sample = events(300)
    is_signal = sample.label == 1
    s, b = sample.weight[is_signal], sample.weight[~is_signal]
    above = np.subtract.outer(sample.score[is_signal], sample.score[~is_signal])
    expected = s @ (0.5 + 0.5 * np.sign(above)) @ b / (s.sum() * b.sum())
    auc = metrics.auc(sample.score, sample.label, sample.weight)
    assert auc == pytest.approx(expected)
    assert values(sample)["auc_weighted"] == pytest.approx(expected)


def test_sums_that_pass_a_cut_are_plain_sums():
    sample = events(500)
    for cut, s, b in zip(
        *metrics.passing_sums(sample.score, sample.label, sample.weight), strict=True
    ):
        passes = sample.score >= cut
        of_signal = sample.weight[passes & (sample.label == 1)]
        of_background = sample.weight[passes & (sample.label == 0)]
        assert (s, b) == pytest.approx((of_signal.sum(), of_background.sum()))


@pytest.mark.parametrize("kind", ["plain", "smoothed"])
def test_no_cut_is_chosen_where_the_background_is_negative(kind):
    """The upper fifth of scores has much signal, and a negative background."""
    rng = np.random.default_rng(1)
    label, score = rng.integers(0, 2, 5000), rng.random(5000)
    score = np.where((label == 1) & (rng.random(5000) < 0.9), 0.8 + score / 5, score)
    weight = np.where((label == 0) & (score > 0.8), -1.0, 1.0)
    sample = score_tables.ScoredEvents(score, label, weight)
    evaluation = msgspec.structs.replace(EVALUATION, cut=kind)
    for cut in cut_choice.chosen(sample, 0.1, evaluation).values():
        assert weight[(label == 0) & (score >= cut)].sum() >= 0
    _, s, b = metrics.passing_sums(score, label, weight)
    ams = metrics.ams(s, b, 0.1)
    assert np.isnan(ams[b < 0]).all() and not np.isnan(ams[b >= 0]).any()
    sums = bootstrap.resampled(sample, 0, 1, 1, b_reg=0.1)
    assert sums.max_ams[0] == np.nanmax(ams)


def test_a_significance_is_undefined_where_the_background_is_negative():
    s, b = np.array([3.0, 0.0, 3.0]), np.array([-1.0, -1.0, 4.0])
    for z in (metrics.significance(s, b), metrics.significance_syst(s, b, 0.1 * b)):
        assert np.isnan(z).tolist() == [True, True, False]


def test_curves_of_split_events_are_the_same():
    sample = events()
    one, other = table(sample), table(split(sample))
    ends = ["background_efficiency_low", "background_efficiency_high"]
    rocs = [curves.roc_curves(t, HIGGSML, 5, 1, 1).drop(ends) for t in (one, other)]
    assert_frame_equal(*rocs)
    ams = [curves.ams_curves(t, HIGGSML, B_REG, 0.5, 5, 1, 1) for t in (one, other)]
    same = ["cut", "s", "b", "ams"]
    assert_frame_equal(*(t.select(same) for t in ams))


def test_a_few_events_with_negative_weights_are_evaluated():
    """Some replicas have no positive sum of a class; none makes a value NaN."""
    sample = events(400, fraction=0.4, seed=4)
    small = events(120, fraction=0.4, seed=12)
    scores = pl.concat([table(sample), table(small, "private")])
    folds = of_folds(scores)
    record, _ = merits.figures_of_merit(folds, HIGGSML, B_REG, EVALUATION, seed=1)
    for subset in ("oof", "private"):
        assert record[subset].pop("training_from") is None
        for name, value in record[subset].items():
            assert value is None or np.isfinite(value), name
        assert record[subset]["auc_weighted"] > 0
    is_undefined = np.isnan(replicas(small, 0.5, 300)["auc_weighted"][1:])
    assert 0 < is_undefined.mean() < 0.5


def test_undefined_replicas_are_left_out_of_the_spread_if_they_are_few():
    rng = np.random.default_rng(1)
    replicas = rng.normal(5, 2, 1000)
    replicas[:20] = np.nan
    assert uncertainties.spread(replicas) == replicas[20:].std(ddof=1)
    replicas[:80] = np.nan
    assert np.isnan(uncertainties.spread(replicas))
    assert np.isnan(uncertainties.spread(np.array([1.0, np.inf])))


def test_score_histograms_of_split_events_are_the_same():
    sample = events()
    signed_sums = ["events", "low", "expected"]
    one, other = (
        score_histograms.score_histograms(table(e), HIGGSML).select(signed_sums)
        for e in (sample, split(sample))
    )
    assert_frame_equal(one, other)
    both = one.filter(events=score_histograms.ALL)["expected"]
    total = HIGGSML.signal + HIGGSML.background
    assert both.sum() == pytest.approx(total)


def test_reliability_of_split_events_is_the_same():
    sample = events()
    names = ["low", "mean_score", "signal_fraction"]
    one, other = (
        score_histograms.reliability(table(e), HIGGSML).select(names)
        for e in (sample, split(sample))
    )
    assert_frame_equal(one, other)


def test_a_fraction_of_a_negative_sum_is_null():
    score = np.r_[np.full(40, 0.22), np.full(120, 0.71)]
    label = np.arange(160) % 2
    weight = np.where(score < 0.5, -0.1, 1.0)
    sample = score_tables.ScoredEvents(score, label, weight)
    bins = score_histograms.reliability(table(sample), HIGGSML)
    (low,) = bins.filter(pl.col("share") < 0).rows(named=True)
    for name in ("signal_fraction", "signal_fraction_unc", "mean_score"):
        assert low[name] is None
    assert bins["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(6))
def test_no_template_bin_is_negative(seed):
    """Also in bins that are chosen on other events, and the fit has a result."""
    chosen, filled = events(2000, 0.3, seed), events(1500, 0.3, seed + 50)
    scores = pl.concat([table(chosen), table(filled, "private")])
    bins, name = score_bins.binned_score(scores, HIGGSML, settings.Inference(8, 5, 0.5))
    assert name == "private" and len(bins) > 1
    assert (bins["signal"] >= 0).all() and (bins["background"] > 0).all()
    assert bins["signal"].sum() == pytest.approx(HIGGSML.signal)
    parts = (bins[n].to_numpy() for n in ("signal", "background", "background_unc"))
    workspace = workspaces.workspace(
        process_samples.templates(*parts), process_samples.normalizations(0.1)
    )
    model = limits.pyhf.Workspace(workspace).model()
    assert np.isfinite(limits.discovery_significance(model))


def test_bins_of_split_events_have_the_same_content():
    sample, cuts = events(), np.array([0.2, 0.5, 0.8])
    one, other = (score_bins.filled(e, cuts) for e in (sample, split(sample)))
    names = ["low", "high", "signal", "background"]
    assert_frame_equal(one.select(names), other.select(names))


def test_mass_shapes_of_split_events_are_the_same():
    sample = events()
    names = ["class", "selection", "low", "efficiency", "divergence", "density"]
    both = []
    for scores in (table(sample), table(split(sample))):
        shapes = mass_sculpting.shapes(scores, HIGGSML, 0.6, seed=1)
        assert not any(shapes[name].is_nan().any() for name in ("ratio", "chance"))
        both.append(shapes.select([*names, "ratio"]))
    assert_frame_equal(*both, abs_tol=1e-9)


def test_a_shape_without_a_positive_sum_is_null():
    edges, rng = np.linspace(0, 1, 6), np.random.default_rng(1)
    mass, score = rng.random((2, 400))
    weight = np.where(score > 0.5, -0.2, 1.0)
    shape = mass_sculpting.after_cut(score, weight, mass, 0.5, edges, rng)
    for name in ("density", "density_unc", "ratio", "ratio_unc"):
        assert shape[name].null_count() == len(shape)
    assert shape["divergence"].null_count() == len(shape)
    assert shape["efficiency"][0] < 0
