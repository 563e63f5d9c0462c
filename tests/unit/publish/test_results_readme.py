"""Tests of publish.results_readme: the README is complete and correct."""

import records

from hepfold.publish import results_readme

FIGURES = {"figures/*/*/roc.*": "A curve."}


def text(repo, metrics: list[dict], **changes) -> str:
    edges = [("train_fold", "evaluate")]
    origin = records.ORIGIN | changes
    return results_readme.text(metrics, origin, records.citation(repo), FIGURES, edges)


def test_toy_events_are_called_toy(repo):
    of_toys = text(repo, [records.record(toy=True)])
    assert "toy events" in of_toys
    assert any("toy" in row for row in records.markdown_rows(of_toys))
    assert "doi.org" not in of_toys
    assert "toy" not in text(repo, [records.record()])


def test_question_data_results_and_citations_are_given(repo):
    readme = text(repo, [records.FULL])
    assert "two tau leptons" in readme
    rows = records.markdown_rows(readme)
    assert ["250,000", "100,000", "450,000", "CC0-1.0"] in [row[2:6] for row in rows]
    assert "private events: AMS 3.70 ± 0.04" in readme
    assert ["`figures/*/*/roc.*`", "A curve."] in rows
    assert "https://doi.org/10.7483/OPENDATA.ATLAS.ZBP2.M5T8" in readme
    assert f"commit {'0' * 40}" in readme
    assert "r_train_fold[train_fold] --> r_evaluate[evaluate]" in readme


def test_a_dirty_commit_is_explained(repo):
    assert "differed" not in text(repo, [records.FULL])
    assert "differed" in text(repo, [records.FULL], commit="0123+")


def test_the_readme_has_no_times(repo):
    """Times differ from run to run; the README must not."""
    assert "tables/costs" in text(repo, [records.FULL])
    assert "CPU s" not in text(repo, [records.FULL])


def test_models_of_one_data_set_share_a_question(repo):
    other = records.FULL | {"model": "xgboost"}
    readme = text(repo, [records.FULL, other])
    assert "`mlp`, `xgboost`" in readme
    rows = [row[:3] for row in records.markdown_rows(readme)]
    assert rows.count(["higgsml", "events.csv.gz", "250,000"]) == 1
