"""Events with negative weights from the raw file to the workspace of the fit."""

import gzip
import json

import numpy as np
import polars as pl
import pytest
import yaml
from tests.conftest import Clone

import make_toys
from hepfold.data import folds

pytestmark = pytest.mark.analyses
MODELS = ("mlp", "xgboost", "blend")
OVERLAY = """
run: {datasets: [higgsml], models: [mlp, xgboost]}
datasets:
  higgsml: {files: events.csv.gz}
folds: {n_folds: 2}
training: {device: cpu}
evaluation: {n_replicas: 20}
inference: {n_bins: 4, max_uncertainty: 0.5}
insight: {n_events: 500, n_repeats: 1, n_features: 3}
models:
  mlp:
    n_members: 1
    n_epochs: 2
    learning_rate: 0.02
    network: {depth: 1, width: 8}
    symmetry: {n_views: 1}
  xgboost: {n_members: 1, n_rounds: 30, patience: 5}
  blend: {kind: blend, of: [mlp, xgboost]}
"""
FIGURES = ("features", "dependence")
OF_MODEL = ("ams", "sculpting", "importance")
TARGETS = [
    "results/datacards/higgsml.json",
    *(f"results/figures/higgsml/{name}.pdf" for name in FIGURES),
    *(f"results/inference/higgsml/{m}/inference.json" for m in MODELS),
    *(f"results/figures/higgsml/mlp/{name}.csv" for name in OF_MODEL),
    # Made from the file of the blend of each fold.
    "results/figures/higgsml/blend/importance.csv",
    "results/models/higgsml/blend/ensemble.onnx",
]


def write_events(folder, fractions: list[float]) -> None:
    """Toy events; a fraction of the background of each fold has negative weights."""
    path = folder / "events.csv.gz"
    make_toys.make_toys("higgsml", 5000, 1, True, str(path))
    raw = pl.read_csv(path)
    seed = yaml.safe_load((folder / "config.yaml").read_text())["seed"]
    fold = folds.assign(raw["EventId"].to_numpy(), seed, len(fractions))
    is_negative = np.random.default_rng(2).random(5000) < np.array(fractions)[fold]
    is_negative &= (raw["Label"] == "b").to_numpy()
    sign = np.where(is_negative, -1, 1)
    signed = raw.with_columns(pl.col("Weight", "KaggleWeight") * pl.Series(sign))
    path.write_bytes(gzip.compress(signed.write_csv().encode()))


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory) -> Clone:
    """A network, trees and their blend, with 20 % negative weights."""
    clone = Clone(tmp_path_factory.mktemp("negative"))
    (clone.folder / "tests.yaml").write_text(OVERLAY)
    write_events(clone.folder, [0.2, 0.2])
    run = clone.run("--", *TARGETS)
    assert run.returncode == 0, run.stdout + run.stderr
    return clone


@pytest.mark.parametrize("model", MODELS)
def test_figures_of_merit_are_signed_and_finite(evaluated, model):
    folder = evaluated.folder / "results"
    record = json.loads((folder / f"metrics/higgsml/{model}.json").read_text())
    scores = pl.read_parquet(folder / f"scores/higgsml/{model}/merged.parquet")
    assert (scores["weight"] < 0).mean() > 0.1
    for name in ("auc_weighted", "ams", "log_loss_weighted", "significance"):
        assert np.isfinite(record["oof"][name]), name
        assert record["oof"][f"{name}_unc"] > 0, name
    step = "blend_fold" if model == "blend" else "train_fold"
    log = folder / f"logs/{step}/higgsml/{model}/fold_0.log"
    assert "have negative weights" in log.read_text()
    assert "negative_weights: absolute" in log.read_text()


@pytest.mark.parametrize("model", MODELS)
def test_no_bin_of_the_workspace_is_negative(evaluated, model):
    path = evaluated.folder / f"results/inference/higgsml/{model}/inference.json"
    record = json.loads(path.read_text())
    assert len(record["bins"]) >= 2
    for row in record["bins"]:
        assert row["signal"] >= 0 and row["background"] > 0
    for results in record["expected"].values():
        assert np.isfinite(results["discovery_significance"])


def test_the_data_card_counts_negative_weights(evaluated):
    folder = evaluated.folder
    card = json.loads((folder / "results/datacards/higgsml.json").read_text())
    raw = pl.read_csv(folder / "events.csv.gz")
    sums = pl.DataFrame(card["events"]).select("n_negative", "weight").sum()
    assert sums["n_negative"].item() == (raw["Weight"] < 0).sum()
    assert sums["weight"].item() == pytest.approx(raw["Weight"].sum(), rel=1e-6)
    text = (folder / "results/datacards/higgsml.md").read_text()
    assert "have negative weights" in text


def test_a_fold_without_a_positive_sum_is_rejected_before_training(tmp_path):
    clone = Clone(tmp_path)
    (clone.folder / "tests.yaml").write_text(OVERLAY)
    write_events(clone.folder, [0.7, 0.1])
    run = clone.run("--", "results/metrics/higgsml/mlp.json")
    assert run.returncode != 0
    text = run.stdout + run.stderr
    assert "Bad input: fold 0 of 2: the background weights of" in text
    assert "Traceback" not in text
    assert not (clone.folder / "results/logs/train_fold").exists()
