"""Tests of publish.comparison: models and published figures in one table."""

import polars as pl
import records

from hepfold.analysis import literature
from hepfold.publish import comparison

KINDS = ("csv", "html", "md")
# A value that is not finite is null in a record.
NO_AMS = {"ams": None, "n_events": 250_000, "auc": 0.9}


def test_the_full_table_has_every_figure_of_merit():
    table = comparison.all_merits([records.record(), records.FULL])
    assert table["private_ams"].to_list() == [None, 3.7012]
    assert table["private_ams_unc"].to_list() == [None, 0.0361]
    assert table["oof_auc_weighted"].to_list() == [0.9234, 0.9234]


def test_table_names_the_evaluated_subsets():
    uci = records.record(test={"auc": 0.8, "ams": 2.0})
    table = comparison.all_merits([records.record(), records.FULL, uci])
    assert table["evaluated_on"].to_list() == [
        "out-of-fold only",
        "out-of-fold, public, private",
        "out-of-fold, test",
    ]


def test_published_figures_follow_with_a_note_and_a_source():
    table = comparison.comparison([records.FULL])
    assert table["who"][0] == "mlp" and table["source"][0] == comparison.OURS
    others = table.slice(1)
    assert len(others) == len({f.who for f in literature.FIGURES if is_higgsml(f)})
    assert others["private_ams"].null_count() == 0
    assert set(others["note"]) == {"same events as mlp"}
    assert others["oof_auc"].null_count() == len(others)


def test_a_part_of_the_events_does_not_compare():
    part = records.record(oof={"n_events": 17_167})
    others = comparison.comparison([part]).slice(1)
    reason = "not comparable: hepfold used 17,167 of 250,000 out-of-fold events"
    assert len(others) and set(others["note"]) == {reason}


def test_toy_events_are_not_compared_with_published_figures():
    toy = records.FULL | {"toy": True}
    table = comparison.comparison([toy])
    assert table["who"].to_list() == ["mlp"]
    assert not table["note"].str.contains(comparison.SAME_EVENTS).any()


def test_notes_name_the_models_that_compare():
    low = records.FULL | {
        "model": "low",
        "trained_with": {"model": {"features": "low_level"}},
    }
    others = comparison.comparison([records.FULL, low]).slice(2)
    assert set(others["note"]) == {"same events as mlp"}


def test_unverified_figures_are_marked():
    higgs = records.record(dataset="higgs", test={"n_events": 12_000, "auc": 0.83})
    table = comparison.comparison([higgs])
    deep = table.filter(pl.col("who").str.starts_with("deep network"))
    assert deep["test_auc"].to_list() == [0.885, 0.880, 0.800]
    assert deep["note"].str.starts_with(comparison.UNVERIFIED).all()


def test_the_kind_of_a_published_uncertainty_follows_its_source():
    table = comparison.comparison([records.FULL])
    lumin = table.filter(pl.col("who").str.starts_with("LUMIN")).row(0, named=True)
    assert lumin["source"].endswith("; ± is the standard error of six trainings")
    melis = table.filter(pl.col("who").str.starts_with("Melis")).row(0, named=True)
    assert "±" not in melis["source"]


def test_rounded_table_is_text_without_empty_columns():
    table = comparison.rounded(comparison.comparison([records.record()]))
    assert table["OOF weighted AUC"][0] == "0.9234 ± 0.0021"
    assert table["OOF AMS"][0] == "3.30 ± 0.10"
    assert "test AUC" not in table.columns
    full = comparison.rounded(comparison.comparison([records.FULL]))
    assert full["private AMS"][:3].to_list() == [
        "3.70 ± 0.04",
        "3.8058",
        "3.803 ± 0.005",
    ]


def test_costs_are_summed_over_folds_for_our_models():
    table = comparison.with_costs(comparison.comparison([records.FULL]), records.COSTS)
    (row,) = table.rows(named=True)
    assert row["training and scoring, s"] == 20.0 and row["peak memory, MB"] == 501.0
    assert row["folds"] == 2 and row["resumed"] == "yes"


def test_times_are_only_in_cost_files():
    """All other files are identical after every run."""
    slower = [cost | {"seconds": 99.0} for cost in records.COSTS]
    one, two = (comparison.texts([records.FULL], c) for c in (records.COSTS, slower))
    assert {n for n in one if one[n] != two[n]} == {f"costs.{k}" for k in KINDS}


def test_costs_can_be_read_for_each_fold():
    text = comparison.texts([records.FULL], records.COSTS)["costs.csv"]
    table = pl.read_csv(text.encode())
    assert table.columns[:3] == ["dataset", "model", "fold"]
    assert len(table) == len(records.COSTS)


def test_the_summary_has_one_line_per_model():
    other = records.FULL | {"model": "xgboost", "oof": {"auc_weighted": 0.9} | NO_AMS}
    lines = comparison.summary([records.FULL, other]).splitlines()
    assert len(lines) == 2
    assert "private events: AMS 3.70 ± 0.04" in lines[0]
    assert "weighted AUC 0.9000, AMS - at" in lines[1]


def is_higgsml(figure: literature.Figure) -> bool:
    return figure.dataset == "higgsml"


def test_many_source_files_are_counted():
    few = records.record(source=["a.root", "b.root"])
    many = records.record(source=[f"{i}.root" for i in range(200)])
    assert comparison.origin(few) == "a.root, b.root"
    assert comparison.origin(many) == "0.root, 1.root and 198 more"
