"""Tests of analysis.mass_hypotheses: the AUC at a mass in closed form."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import mass_hypotheses

MASSES = (499.99997, 750.0, 1000.0)


def scores(n: int = 900) -> pl.DataFrame:
    """A score that is right at one mass, wrong at another and blind at a third."""
    rng = np.random.default_rng(3)
    label, mass = rng.integers(0, 2, n), np.tile(MASSES, n // 3)
    random = rng.uniform(size=n)
    score = np.select([mass < 500, mass == 750], [label, 1 - label], random)
    found = {"score": score, "label": label, "mass": mass.astype("f4")}
    return pl.DataFrame(found).with_columns(subset=pl.lit("train"))


def with_aucs(events: pl.DataFrame, record: dict | None = None) -> dict:
    record = record or {"oof": {"auc": 0.5}, "cut": 0.1}
    return mass_hypotheses.with_aucs(record, events, 100, seed=1, threads=1)


def test_auc_at_a_mass_is_of_its_events_alone():
    unused = scores().with_columns(subset=pl.lit("unused"))
    found = with_aucs(pl.concat([scores(), unused]))
    assert found["cut"] == 0.1 and found["oof"]["auc"] == 0.5
    of_masses = {name: v for name, v in found["oof"].items() if name != "auc"}
    assert list(of_masses)[::2] == ["auc_500", "auc_750", "auc_1000"]
    assert (of_masses["auc_500"], of_masses["auc_750"]) == (1.0, 0.0)
    assert of_masses["auc_500_unc"] == 0
    assert of_masses["auc_1000"] == pytest.approx(0.5, abs=0.1)
    # Of n events, half of them signal, sqrt(1 / 3 n): that of Mann and Whitney.
    assert of_masses["auc_1000_unc"] == pytest.approx(900**-0.5, rel=0.3)


def test_each_subset_has_its_own():
    test = scores().with_columns(score=1 - pl.col("score"), subset=pl.lit("test"))
    found = with_aucs(pl.concat([scores(), test]), {"oof": {}, "test": {}})
    assert (found["oof"]["auc_500"], found["test"]["auc_500"]) == (1.0, 0.0)
    sums = [found["oof"][f"auc_{m}"] + found["test"][f"auc_{m}"] for m in (750, 1000)]
    assert sums == pytest.approx([1, 1])


def test_a_mass_with_few_events_of_a_class_has_none():
    is_background = (pl.col("label") == 0) & (pl.col("mass") == 750)
    events = scores().filter(~(is_background & (pl.int_range(pl.len()) > 60)))
    assert [n for n in with_aucs(events)["oof"] if n.startswith("auc_7")] == []
