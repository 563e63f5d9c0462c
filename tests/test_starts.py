"""Trainings that start from others, as a user runs them."""

import re

import numpy as np
import pytest
import yaml
from safetensors import safe_open
from tests.conftest import UNAPPLIED_RUN, Clone

from hepfold.models import boosters

pytestmark = pytest.mark.analyses
# So little is learned that the weights are those of the start.
FINE = """
  fine:
    like: mlp
    start_from: {model: mlp, part: body, frozen_epochs: 1}
    n_epochs: 1
    learning_rate: 1.0e-9
  toys: {like: mlp, start_from: {model: mlp, dataset: hepmass, part: embeddings}}
  one: {like: toys, start_from: {fold: 0}}
  trees: {kind: xgboost, n_members: 2, n_rounds: 5}
  more:
    like: trees
    n_members: 3
    n_rounds: 2
    start_from: {model: trees, scale: 0.25}
run: {models: [fine]}
"""
FILE = "results/models/higgsml/{}/fold_{}.safetensors"


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("started"))
    (clone.folder / "tests.yaml").write_text(UNAPPLIED_RUN + FINE)
    run = clone.run("--", FILE.format("fine", 1))
    assert run.returncode == 0, run.stderr
    return clone


def weights(clone: Clone, model: str) -> dict[str, np.ndarray]:
    with safe_open(clone.folder / FILE.format(model, 1), "numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def test_a_fold_starts_from_the_same_fold_which_is_trained_for_it(clone):
    base, fine = weights(clone, "mlp"), weights(clone, "fine")
    assert not (clone.folder / FILE.format("mlp", 0)).exists()
    for name, values in fine.items():
        is_same = np.allclose(values, base[name], rtol=0, atol=1e-6)
        assert is_same == (not name.startswith("network.output")), name


def test_trees_continue_those_of_the_same_fold(clone):
    run = clone.run("--", FILE.format("more", 1))
    assert run.returncode == 0, run.stderr
    theirs, ours = (boosters.of_arrays(weights(clone, n)) for n in ("trees", "more"))
    x = np.random.default_rng(0).normal(size=(50, theirs[0].num_features()))
    for booster, first in zip(ours, [*theirs, theirs[0]], strict=True):
        n_first = first.num_boosted_rounds()
        assert n_first < booster.num_boosted_rounds() <= n_first + 2
        margin = booster[:n_first].inplace_predict(x, predict_type="margin")
        expected = 0.25 * first.inplace_predict(x, predict_type="margin")
        assert np.ptp(expected) > 0.01
        np.testing.assert_allclose(margin, expected, rtol=1e-5, atol=1e-6)


def test_the_range_test_starts_there_too(clone):
    path = "results/figures/higgsml/fine/learning_rates.csv"
    run = clone.run("--dry-run", "--", path)
    assert FILE.format("mlp", 0) in run.stdout + run.stderr


@pytest.mark.parametrize(("model", "fold", "start"), [("toys", 1, 1), ("one", 1, 0)])
def test_a_start_on_another_data_set_reads_its_events(clone, model, fold, start):
    overlay = yaml.safe_load(UNAPPLIED_RUN + FINE) | {"run": {"models": [model]}}
    overlay["datasets"]["hepmass"] = {"files": "toy", "n_toy": 3000}
    (clone.folder / "toys.yaml").write_text(yaml.safe_dump(overlay))
    path = FILE.format(model, fold)
    run = clone.run("--dry-run", "--", path, overlay="toys.yaml")
    listed = run.stdout + run.stderr
    assert run.returncode == 0, listed
    for made in (f"models/hepmass/mlp/fold_{start}.", "folds/hepmass/train.h5"):
        assert f"results/{made}" in listed
    assert f"results/models/hepmass/mlp/fold_{1 - start}." not in listed
    # While all folds wait for a training, it can use two cores.
    jobs = re.split(r"\n(?=rule )", listed)
    (job,) = [
        j for j in jobs if f"output: results/models/hepmass/mlp/fold_{start}." in j
    ]
    assert ("threads: 2" in job) == (model == "one")
