"""Tests of publish.uncertainty_tables: each part of each figure in one table."""

import records

from hepfold.publish import uncertainty_tables

PARTS = {
    "ams_unc": 0.1,
    "ams_unc_training": 0.2,
    "ams_unc_cut": 0.2,
    "ams_unc_total": 0.3,
    "ams_n_eff": 123.4,
}


def table(**changes):
    oof = records.record()["oof"] | PARTS | changes
    return uncertainty_tables.table([records.record(oof=oof, private=records.PRIVATE)])


def test_each_subset_and_figure_has_a_row():
    rows = table()
    assert rows["subset"].unique().sort().to_list() == ["oof", "private"]
    assert len(rows) == 2 * len(uncertainty_tables.MERITS)


def test_a_row_has_all_parts_the_cut_and_the_mean_over_folds():
    (row,) = table().filter(subset="oof", merit="ams").rows(named=True)
    assert [row[f"unc_{n}"] for n in ("events", "training", "cut", "total")] == [
        PARTS[name] for name in list(PARTS)[:4]
    ]
    assert row["cut"] == 0.9 and row["n_eff"] == 123.4
    assert (row["fold_mean"], row["fold_mean_unc"]) == (3.3, 0.1)
    assert row["training_from"] == "members"


def test_the_rounded_value_has_the_total():
    def value(rows) -> str:
        short = uncertainty_tables.rounded(rows.filter(subset="oof", merit="ams"))
        return short["value"][0]

    assert value(table()) == "3.30 ± 0.30"
    ends = {"ams_unc_low": 0.25, "ams_unc_high": 0.5}
    assert value(table(**ends)) == "3.30 +0.50 -0.25"


def test_missing_numbers_are_dashes():
    short = uncertainty_tables.rounded(table().filter(subset="private", merit="auc"))
    assert short["training part"][0] == short["N_eff"][0] == "-"


def test_it_is_written_in_each_format():
    texts = uncertainty_tables.texts([records.FULL])
    assert set(texts) == {f"uncertainties.{end}" for end in ("csv", "md", "html")}
