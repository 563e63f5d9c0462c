"""Tests of publish.answer: sentences, table and figure of README and report."""

import re

import polars as pl
import records

from hepfold.analysis import model_pairs
from hepfold.publish import answer

NO_PAIRS = pl.DataFrame(schema=model_pairs.SCHEMA)
WEAK = records.record(
    model="supertml", oof=records.FULL["oof"] | {"auc_weighted": 0.85}
)


def sentences(*metrics: dict, pairs: pl.DataFrame = NO_PAIRS) -> str:
    return " ".join(answer.sentences([*metrics], pairs))


def test_the_best_model_is_that_of_the_largest_auc():
    for order in ([WEAK, records.FULL], [records.FULL, WEAK]):
        text = sentences(*order)
        assert text.startswith("mlp, the best of 2 models on higgsml")
        assert "0.9234 ± 0.0021" in text and "AMS of 3.30 ± 0.10" in text


def test_there_are_three_sentences_for_each_data_set():
    other = records.record(dataset="higgs")
    assert len(answer.sentences([records.FULL, WEAK], NO_PAIRS)) == 3
    assert len(answer.sentences([records.FULL, WEAK, other], NO_PAIRS)) == 6


def test_worse_is_said_of_differences_beyond_the_uncertainty():
    worse = records.pairs({})
    text = sentences(records.FULL, WEAK, pairs=worse)
    assert "supertml is worse by more than 2 standard deviations." in text
    equal = records.pairs({"verdict": model_pairs.EQUAL})
    text = sentences(records.FULL, WEAK, pairs=equal)
    assert "No other model differs" in text and "worse" not in text
    third = records.record(model="third", oof=WEAK["oof"])
    text = sentences(records.FULL, WEAK, third, pairs=worse)
    assert "supertml is worse" in text and "third does not differ" in text


def test_a_pair_counts_in_either_direction():
    reverse = {"model": "mlp", "reference": "supertml", "verdict": model_pairs.BETTER}
    text = sentences(records.FULL, WEAK, pairs=records.pairs(reverse))
    assert "supertml is worse" in text


def test_one_model_has_no_comparison():
    text = sentences(records.FULL)
    assert "the only model" in text and "No other model was trained" in text


def test_test_events_or_their_lack_are_told():
    assert "mlp reaches an AMS of 3.65 ± 0.08" in sentences(records.FULL)
    assert "on private events" in sentences(records.FULL)
    assert "biased upward" in sentences(records.record())


def test_the_table_has_no_published_figures_and_no_details():
    table = answer.table([records.FULL, WEAK])
    assert table["model"].to_list() == ["mlp", "supertml"]
    assert not {"note", "source"} & set(table.columns)
    assert not any("N_eff" in name for name in table.columns)


def test_only_figures_of_the_folder_are_shown():
    path = "figures/higgsml/rocs.png"
    assert f"]({path})" in answer.markdown([records.FULL], NO_PAIRS, {path})
    assert "![" not in answer.markdown([records.FULL], NO_PAIRS, set())


def test_the_html_is_one_file_with_its_figure():
    page = answer.fragment([records.FULL], NO_PAIRS, "a < b", {"higgsml": b"png"})
    assert "a &lt; b" in page and "data:image/png;base64,cG5n" in page
    assert "mlp, the only model" in page and page.count("<table>") == 1
    opened = re.findall(r"<(div|p|table)\b", page)
    assert sorted(opened) == sorted(re.findall(r"</(div|p|table)>", page))
