"""Tests of analysis.feature_importance.

Closed forms of importance and partial dependence.
"""

import known_models
import numpy as np
import polars as pl
import public_sets
import pytest
import samples

from hepfold.analysis import feature_importance
from hepfold.core import columns, metrics
from hepfold.data import event_arrays
from hepfold.models import ensembles

DEFINITION = public_sets.DATASETS["higgsml"]


@pytest.fixture
def known():
    return known_models.KnownModel(samples.schema(4), known_models.Known())


def importances(models, parts, n_repeats=2, seed=1, definition=DEFINITION):
    return feature_importance.importance_table(
        models, parts, definition, n_repeats, seed
    )


def test_only_the_first_feature_of_two_gaussians_is_important(known):
    """Permuted, nothing is left: it loses AUC - 1/2, by the Gaussian's closed form."""
    parts = [samples.two_gaussians(20_000, seed) for seed in (1, 2)]
    table = importances([known, known], parts)
    assert table.height == 2 * 4 * (1 + known_models.N_MEMBERS)
    first = table.filter(feature="x0")
    # Each class has 10,000 events: the AUC is known to 0.004 or better.
    expected = samples.ideal_auc(2.0) - 0.5
    np.testing.assert_allclose(first["importance"], expected, atol=0.012)
    np.testing.assert_allclose(first["auc"], samples.ideal_auc(2.0), atol=0.01)


def test_an_unused_feature_has_zero_importance(known):
    table = importances([known], [samples.two_gaussians(500)])
    unused = table.filter(pl.col("feature") != "x0")
    assert unused["importance"].to_list() == [0.0] * 3 * (1 + known_models.N_MEMBERS)


@pytest.mark.slow
def test_trained_networks_and_trees_use_the_first_feature_alone():
    events, unseen = samples.two_gaussians(3000), samples.two_gaussians(3000, 9)
    for base in (samples.MODEL, samples.FOREST):
        model, _ = samples.train(events, base=base)
        table = importances([model], [unseen]).filter(pl.col("member").is_null())
        importance = dict(table.select("feature", "importance").iter_rows())
        assert importance.pop("x0") == pytest.approx(table["auc"][0] - 0.5, abs=0.03)
        assert max(map(abs, importance.values())) < 0.01


@pytest.mark.slow
def test_members_are_scored_each_and_the_ensemble_as_elsewhere():
    events = samples.two_gaussians(400)
    for base in (samples.MODEL, samples.FOREST):
        model, _ = samples.train(events, base=base)
        score = model.member_scores(events.inputs)
        assert score.shape == (base["n_members"], 400)
        assert np.ptp(score, axis=0).max() > 0
        np.testing.assert_allclose(
            score.mean(axis=0), model.score(events.inputs), rtol=1e-6
        )
        table = importances([model], [events]).filter(feature="x0")
        assert table["member"].to_list() == [None, *range(base["n_members"])]
        weight = events.weight.astype("f8")
        expected = [metrics.auc(s, events.label, weight) for s in score]
        np.testing.assert_allclose(table["auc"][1:], expected)


@pytest.mark.slow
def test_batches_of_scoring_change_no_member(monkeypatch):
    model, _ = samples.train(samples.two_gaussians(200))
    inputs = samples.two_gaussians(50).inputs
    whole = model.member_scores(inputs)
    monkeypatch.setitem(ensembles.SCORING_BATCH, "cpu", 7)
    np.testing.assert_allclose(model.member_scores(inputs), whole, 1e-5)


def test_the_seed_decides_and_the_order_of_events_does_not(known):
    events = samples.two_gaussians(300)
    mixed = events.take(np.random.default_rng(0).permutation(300))
    first, again, other = (
        importances([known], [event_arrays.draw(part, 200, 5)], seed=seed)
        for part, seed in ((events, 1), (mixed, 1), (events, 2))
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_weights_count(known):
    """Events of weight zero only matter in permutations."""
    events = samples.two_gaussians(4000)
    noise = samples.two_gaussians(4000, 3)
    label = np.concatenate([events.label, 1 - noise.label])
    inputs = np.concatenate([events.inputs, noise.inputs])
    weight = np.repeat([1.0, 0.0], 4000)
    table = importances([known], [samples.events_of(inputs, label, weight)])
    expected = samples.ideal_auc(2.0)
    np.testing.assert_allclose(table["auc"], expected, atol=0.02)


def test_a_permutation_moves_whole_values_missing_ones_too(monkeypatch, known):
    seen = []
    monkeypatch.setattr(
        feature_importance,
        "aucs",
        lambda model, events, inputs: seen.append(inputs) or 0.0,
    )
    inputs = np.arange(12.0).reshape(3, 4)
    inputs[0, 1] = np.nan
    events = samples.events_of(inputs, np.array([0, 1, 0]))
    feature_importance.permuted_aucs(known, events, [1, 2], [np.array([2, 0, 1])])
    np.testing.assert_array_equal(seen[0][:, 1:3], inputs[[2, 0, 1], 1:3])
    np.testing.assert_array_equal(seen[0][:, [0, 3]], inputs[:, [0, 3]])
    np.testing.assert_array_equal(events.inputs, inputs)


def test_partial_dependence_of_a_known_model_is_its_score(known):
    """The mean sigmoid of both members at the value, for any events."""
    parts = [samples.two_gaussians(300, seed) for seed in (1, 2)]
    table = feature_importance.dependence_table([known, known], parts, ["x0", "x1"], {})
    first, second = (table.filter(feature=name) for name in ("x0", "x1"))
    x = first["value"].to_numpy()
    expected = (1 / (1 + np.exp(-x)) + 1 / (1 + np.exp(-2 * x))) / 2
    np.testing.assert_allclose(first["score"], expected, rtol=1e-6)
    for fold in (0, 1):
        of_fold = first.filter(fold=fold)
        assert len(of_fold) == len(feature_importance.LEVELS)
        assert (np.diff(of_fold["value"]) > 0).all()
        assert second.filter(fold=fold)["score"].n_unique() == 1


def test_partial_dependence_balances_the_classes(known):
    """For an unused feature, it is the mean over classes of any sizes."""
    events = samples.two_gaussians(2000)
    kept = (events.label == columns.BACKGROUND) | (events.event_id % 10 == 0)
    score = known.member_scores(events.take(kept).inputs).mean(axis=0)
    part = events.take(kept)
    by_class = [
        np.average(score[part.label == k], weights=part.weight[part.label == k])
        for k in columns.CLASS_NAMES
    ]
    score = feature_importance.partial_dependence(known, part, 1, np.zeros(1))
    assert score[0] == pytest.approx(np.mean(by_class), rel=1e-6)


def test_events_that_lack_a_feature_are_left_out(known):
    events = samples.two_gaussians(400)
    inputs = events.inputs.copy()
    inputs[200:, 0] = np.nan
    events = samples.events_of(inputs, events.label)
    score = feature_importance.partial_dependence(known, events, 0, np.array([50.0]))
    assert score[0] == pytest.approx(1.0)
    nowhere = samples.events_of(np.full_like(inputs, np.nan), events.label)
    assert np.isnan(
        feature_importance.partial_dependence(known, nowhere, 0, np.zeros(2))
    ).all()
    table = feature_importance.dependence_table(
        [known] * 2, [events, nowhere], ["x0"], {}
    )
    assert table.filter(fold=1)["score"].null_count() == len(feature_importance.LEVELS)


def test_categories_have_their_values():
    events = samples.with_category(samples.two_gaussians(90))
    model = known_models.KnownModel(samples.schema(5, (3,)), known_models.Known())
    values = {"x4": (10.0, 20.0, 30.0)}
    table = feature_importance.dependence_table([model], [events], ["x4"], values)
    assert table["value"].to_list() == [10.0, 20.0, 30.0]


def test_a_grid_is_of_values_that_events_have():
    rng = np.random.default_rng(1)
    column = np.append(rng.exponential(size=1000), [np.nan] * 5).astype("f4")
    values = feature_importance.grid(column)
    assert set(values) <= set(column)
    below = [(column < value).mean() for value in values]
    np.testing.assert_allclose(below, feature_importance.LEVELS, atol=0.01)
    np.testing.assert_array_equal(
        feature_importance.grid(np.tile([2.0, 0.5], 99)), [0.5, 2]
    )
    assert len(feature_importance.grid(np.full(3, np.nan))) == 0
