"""Tests of analysis.seed_spread: seeds replace what members and folds estimate."""

import math

import pytest

from hepfold.analysis import seed_spread


def record(model: str, ams: float, dataset: str = "higgsml", **merits) -> dict:
    parts = {"ams_unc": 0.3, "ams_unc_training": 0.0, "ams_unc_cut": None}
    oof = {"ams": ams, **parts, "ams_unc_total": 0.3, "training_from": "members"}
    return {"dataset": dataset, "model": model, "oof": oof | merits}


def test_the_spread_over_seeds_is_the_uncertainty_of_one_training():
    """Two values that differ by 0.4 times the root of two: a deviation of 0.4."""
    away = 0.4 * math.sqrt(2)
    records = [record("mlp", 3.0), record("mlp_seed2", 3.0 + away)]
    for changed in seed_spread.with_seeds(records):
        assert changed["oof"]["ams_unc_training"] == pytest.approx(0.4)
        assert changed["oof"]["ams_unc_total"] == pytest.approx(0.5)
        assert changed["oof"]["training_from"] == "seeds"
    assert records[0]["oof"]["training_from"] == "members"


def test_other_models_and_data_sets_are_no_seeds():
    records = [record("mlp", 3.0), record("mlp_deep", 4.0), record("mlp", 5.0, "higgs")]
    assert seed_spread.with_seeds(records) == records


def test_an_asymmetric_interval_holds_the_spread():
    ends = {"ams_unc_low": 0.3, "ams_unc_high": 0.3}
    away = 0.4 * math.sqrt(2)
    records = [record("mlp", 3.0, **ends), record("mlp_seed2", 3.0 + away)]
    changed, _ = seed_spread.with_seeds(records)
    assert changed["oof"]["ams_unc_low"] == pytest.approx(0.5)


def test_an_undefined_figure_keeps_what_it_has():
    records = [record("mlp", 3.0), record("mlp_seed2", None)]
    changed, _ = seed_spread.with_seeds(records)
    assert changed["oof"]["ams_unc_training"] == 0.0


def test_names_of_seeds():
    assert seed_spread.first_seed("mlp_seed12") == "mlp"
    assert seed_spread.first_seed("mlp_seeds") == "mlp_seeds"
