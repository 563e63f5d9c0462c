"""Training on two devices as a user starts it, here two processes on CPUs."""

import json

import numpy as np
import polars as pl
import pytest
from tests.conftest import UNAPPLIED_RUN, Clone

pytestmark = pytest.mark.analyses
FOLDER = "results/{}/higgsml/mlp/fold_0"
SCORES = FOLDER.format("scores") + ".parquet"
COST = FOLDER.format("models") + "_cost.json"
BATCH = 32


def trained(clone: Clone, n_devices: int) -> tuple[pl.DataFrame, dict, str]:
    """Scores, cost and log of a training whose joint batch is the same."""
    training = f"training: {{device: cpu, precision: float32, n_devices: {n_devices}}}"
    overlay = UNAPPLIED_RUN.replace("training: {device: cpu}", training)
    overlay = overlay.replace(
        f"batch_size: {BATCH}", f"batch_size: {BATCH // n_devices}"
    )
    assert training in overlay and f"batch_size: {BATCH // n_devices}\n" in overlay
    (clone.folder / "tests.yaml").write_text(overlay)
    run = clone.run("--", SCORES)
    assert run.returncode == 0, run.stdout + run.stderr
    cost = json.loads((clone.folder / COST).read_text())
    return pl.read_parquet(clone.folder / SCORES), cost, run.stdout + run.stderr


def test_two_processes_of_a_run_score_like_one(tmp_path):
    clone = Clone(tmp_path)
    one, cost_of_one, _ = trained(clone, 1)
    two, cost_of_two, printed = trained(clone, 2)
    assert "rule train_fold" in printed and "rule ingest" not in printed
    assert one["event_id"].equals(two["event_id"])
    np.testing.assert_allclose(two["score"], one["score"], atol=1e-3)
    assert one["score"].std() > 0.1
    assert (cost_of_one["threads"], cost_of_two["threads"]) == (1, 2)
    assert 1 < cost_of_one["requested_mb"] / cost_of_one["peak_mb"] < 3
    # Each process, and the one that starts them, has memory of its own.
    assert cost_of_two["requested_mb"] == 3 * cost_of_one["requested_mb"]
