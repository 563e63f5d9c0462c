"""Tests of a search as a user starts it, and of a learning-rate range test."""

import json

import numpy as np
import polars as pl
import pytest
import yaml
from safetensors import safe_open
from tests.conftest import UNAPPLIED_RUN, Clone

from hepfold.training import hyperband

pytestmark = pytest.mark.analyses
# Two brackets: trials of 1 and 2 epochs, and of 2 epochs alone.
SEARCH = """
  found: {like: mlp, tuned: mlp}
run: {models: [found]}
search:
  mlp:
    max_epochs: 2
    factor: 2
    merit: auc
    validation_fraction: 0.3
    space: {network.width: [4, 8], learning_rate: [0.02, 0.002]}
"""
OVERLAY = UNAPPLIED_RUN + SEARCH
BEST = "results/search/higgsml/mlp/fold_0/best.yaml"
MODEL = "results/models/higgsml/found/fold_0.safetensors"


@pytest.fixture(scope="module")
def searched(tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("searched"))
    (clone.folder / "tests.yaml").write_text(OVERLAY)
    run = clone.run("--", MODEL)
    assert run.returncode == 0, run.stderr
    return clone


def trials(clone: Clone) -> pl.DataFrame:
    path = (clone.folder / BEST).with_name("trials.csv")
    return pl.read_csv(path)


def test_there_are_the_trials_of_hyperband(searched):
    table = trials(searched)
    counts = table.group_by("bracket", "rung", "n_epochs").len().rows()
    assert set(counts) == {
        (s, i, rung.n_epochs, rung.n_trials)
        for s, rungs in hyperband.brackets(2, 2, 4).items()
        for i, rung in enumerate(rungs)
    }
    assert not list(searched.folder.rglob("*.state"))


def test_the_model_takes_what_was_best(searched):
    best = yaml.safe_load((searched.folder / BEST).read_text())["models"]["mlp"]
    top = (
        trials(searched).filter(pl.col("n_epochs") == 2).sort("auc").row(-1, named=True)
    )
    assert best["learning_rate"] == top["learning_rate"]
    assert best["network"] == {"width": top["network.width"]}
    with safe_open(searched.folder / MODEL, "numpy") as file:
        model = json.loads(file.metadata()["hepfold"])["model"]
    assert model["learning_rate"] == best["learning_rate"]
    assert model["network"]["width"] == best["network"]["width"]
    # What was not searched is that of the model.
    assert model["n_epochs"] == 5 and model["validation_fraction"] == 0.0


def test_what_was_searched_is_not_searched_again(searched):
    run = searched.run("--dry-run", "--", MODEL)
    assert "Nothing to be done" in run.stdout + run.stderr


def test_a_range_test_is_made_on_request(searched):
    folder = "results/figures/higgsml/mlp"
    run = searched.run("--", f"{folder}/learning_rates.pdf")
    assert run.returncode == 0, run.stderr
    table = pl.read_csv(searched.folder / folder / "learning_rates.csv")
    assert table["member"].n_unique() == 2
    rate = table.filter(pl.col("member") == 0)["learning_rate"]
    np.testing.assert_allclose([rate[0], rate[-1]], [1e-6, 1.0])
