"""Tests of analysis.process_rejection: cuts, sums and uncertainties in closed form."""

import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.analysis import process_rejection
from hepfold.core import columns

DECLARED = process_samples.DECLARED
POINTS = [0.5, 0.9]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    scores = process_samples.scores()
    return process_rejection.rejection_table(
        scores, process_samples.EXPECTED, DECLARED, 0.7, POINTS
    )


def test_each_process_has_a_row_per_cut_and_subset(table):
    keys = ["subset", "process", "working_point"]
    assert len(table) == table.select(keys).n_unique() == 2 * len(DECLARED) * 3
    assert table["class"][0] == "signal"
    assert set(table["working_point"]) == {"0.5", "0.9", process_rejection.CHOSEN}


def test_expected_events_are_plain_sums(table):
    scores = process_samples.scores().filter(subset="test")
    rows = table.filter(subset="test", working_point=process_rejection.CHOSEN)
    for row in rows.iter_rows(named=True):
        of_process = scores.filter(process=row["process"])
        passing = of_process.filter(pl.col("score") >= 0.7)
        assert row["cut"] == 0.7 and row["n_events"] == len(passing)
        assert row["before"] == pytest.approx(of_process["weight"].sum())
        assert row["after"] == pytest.approx(passing["weight"].sum())
        unc = np.sqrt((passing["weight"] ** 2).sum())
        assert row["after_unc"] == pytest.approx(unc)


def test_signal_passes_a_working_point_with_its_efficiency(table):
    """One event at most passes beyond it."""
    for point in POINTS:
        rows = table.filter(working_point=f"{point:g}")
        signal = rows.filter(pl.col("class") == "signal").group_by("subset")
        sums = signal.agg(pl.sum("after", "before"))
        part = (sums["after"] / sums["before"]).to_numpy()
        assert (part >= point - 1e-12).all() and (part < point + 0.02).all()
        assert rows.group_by("subset").agg(pl.n_unique("cut"))["cut"].to_list() == [
            1,
            1,
        ]


def test_equal_weights_have_a_binomial_uncertainty():
    row = {"before": 60.0, "before_unc": np.sqrt(180.0), "after": 15.0}
    row |= {"after_unc": np.sqrt(45.0)}
    known = process_rejection.efficiency(row)
    binomial = np.sqrt(0.25 * 0.75 / 20)
    assert known["efficiency_unc"] == pytest.approx(binomial)
    assert known["rejection"] == pytest.approx(4)
    assert known["rejection_unc"] == pytest.approx(16 * binomial)


@pytest.mark.parametrize(
    ("before", "after", "known"), [(2.0, 0.0, 2), (2.0, -1.0, 2), (-1.0, 0.5, 0)]
)
def test_a_sum_that_is_not_positive_has_no_rejection(before, after, known):
    row = {"before": before, "before_unc": 2.0, "after": after, "after_unc": 1.0}
    values = process_rejection.efficiency(row).values()
    assert sum(value is not None for value in values) == known


def test_the_classes_together_are_the_processes(table):
    rows = table.filter(subset="oof", working_point="0.5")
    total = rows.filter(pl.col("class") == "background")["before"].sum()
    expected = sum(
        process_samples.PROCESSES[p.name][2]
        for p in DECLARED
        if p.label == columns.BACKGROUND
    )
    assert total == pytest.approx(expected)
