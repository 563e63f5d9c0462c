"""Tests of publish.pair_tables: rounded differences with their verdicts."""

import polars as pl
import records

from hepfold.core import files
from hepfold.publish import pair_tables


def test_a_difference_has_its_uncertainty_and_verdict():
    (row,) = pair_tables.rounded(records.pairs()).rows(named=True)
    assert row["difference"] == "-0.051 ± 0.005"
    assert row["against"] == "mlp (first and best)" and row["verdict"] == "worse"
    assert row["p of trials"] == "< 1e-06 (1)" and row["p of DeLong"] == "-"


def test_the_significance_next_to_the_ams_is_in_the_file_only():
    names = ({"merit": name} for name in ("ams", "significance", "significance_syst"))
    shown = pair_tables.rounded(records.pairs(*names))["figure of merit"].to_list()
    assert shown == ["AMS", "significance with background uncertainty"]


def test_the_text_says_what_the_columns_mean():
    text = pair_tables.text(records.pairs())
    assert len(records.markdown_rows(text)) == 3
    assert "beyond 2 standard deviations" in text
    assert "beyond 2 standard deviations" in pair_tables.page(records.pairs())


def test_one_model_alone_is_said_to_be_alone():
    none = records.pairs().clear()
    assert pair_tables.text(none) == pair_tables.ALONE
    assert "nothing to compare" in pair_tables.page(none)


def test_an_empty_table_and_empty_columns_are_read_again(tmp_path):
    path = str(tmp_path / "pairs.csv")
    for table in (records.pairs().clear(), records.pairs()):
        files.write_csv(path, table)
        again = pair_tables.read(path)
        assert len(again) == len(table)
        assert again["delong_p_value"].dtype == pl.Float64
        pair_tables.text(again)
