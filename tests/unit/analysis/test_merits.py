"""Tests of analysis.merits.

Which events are evaluated, at which cut, and with which uncertainty.
"""

import math

import msgspec
import numpy as np
import polars as pl
import public_sets
import pytest
from tests.conftest import EVALUATION, of_folds

from hepfold.analysis import cut_choice, merits, score_tables
from hepfold.core import metrics

EXPECTED = public_sets.HIGGSML
WEIGHTED_AND_NOT = {"auc", "log_loss", "accuracy", "rejection_30", "rejection_70"}
NAMES = (
    WEIGHTED_AND_NOT
    | {f"{name}_weighted" for name in WEIGHTED_AND_NOT}
    | {"ams", "significance", "significance_syst"}
)
SUBSETS = ("oof", "public", "private")
CHOICE = ("figure_of_merit", "cut", "cuts")
MASSES = (499.99997, 750.0, 1000.0)


def computed(scores, settings=EVALUATION, seed=1) -> merits.Evaluated:
    return merits.figures_of_merit(of_folds(scores), EXPECTED, 10.0, settings, seed)


def evaluated(scores, cut="smoothed", **changes):
    settings = msgspec.structs.replace(EVALUATION, cut=cut, **changes)
    return computed(scores, settings).record


def test_every_subset_has_every_figure_with_its_uncertainty(scores):
    mixed = pl.col("event_id") * 53 % 300 / 300
    record = evaluated(scores.with_columns(score=(pl.col("score") + mixed) / 2))
    assert set(record) == {*CHOICE, "folds", "oof", "public", "private"}
    for subset in ("oof", "public", "private"):
        names = NAMES | ({"max_ams"} if subset == "oof" else set())
        ends = ("_unc", "_unc_training", "_unc_total")
        keys = {f"{name}{end}" for name in names for end in ends}
        of_cut = ("_unc_cut", "_n_eff", "_unc_low", "_unc_high")
        keys |= {f"{name}{end}" for name in cut_choice.FIGURES for end in of_cut}
        assert set(record[subset]) == {"n_events", "training_from"} | names | keys
        # No background passes in a few replicas of so few events.
        for name in names - {"rejection_30", "rejection_30_weighted"}:
            assert 0 < record[subset][f"{name}_unc"] < math.inf, name


def test_a_maximum_over_test_cuts_is_not_reported(scores):
    record = evaluated(scores)
    assert "max_ams" not in record["public"] and "max_ams" not in record["private"]
    assert record["oof"]["ams"] <= record["oof"]["max_ams"]


def test_the_plain_cut_gives_the_maximum(scores):
    record = evaluated(scores, cut="plain")["oof"]
    assert record["ams"] == pytest.approx(record["max_ams"])


@pytest.mark.parametrize("cut", ["plain", "smoothed"])
def test_cut_is_chosen_without_test_events(scores, cut):
    """For any test scores, the cut stays the same; they are evaluated at that cut."""
    record = evaluated(scores, cut)
    is_test = pl.col("subset") != "train"
    swapped = scores.with_columns(
        score=pl.when(is_test).then(1 - pl.col("score")).otherwise("score")
    )
    other = evaluated(swapped, cut)
    assert other["cut"] == record["cut"]
    assert other["oof"] == record["oof"]
    assert other["private"]["ams"] < record["private"]["ams"]
    private = score_tables.evaluated_subsets(scores, EXPECTED)["private"]
    at_cut = metrics.ams_at_cut(
        private.score, private.label, private.weight, record["cut"], 10.0
    )
    assert record["private"]["ams"] == pytest.approx(at_cut)


def test_training_events_are_evaluated_out_of_fold(scores):
    record = evaluated(scores.filter(subset="train"))
    assert set(record) == {*CHOICE, "folds", "oof"}


def test_scaling_all_weights_changes_nothing(scores):
    record = evaluated(scores.with_columns(pl.col("weight") * 8))
    expected = evaluated(scores)
    assert record["cuts"] == expected["cuts"]
    for subset in SUBSETS:
        assert record[subset] == pytest.approx(expected[subset])


def test_the_order_of_events_changes_no_value(scores):
    record = evaluated(scores.sample(fraction=1, shuffle=True, seed=1))
    expected = evaluated(scores)
    assert record["cuts"] == expected["cuts"]
    for subset in SUBSETS:
        for name in {*NAMES, "n_events"}:
            value = expected[subset][name]
            assert record[subset][name] == pytest.approx(value), name


def test_an_event_of_weight_two_equals_two_events(scores):
    heavy = pl.col("event_id") % 7 == 0
    doubled = scores.with_columns(
        weight=pl.when(heavy).then(2 * pl.col("weight")).otherwise("weight")
    )
    again = scores.filter(heavy).with_columns(pl.col("event_id") + 1000)
    expected = evaluated(pl.concat([scores, again]), cut="plain")
    record = evaluated(doubled, cut="plain")
    assert record["cuts"] == expected["cuts"]
    weighted = [name for name in NAMES if name.endswith("_weighted")]
    for subset in SUBSETS:
        for name in [*weighted, "significance"]:
            value = expected[subset][name]
            assert record[subset][name] == pytest.approx(value), name


def test_weighted_accuracy_takes_both_classes_as_equal(scores):
    """All events called signal: all of one class right, all of the other wrong."""
    record = evaluated(scores.with_columns(score=0.5 + pl.col("score") / 2))
    assert record["oof"]["accuracy_weighted"] == pytest.approx(0.5)
    assert record["oof"]["accuracy"] == pytest.approx(0.5)
    rare = scores.filter((pl.col("label") == 0) | (pl.col("event_id") % 4 == 1))
    record = evaluated(rare.with_columns(score=0.5 + pl.col("score") / 2))
    assert record["oof"]["accuracy_weighted"] == pytest.approx(0.5)
    assert record["oof"]["accuracy"] < 0.4


def test_infinite_values_are_null(scores):
    """No background passes where a third of the signal does."""
    apart = scores.with_columns(score=pl.col("score") / 2 + pl.col("label") / 2)
    record = evaluated(apart)["oof"]
    assert record["auc"] == 1.0
    assert record["rejection_30"] is None and record["rejection_30_unc"] is None


def test_the_seed_changes_only_uncertainties(scores):
    assert evaluated(scores) == evaluated(scores)
    record, other = (computed(scores, seed=seed).record for seed in (1, 2))
    assert record["oof"]["auc"] == other["oof"]["auc"]
    assert record["oof"]["auc_unc"] != other["oof"]["auc_unc"]
    ratio = np.log(record["oof"]["auc_unc"] / other["oof"]["auc_unc"])
    assert abs(ratio) < 1


def test_working_points_name_their_rejections(scores):
    record = evaluated(scores, working_points=[0.995, 0.7])["oof"]
    rejections = {name for name in record if name.startswith("rejection_")}
    names = {"rejection_99.5", "rejection_70"}
    weighted = {f"{name}_weighted" for name in names}
    assert rejections == {
        name + end
        for name in names | weighted
        for end in ("", "_unc", "_unc_training", "_unc_total")
    }


def test_each_figure_is_quoted_at_its_own_cut(scores):
    """Background of 10 events in the regularizer moves the cut of the AMS alone."""
    record = evaluated(scores, cut="plain")
    oof = score_tables.evaluated_subsets(scores, EXPECTED)["oof"]
    _, s, b = metrics.passing_sums(oof.score, oof.label, oof.weight)
    best = {
        "ams": metrics.ams(s, b, 10.0),
        "significance": metrics.significance(s, b),
        "significance_syst": metrics.significance_syst(s, b, 0.1 * b),
    }
    for name, values in best.items():
        assert record["oof"][name] == pytest.approx(values[np.isfinite(values)].max())
    assert set(record["cuts"]) == set(best)


def test_the_main_cut_is_that_of_the_figure_of_merit(scores):
    for name in cut_choice.FIGURES:
        record = evaluated(scores, figure_of_merit=name)
        assert record["cut"] == record["cuts"][name]
        assert record["figure_of_merit"] == name


def test_replicas_are_those_of_the_uncertainties(scores):
    record, replicas = computed(scores)
    for subset in SUBSETS:
        values = replicas[subset]["auc"]
        assert values[0] == record[subset]["auc"]
        assert values[1:].std(ddof=1) == pytest.approx(record[subset]["auc_unc"])
        assert replicas[subset]["ams"][0] == record[subset]["ams"]


def test_the_choice_of_the_cut_is_in_the_total(scores):
    """Test events do not move the cut, whose replicas move their AMS."""
    record = evaluated(scores)
    for subset in ("public", "private"):
        merits = record[subset]
        assert merits["ams_unc_cut"] > 0
        assert merits["ams_unc_total"] == pytest.approx(
            np.hypot(merits["ams_unc"], merits["ams_unc_cut"])
        )
        assert merits["auc_unc_total"] == merits["auc_unc"]


def at_masses(n: int = 900) -> pl.DataFrame:
    """A score that is right at one mass, wrong at another and random at a third."""
    rng = np.random.default_rng(3)
    label, mass = rng.integers(0, 2, n), np.tile(MASSES, n // 3)
    random = rng.uniform(size=n)
    score = np.select([mass < 500, mass == 750], [label, 1 - label], random)
    table = {"score": score, "label": label, "mass": mass.astype("f4")}
    return pl.DataFrame(table).with_columns(subset=pl.lit("train"))


def with_mass_aucs(events: pl.DataFrame, record: dict | None = None) -> dict:
    record = record or {"oof": {"auc": 0.5}, "cut": 0.1}
    return merits.with_mass_aucs(record, events, 100, seed=1, threads=1)


def test_auc_at_a_mass_is_of_its_events_alone():
    unused = at_masses().with_columns(subset=pl.lit("unused"))
    record = with_mass_aucs(pl.concat([at_masses(), unused]))
    assert record["cut"] == 0.1 and record["oof"]["auc"] == 0.5
    of_masses = {name: v for name, v in record["oof"].items() if name != "auc"}
    assert list(of_masses)[::2] == ["auc_500", "auc_750", "auc_1000"]
    assert (of_masses["auc_500"], of_masses["auc_750"]) == (1.0, 0.0)
    assert of_masses["auc_500_unc"] == 0
    assert of_masses["auc_1000"] == pytest.approx(0.5, abs=0.1)
    # Of n events, half of them signal, sqrt(1 / 3 n): that of Mann and Whitney.
    assert of_masses["auc_1000_unc"] == pytest.approx(900**-0.5, rel=0.3)


def test_aucs_at_a_mass_are_per_subset():
    test = at_masses().with_columns(score=1 - pl.col("score"), subset=pl.lit("test"))
    record = with_mass_aucs(pl.concat([at_masses(), test]), {"oof": {}, "test": {}})
    assert (record["oof"]["auc_500"], record["test"]["auc_500"]) == (1.0, 0.0)
    sums = [record["oof"][f"auc_{m}"] + record["test"][f"auc_{m}"] for m in (750, 1000)]
    assert sums == pytest.approx([1, 1])


def test_a_mass_with_few_events_of_a_class_has_none():
    is_background = (pl.col("label") == 0) & (pl.col("mass") == 750)
    events = at_masses().filter(~(is_background & (pl.int_range(pl.len()) > 60)))
    assert [n for n in with_mass_aucs(events)["oof"] if n.startswith("auc_7")] == []
