"""Trainings that start from others, as a user runs them."""

import numpy as np
import pytest
import yaml
from safetensors import safe_open
from tests.conftest import UNAPPLIED_RUN, Clone

pytestmark = pytest.mark.analyses
# So little is learnt that the weights are those of the start.
FINE = """
  fine:
    like: mlp
    start_from: {model: mlp, part: body, frozen_epochs: 1}
    n_epochs: 1
    learning_rate: 1.0e-9
  toys: {like: mlp, start_from: {model: mlp, dataset: hepmass, part: embeddings}}
  one: {like: toys, start_from: {fold: 0}}
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
