"""Tests of tracked values: one row per finite value, in the order of the epochs."""

import math

import polars as pl
import pytest
import records

from hepfold.publish import tracked_values

# Two members and two epochs; validation AUCs are missing, and one loss diverged.
HISTORY = pl.DataFrame(
    {
        "dataset": "higgsml",
        "model": "mlp",
        "fold": 3,
        "epoch": [1, 1, 2, 2],
        "member": [0, 1, 0, 1],
        "learning_rate": 0.5,
        "loss": [0.7, 0.8, 0.6, math.inf],
        "validation_loss": [0.9, math.nan, 0.8, 0.7],
        "validation_auc": [None] * 4,
    },
    schema_overrides={"validation_auc": pl.Float64},
)


@pytest.fixture
def table() -> pl.DataFrame:
    """Values of one fold and of figures of merit."""
    return tracked_values.table([HISTORY], records.FULL)


def curve(table: pl.DataFrame, run: str, name: str) -> dict[int, float]:
    """Values by step of one run and name."""
    rows = table.filter(pl.col("run") == run, pl.col("name") == name)
    return dict(rows.select("step", "value").iter_rows())


def test_each_member_has_a_curve_of_its_finite_values(table):
    assert curve(table, "fold_3/member_0", "loss") == {1: 0.7, 2: 0.6}
    assert curve(table, "fold_3/member_1", "loss") == {1: 0.8}
    assert curve(table, "fold_3/member_1", "validation_loss") == {2: 0.7}
    assert curve(table, "fold_3/member_1", "learning_rate") == {1: 0.5, 2: 0.5}
    assert "validation_auc" not in table["name"]


def test_figures_of_merit_are_values_of_their_subset_at_step_0(table):
    """Text, such as the source of an uncertainty, is no value."""
    for subset in ("oof", "public", "private"):
        rows = table.filter(pl.col("run") == subset, pl.col("group") != "cuts")
        expected = records.FULL[subset].items()
        expected = {n: v for n, v in expected if not isinstance(v, str)}
        assert dict(rows.select("name", "value").iter_rows()) == expected
        assert set(rows["step"]) == {0}
        unc = rows.filter(pl.col("group") == "uncertainties")["name"].to_list()
        assert unc == [name for name in expected if "_unc" in name]


def test_cuts_are_of_out_of_fold_scores(table):
    rows = table.filter(pl.col("group") == "cuts")
    assert dict(rows.select("name", "value").iter_rows()) == records.FULL["cuts"]
    assert set(rows["run"]) == {"oof"}


def test_a_model_without_epochs_has_figures_of_merit_only():
    table = tracked_values.table([], records.FULL)
    assert set(table["run"]) == {"oof", "public", "private"}
    assert table.schema == pl.Schema(tracked_values.SCHEMA)
