"""Tests of the full workflow on a small toy sample."""

import json
import re

import numpy as np
import polars as pl
import pytest
import yaml
from scipy import special

from hepfold.core import columns
from hepfold.data import event_arrays, fold_file
from hepfold.models import zoo

pytestmark = pytest.mark.workflow
FORMATS = ("pdf", "png")
PRODUCTS = [
    "README.md",
    "Snakefile",
    "config.yaml",
    "hepdata.zip",
    "hepdata/roc_higgsml_mlp_private.yaml",
    "metrics.csv",
    "provenance.json",
    "ro-crate-metadata.json",
    "rulegraph.dot",
    *(f"tables/comparison.{kind}" for kind in ("csv", "html", "md", "tex")),
    *(f"tables/costs.{kind}" for kind in ("csv", "html", "md")),
    *(f"tables/study.{kind}" for kind in ("csv", "html", "md", "tex")),
    *(f"tables/study_costs.{kind}" for kind in ("csv", "md")),
    *(f"figures/{n}.{k}" for n in ("study", "study_costs") for k in FORMATS),
    *(f"metrics/higgsml/{model}.json" for model in ("mlp", "single", "blend")),
    *(f"tables/blends.{kind}" for kind in ("csv", "html", "md")),
    *(f"tables/steps.{kind}" for kind in ("csv", "md")),
    *(
        f"figures/higgsml/mlp/{name}.{kind}"
        for name in (
            "roc",
            "ams",
            "scores",
            "reliability",
            "sculpting",
            "history",
            "importance",
            "partial_dependence",
        )
        for kind in ("pdf", "png", "csv")
    ),
    *(f"figures/higgsml/{n}_rates.{k}" for n in ("rocs", "mlp/roc") for k in FORMATS),
    *(
        f"figures/higgsml/{name}.{kind}"
        for name in ("features", "correlations", "dependence", "rocs")
        for kind in ("pdf", "png", "csv")
    ),
    *(f"figures/higgsml/mlp/workspace.{kind}" for kind in ("pdf", "png", "csv")),
    *(f"inference/higgsml/mlp/{name}.json" for name in ("workspace", "inference")),
    *(
        f"insight/higgsml/mlp/{name}.csv"
        for name in ("importance", "partial_dependence")
    ),
    "datacards/higgsml.md",
    "models/higgsml/mlp/ensemble.onnx",
]


def test_all_products_are_made(finished):
    folder = finished.folder / "results/publish"
    for name in PRODUCTS:
        assert (folder / name).stat().st_size > 0, name
    assert not list(finished.folder.glob("results/**/.*.part"))


def test_the_run_ends_with_a_summary(finished):
    *_, summary = finished.printed.partition("Results, out of fold:")
    assert "results/publish/README.md" in summary
    for model in ("mlp", "single", "blend"):
        assert f"  {model} " in summary


def test_metrics_are_complete(finished):
    path = finished.folder / "results/metrics/higgsml/mlp.json"
    record = json.loads(path.read_text())
    assert record["toy"] is True
    for name in ("auc", "auc_weighted"):
        assert 0.6 < record["oof"][name] < 1
    assert record["oof"]["max_ams"] > 0
    assert record["oof"]["max_ams"] >= record["oof"]["ams"]
    assert 0 < record["oof"]["auc_unc"] < 0.1
    assert 0 < record["cut"] < 1
    for subset in ("public", "private"):
        assert record[subset]["ams"] > 0
    assert record["settings"]["wildcards"] == {"dataset": "higgsml", "model": "mlp"}


def test_every_event_is_scored_once_by_folds_that_did_not_see_it(finished):
    folder = finished.folder / "results/folds/higgsml"
    train = fold_file.read(str(folder / "train.h5"), [0, 1])
    events = event_arrays.concatenated([train, fold_file.read(str(folder / "test.h5"))])
    events = events.take(np.argsort(events.event_id))
    scores = pl.read_parquet(
        finished.folder / "results/scores/higgsml/mlp/merged.parquet"
    )
    order = np.argsort(scores["event_id"])
    np.testing.assert_array_equal(scores["event_id"][order], events.event_id)
    np.testing.assert_array_equal(scores["label"][order], events.label)
    subset = np.array(columns.SUBSETS)[events.subset]
    assert scores["subset"][order].to_list() == subset.tolist()
    for fold in range(2):
        path = finished.folder / f"results/scores/higgsml/mlp/fold_{fold}.parquet"
        of_fold = pl.read_parquet(path).filter(pl.col("subset") == "train")
        merged = scores.filter(pl.col("fold") == fold)
        assert of_fold["event_id"].to_list() == merged["event_id"].to_list()


def test_a_blend_has_the_scores_of_its_parts_and_of_its_models(finished):
    """With weights of each fold, which its model file holds with those of the parts."""
    folder = finished.folder / "results"
    train = str(folder / "folds/higgsml/train.h5")
    layout = fold_file.read_layout(train)
    for fold in range(2):
        of_model = {
            name: pl.read_parquet(folder / f"scores/higgsml/{name}/fold_{fold}.parquet")
            for name in ("mlp", "single", "blend")
        }
        place = f"models/higgsml/blend/fold_{fold}"
        fit = json.loads((folder / f"{place}_weights.json").read_text())
        logit = sum(
            weight * special.logit(of_model[name]["score"].to_numpy())
            for name, weight in fit["weights"].items()
        )
        score = of_model["blend"]["score"]
        np.testing.assert_allclose(score, special.expit(logit), rtol=1e-9)
        model = zoo.load(str(folder / f"{place}.safetensors"), "cpu")
        positions = layout.positions(model.preparation.schema.features)
        inputs = fold_file.read(train, [fold]).inputs[:, positions]
        is_train = (of_model["blend"]["subset"] == "train").to_numpy()
        of_train = score.to_numpy()[is_train]
        np.testing.assert_allclose(model.score(inputs), of_train, atol=1e-6)


def test_applied_scores_are_those_of_the_same_events(finished):
    """By the fold that held an event out, else the mean over folds; without labels.

    Fold 2 was not trained: no model held its events out, so they have no score.
    """
    folder = finished.folder / "results/scores/higgsml/mlp"
    applied = pl.read_parquet(folder / "apply_again.parquet")
    assert applied["EventId"].to_list() == list(range(100000, 105000))
    merged = pl.read_parquet(folder / "merged.parquet")
    both = merged.join(applied, left_on="event_id", right_on="EventId")
    n_test = (merged["subset"] != "train").sum()
    assert 0 < n_test < len(both) == len(merged) < len(applied)
    np.testing.assert_allclose(both["score_right"], both["score"], atol=1e-6)
    others = applied.filter(~pl.col("EventId").is_in(merged["event_id"].implode()))
    untrained = str(finished.folder / "results/folds/higgsml/train.h5")
    assert set(others["EventId"]) >= set(fold_file.read(untrained, [2]).event_id)
    assert others["score"].is_nan().all()


def test_provenance_is_complete(finished):
    folder = finished.folder / "results/publish"
    provenance = json.loads((folder / "provenance.json").read_text())
    assert set(provenance) == {"commit", "date", "packages", "data", "config", "python"}
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert config == provenance["config"]
    assert provenance["packages"]["torch"].startswith("2.")
    assert len(provenance["data"]["higgsml"]["source_sha256"][0]) == 64
    assert provenance["config"]["folds"] == {"n_folds": 3, "n_trained": 2}
    assert "toy events" in (folder / "README.md").read_text()


def test_a_study_is_published(finished):
    text = (finished.folder / "results/publish/README.md").read_text()
    for phrase in ("## One and two", "Are two networks", "Both are", "Take three."):
        assert phrase in text
    (row,) = [line for line in text.splitlines() if re.match(r"\| one +\|", line)]
    assert "hepfold used toy events" in row and "here (quoted, unverified)" in row


def test_a_compared_model_has_no_figures(finished):
    names = {p.name for p in finished.folder.glob("results/publish/*/higgsml/single*")}
    assert names == {"single.json"}
    rocs = pl.read_csv(finished.folder / "results/publish/figures/higgsml/rocs.csv")
    assert set(rocs["model"]) == {"mlp", "single", "blend"}


def test_no_result_reveals_the_machine(finished):
    """Results can be shared: they contain no path of the machine."""
    here = str(finished.folder).encode()
    for path in (finished.folder / "results").rglob("*"):
        if path.is_file() and "logs" not in path.parts:
            assert here not in path.read_bytes(), path


def test_a_missing_source_is_reported_even_if_its_results_exist(finished):
    text = (finished.folder / "tests.yaml").read_text()
    absent = text.replace("files: toy", "files: absent.csv")
    (finished.folder / "changed.yaml").write_text(absent)
    run = finished.run("--dry-run", overlay="changed.yaml")
    assert run.returncode != 0
    assert "datasets.higgsml.files: no file 'absent.csv'" in run.stdout + run.stderr
