"""Tests of publish.results_readme: the README says what is so."""

import records

from hepfold.publish import results_readme

FIGURES = {"figures/*/*/roc.*": "A curve."}


def text(repo, found: list[dict], **origin) -> str:
    edges = [("train_fold", "evaluate")]
    told = records.ORIGIN | origin
    return results_readme.text(found, told, records.citation(repo), FIGURES, edges)


def test_toy_events_are_called_toy(repo):
    of_toys = text(repo, [records.record(toy=True)])
    assert "toys" in of_toys
    assert any("toy" in row for row in records.markdown_rows(of_toys))
    assert "doi.org" not in of_toys
    assert "toys" not in text(repo, [records.record()])


def test_question_data_results_and_citations_are_told(repo):
    told = text(repo, [records.FULL])
    assert "two tau leptons" in told
    rows = records.markdown_rows(told)
    assert ["250,000", "100,000", "450,000", "CC0-1.0"] in [row[2:6] for row in rows]
    assert "private events at that cut, AMS 3.70 ± 0.04" in told
    assert ["`figures/*/*/roc.*`", "A curve."] in rows
    assert "https://doi.org/10.7483/OPENDATA.ATLAS.ZBP2.M5T8" in told
    assert f"commit {'0' * 40}" in told
    assert "r_train_fold[train_fold] --> r_evaluate[evaluate]" in told


def test_files_that_differ_from_the_commit_are_said_to(repo):
    assert "differed" not in text(repo, [records.FULL])
    assert "differed" in text(repo, [records.FULL], commit="0123+")


def test_no_times_are_told(repo):
    """They differ from run to run; the README does not."""
    assert "tables/costs" in text(repo, [records.FULL])
    assert "CPU s" not in text(repo, [records.FULL])


def test_of_two_models_of_one_data_set_both_are_asked_about(repo):
    other = records.FULL | {"model": "xgboost"}
    told = text(repo, [records.FULL, other])
    assert "`mlp`, `xgboost`" in told
    rows = [row[:3] for row in records.markdown_rows(told)]
    assert rows.count(["higgsml", "events.csv.gz", "250,000"]) == 1
