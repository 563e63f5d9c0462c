"""Tests of analysis.model_pairs: differences and what they mean."""

import math

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import delong, model_pairs, replica_tables
from hepfold.core import logs

N = 4000
RNG = np.random.default_rng(1)
EVENTS = RNG.normal(0, 0.1, N)
OWN = {name: RNG.normal(0, 0.03, N) for name in ("a", "b", "c")}
LABEL = np.arange(200) % 2


def model(name: str, value: float, subset: str = "oof", **parts) -> model_pairs.Model:
    """A model whose replicas move with those of others, and a little on their own."""
    replicas = np.append(value, value + EVENTS + OWN[name])
    table = replica_tables.of_subsets(
        {subset: dict.fromkeys(replica_tables.COMPARED, replicas)}
    )
    merits = dict.fromkeys(replica_tables.COMPARED, value) | parts
    record = {"dataset": "higgsml", "model": name, "oof": merits, subset: merits}
    placements = delong.placements(np.sin(np.arange(200) * value), LABEL)
    return model_pairs.Model(
        record, table, {subset: "0"}, lambda subset: (placements, LABEL)
    )


def row(table: pl.DataFrame, name: str, merit: str = "ams", **chosen) -> dict:
    (only,) = table.filter(model=name, merit=merit, **chosen).rows(named=True)
    return only


def test_shared_fluctuations_of_events_cancel():
    table = model_pairs.compare([model("a", 3.0), model("b", 3.2)])
    pair = row(table, "a")
    assert pair["difference"] == pytest.approx(-0.2)
    assert pair["unc_events"] == pytest.approx(0.03 * math.sqrt(2), rel=0.05)
    assert pair["unc_total"] == pair["unc_events"]
    assert pair["verdict"] == "worse"
    assert pair["p_value"] == pytest.approx(2.4e-6, rel=1)


def test_trainings_are_independent():
    parts = {"ams_unc_training": 0.3}, {"ams_unc_training": 0.4}
    table = model_pairs.compare(
        [model("a", 3.0, **parts[0]), model("b", 3.2, **parts[1])]
    )
    pair = row(table, "a")
    assert pair["unc_training"] == pytest.approx(0.5)
    assert pair["unc_total"] == pytest.approx(math.hypot(0.5, pair["unc_events"]))
    assert pair["verdict"] == "not different"


@pytest.mark.parametrize("subset", ["oof", "test"])
def test_both_cuts_are_chosen(subset):
    parts = {"ams_unc_cut": 0.3}, {"ams_unc_cut": 0.4}
    models = [model("a", 3.0, subset, **parts[0]), model("b", 3.2, subset, **parts[1])]
    assert row(model_pairs.compare(models), "a")["unc_cut"] == pytest.approx(0.5)


def test_all_models_are_compared_with_the_first_and_the_best():
    table = model_pairs.compare([model("a", 3.0), model("b", 3.2), model("c", 3.1)])
    pairs = (
        table.filter(merit="ams").select("model", "reference", "reference_is").rows()
    )
    assert pairs == [
        ("b", "a", "first"),
        ("c", "a", "first"),
        ("a", "b", "best"),
        ("c", "b", "best"),
    ]


def test_a_first_model_that_is_the_best_is_compared_once():
    table = model_pairs.compare([model("a", 3.3), model("b", 3.2)])
    assert table.filter(merit="ams")["reference_is"].to_list() == ["first and best"]


def test_one_model_has_no_pairs():
    table = model_pairs.compare([model("a", 3.3)])
    assert table.is_empty() and set(table.columns) == set(model_pairs.SCHEMA)


def test_delong_checks_the_auc_alone():
    table = model_pairs.compare([model("a", 3.0), model("b", 3.2)])
    assert 0 < row(table, "a", "auc")["delong_p_value"] <= 1
    assert row(table, "a", "auc_weighted")["delong_p_value"] is None


@pytest.mark.parametrize(
    ("n_sd", "verdict"),
    [
        (-2.01, "worse"),
        (-1.99, "not different"),
        (1.99, "not different"),
        (2.01, "better"),
    ],
)
def test_two_standard_deviations_make_a_difference(n_sd, verdict):
    assert model_pairs.verdict(0.3 * n_sd, 0.3) == verdict


def test_p_values_are_those_of_a_gaussian():
    assert model_pairs.p_value(1.0, 1.0) == pytest.approx(0.3173, abs=1e-4)
    assert model_pairs.p_value(-3.0, 1.0) == pytest.approx(0.0027, abs=1e-4)
    assert model_pairs.p_value(0.0, 0.0) == 1.0 and model_pairs.p_value(1.0, 0.0) == 0.0


def test_many_trials_make_a_small_p_value_likely():
    pair = {"difference": 2.0, "unc_total": 1.0}
    p = model_pairs.p_value(2.0, 1.0)
    one, ten = (model_pairs.significance(pair, n)["p_value_of_trials"] for n in (1, 10))
    assert one == pytest.approx(p)
    assert ten == pytest.approx(1 - (1 - p) ** 10)


@pytest.mark.slow
def test_p_values_of_equal_models_are_uniform():
    """Over toy samples: pairs of equally good models, each with its bootstrap."""
    from hepfold.analysis import bootstrap, score_tables

    p_values = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        label = (rng.random(500) < 0.5).astype("i1")
        common = rng.normal(label)
        aucs = []
        for _ in range(2):
            score = common + rng.normal(size=500)
            events = score_tables.ScoredEvents(score, label, np.ones(500))
            aucs.append(bootstrap.resampled(events, 100, seed, 1).area[:, 1])
        difference = aucs[0] - aucs[1]
        unc = difference[1:].std(ddof=1)
        p_values.append(model_pairs.p_value(difference[0], unc))
    assert np.mean(p_values) == pytest.approx(0.5, abs=4 / np.sqrt(12 * 150))


def test_models_of_different_events_are_not_compared():
    one, other = model("a", 3.0), model("b", 3.2)
    other.order["oof"] = "1"
    with pytest.raises(
        logs.InputError, match="different oof events or in another order"
    ):
        model_pairs.compare([one, other])
