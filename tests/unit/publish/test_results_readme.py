"""Tests of publish.results_readme: the README is complete and correct."""

import polars as pl
import records

from hepfold.analysis import model_pairs
from hepfold.core import parsing
from hepfold.publish import results_readme, studies

FIGURES = {"figures/*/*/roc.*": "A curve."}


PATHS = ["datacards/higgsml.md", "models/higgsml/mlp.onnx"]


def text(repo, metrics: list[dict], learning_curves=(), **changes) -> str:
    edges = [("train_fold", "evaluate")]
    origin = records.ORIGIN | changes
    citation, pairs = records.citation(repo), pl.DataFrame(schema=model_pairs.SCHEMA)
    return results_readme.text(
        metrics,
        origin,
        citation,
        FIGURES,
        edges,
        PATHS,
        pairs,
        learning_curves=learning_curves,
    )


def test_only_folders_that_exist_are_described(repo):
    files = [row[0] for row in records.markdown_rows(text(repo, [records.FULL]))]
    assert "`datacards/`" in files and "`models/`" in files and "`metrics.csv`" in files
    absent = {"`search/`", "`inference/`", "`insight/`", "`tables/blends.*`"}
    assert not absent & set(files)


def test_the_answer_comes_first(repo):
    readme = text(repo, [records.FULL])
    answer = readme.index("mlp, the only model on higgsml")
    assert answer < readme.index("](methods.md)") < readme.index("## Question")
    assert answer < readme.index("](model_card.md)") < readme.index("## Files")


def test_learning_curves_have_a_section_if_there_are_any(repo):
    fit = {"dataset": "higgsml", "model": "mlp", "is_weighted": True}
    heading = "\n## Learning curves\n"
    assert heading not in text(repo, [records.FULL])
    curves = [fit | {"reason": "3 points"}]
    assert heading in text(repo, [records.FULL], learning_curves=curves)


def test_test_events_are_described_where_the_data_set_has_them(repo):
    with_test = text(repo, [records.FULL])
    assert "does not depend on public and private events" in with_test
    assert "score of a test\nevent" in with_test
    without = text(repo, [records.record()])
    assert "does not depend" not in without and "score of a test" not in without


def test_published_figures_are_explained_where_there_are_any(repo):
    assert "same events as" in text(repo, [records.FULL])
    toy = text(repo, [records.record(toy=True)])
    assert "A published figure" not in toy


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


def test_a_study_lists_its_deviations_and_what_uncertainties_are(repo):
    declared = parsing.as_dict(records.study())
    config = records.ORIGIN["config"] | {"study": declared}
    readme = text(repo, [records.FULL], config=config)
    assert studies.UNCERTAINTIES in readme
    assert "Deviations" not in readme
    config["study"]["deviations"] = ["One seed."]
    readme = text(repo, [records.FULL], config=config)
    assert "Deviations from the published work:\n\n- One seed.\n" in readme


def test_the_readme_says_what_uncertainties_hold(repo):
    readme = text(repo, [records.FULL])
    assert "are total ones, as explained below; of a published figure" in readme


def with_own(**changes) -> dict:
    """Provenance of results of a declared data set that nobody published."""
    declared = records.ORIGIN["config"]["datasets"]["higgsml"]
    own = declared | {"title": "ttH", "task": None} | changes
    config = records.ORIGIN["config"] | {"datasets": {"tth": own}}
    return {"config": config, "data": {"tth": {"toy": False}}}


def test_a_data_set_needs_no_citation_and_no_license(repo):
    record = records.record(dataset="tth", source=["signal.root"])
    readme = text(repo, [record], **with_own())
    assert "ttH: how well do the models separate signal from background?" in readme
    rows = [row[:3] for row in records.markdown_rows(readme)]
    assert ["tth", "signal.root", "250,000"] in rows
    assert "doi.org/10.7483" not in readme and "None" not in readme


def test_a_declared_citation_and_license_are_given(repo):
    record = records.record(dataset="tth", source=["signal.root"])
    changes = {"citation": "A. Author, ttH ntuples (2026)", "license": "CC-BY-4.0"}
    readme = text(repo, [record], **with_own(task="ttH from ttbar", **changes))
    assert "A. Author, ttH ntuples (2026)" in readme
    assert "separate ttH from ttbar?" in readme
    assert any("CC-BY-4.0" in row for row in records.markdown_rows(readme))


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


def test_events_that_nobody_published_are_not_called_official(repo):
    citation = records.citation(repo)
    own = records.record(dataset="tth")
    assert "official" not in results_readme.statement([own], citation)
    both = results_readme.statement([own, records.record()], citation)
    assert "tth are those of the files below" in both
    assert "higgsml are official events" in both
    toys = results_readme.statement([records.record(dataset="tth", toy=True)], citation)
    assert "tth are toy events" in toys and "official" not in toys
