"""A training job that is killed and started again, as on a cluster."""

import json
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import polars as pl
import public_sets
import pytest
import samples

import train_fold
from hepfold.data import event_reader, event_samples, fold_file, ingestion
from hepfold.training import checkpoints

# With the default `SAVE_EVERY_S`, a training of seconds would not save its state.
DRIVER = """
import json, sys
sys.path.insert(0, sys.argv[1])
import train_fold
from hepfold.training import checkpoints
checkpoints.SAVE_EVERY_S = 0.0
train_fold.train_fold(**json.loads(sys.argv[2]))
"""

# Inputs of a model that is neither tuned nor started from another one.
NOT_GIVEN = {"best_path": None, "start_paths": []}


@pytest.fixture
def job(raw_lines, write_raw, tmp_path):
    """A function that returns the arguments of a job that writes to a given folder."""
    path = write_raw(raw_lines)
    reader = event_reader.EventReader("higgsml", public_sets.DECLARED["higgsml"])
    weight = "weight", "Weight"
    sample = event_samples.EventSample("files", (path,), tree=None, weight=weight)
    (events,) = reader.read([sample])
    layout = ingestion.layout_of(reader.plan, reader.processes)
    made_by = {"settings": {"dataset": public_sets.VALUES["higgsml"]}}
    for name in ("train", "test"):
        with fold_file.writing(str(tmp_path / name), 2, layout, made_by) as writer:
            writer.append(events, np.arange(len(events)) % 2)
    settings = samples.record(
        symmetry={"use": "augmentation", "n_views": 2},
        preparation=samples.VECTORS,
        network=samples.NETWORK | {"dropout": 0.2},
        batch_size=8,
        n_epochs=60,
    )
    settings |= {
        "wildcards": {"dataset": "higgsml", "model": "mlp", "fold": "0"},
        "negative_weights": "absolute",
        "spectrum": None,
        "n_folds": 2,
        "seed": 5,
    }

    return partial(arguments, tmp_path, settings)


def arguments(folder, settings: dict, name: str, is_streamed: bool = False) -> dict:
    """Arguments of a job with the events of a folder, which writes into it."""
    streaming = {"above_gb": 0.0 if is_streamed else None, "buffer_events": 1000}
    training = settings["training"] | {"streaming": streaming}
    return {
        "train_path": str(folder / "train"),
        "test_path": str(folder / "test"),
        **NOT_GIVEN,
        "params": settings | {"training": training},
        "threads": 1,
        "requested": [30, 900],
        "model_path": str(folder / name / "fold.safetensors"),
        "history_path": str(folder / name / "fold.csv"),
        "scores_path": str(folder / name / "fold.parquet"),
        "cost_path": str(folder / name / "cost.json"),
    }


def kill_in_the_middle(repo, arguments: dict, state_path) -> None:
    command = [sys.executable, "-c", DRIVER, repo / "scripts", json.dumps(arguments)]
    process = subprocess.Popen(command)
    try:
        for _ in range(6000):
            if state_path.exists() or process.poll() is not None:
                break
            time.sleep(0.01)
        # Train a few more epochs.
        time.sleep(0.2)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL


@pytest.mark.analyses
@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_killed_job_ends_as_an_undisturbed_one(
    repo, job, tmp_path, caplog, is_streamed
):
    train_fold.train_fold(**job("uninterrupted", is_streamed))
    folder = tmp_path / "killed"
    state_path = folder / "fold.safetensors.state"
    kill_in_the_middle(repo, job("killed", is_streamed), state_path)
    made = {path.name for path in folder.iterdir()}
    part = f".{state_path.name}.part"
    assert made - {part} == {state_path.name}

    caplog.set_level("INFO")
    assert checkpoints.SAVE_EVERY_S > 1
    train_fold.train_fold(**job("killed", is_streamed))
    assert "Resumed in epoch" in caplog.text
    names = {"fold.safetensors", "fold.csv", "fold.parquet"}
    assert {path.name for path in folder.iterdir()} == names | {"cost.json"}
    for name, is_resumed in (("killed", True), ("uninterrupted", False)):
        cost = json.loads((tmp_path / name / "cost.json").read_text())
        assert cost["resumed"] is is_resumed
    resumed, expected = (
        pl.read_parquet(tmp_path / name / "fold.parquet")
        for name in ("killed", "uninterrupted")
    )
    assert resumed.equals(expected)
    assert len(resumed) == 200 + 400
    for name in names:
        resumed = tmp_path / "killed" / name
        expected = tmp_path / "uninterrupted" / name
        assert resumed.read_bytes() == expected.read_bytes()
