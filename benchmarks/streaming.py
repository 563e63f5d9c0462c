"""Training on streamed events, compared with the same training in memory.

    python benchmarks/streaming.py [N_EVENTS [N_MEMBERS]]

Both sides train in turn, each in a process of its own, on toy events of 28 features in
the order of their classes. Printed are medians of CPU and wall time, peak memory and
AUC of unseen events. CPU time includes the thread that reads ahead.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import numpy as np
import torch

from hepfold.core import (
    costs,
    metrics,
    settings_models,
    settings_training,
)
from hepfold.data import event_arrays, event_streams, fold_file
from hepfold.models import feature_schema
from hepfold.training import checkpoints, fit

N_EVENTS, N_MEMBERS, N_EPOCHS, N_RUNS, N_UNSEEN = 400_000, 3, 2, 3, 100_000
N_FEATURES, SHIFT = 28, 0.2
# A buffer has a twentieth of the events.
BUFFERS = 20
SIDES = ("memory", "stream")


def sample(n_events: int, seed: int) -> event_arrays.Events:
    """Toy events whose classes differ in the mean of each feature; background first."""
    rng = np.random.default_rng(seed)
    label = np.arange(n_events) * 2 // n_events
    inputs = rng.normal(size=(n_events, N_FEATURES)) + SHIFT * label[:, None]
    return event_arrays.Events(
        inputs=inputs.astype("f4"),
        label=label.astype("i1"),
        weight=np.ones(n_events),
        event_id=np.arange(n_events),
        subset=np.zeros(n_events, "u1"),
    )


def write(path: str, n_events: int) -> None:
    """Write the events of the training, in two folds."""
    layout = fold_file.Layout(tuple(f"x{i}" for i in range(N_FEATURES)), {})
    with fold_file.writing(path, 2, layout, {}) as writer:
        events = sample(n_events, 1)
        writer.append(events, events.event_id % 2)


def as_they_are(events: event_arrays.Events) -> event_arrays.Events:
    """The events of the file, all of which are trained on."""
    return events


def events_of(side: str, path: str, n_events: int):
    """The events in memory, or their source."""
    if side == "memory":
        return fold_file.read(path)
    return event_streams.Source(
        path=path,
        folds=(0, 1),
        n_rows=n_events,
        selected=as_they_are,
        extra=(),
        negative_weights="absolute",
        classes=(),
        n_buffer=n_events // BUFFERS,
    )


def train(side: str, path: str, n_events: int, n_members: int) -> dict:
    """Time, memory and AUC of a training on one side."""
    torch.set_num_threads(1)
    names = tuple(f"x{i}" for i in range(N_FEATURES))
    schema = feature_schema.Schema(names, (), (), (1.0,) * N_FEATURES, True)
    model = settings_models.MLP(n_members=n_members, n_epochs=N_EPOCHS)
    training = settings_training.Training(device="cpu", precision="float32")
    place = checkpoints.Place(f"{path}.{side}.state", {})
    before = costs.peak_mb()
    start = costs.start(place.path)
    events = events_of(side, path, n_events)
    fitted, _ = fit.train(events, schema, model, training, 1, place)
    seconds, cpu = time.perf_counter() - start.wall, costs.cpu_seconds() - start.cpu
    peak, unseen = costs.peak_mb() - before, sample(N_UNSEEN, 2)
    score = fitted.score(unseen.inputs)
    area = metrics.auc(score, unseen.label, unseen.weight)
    return {"wall_s": seconds, "cpu_s": cpu, "peak_mb": peak, "auc": area}


def main(n_events: int = N_EVENTS, n_members: int = N_MEMBERS) -> None:
    """Train both sides in turn and print the medians."""
    results = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/train.h5"
        write(path, n_events)
        for _ in range(N_RUNS):
            for side in SIDES:
                command = [sys.executable, __file__, side, path, n_events, n_members]
                run = subprocess.run(
                    [str(part) for part in command], capture_output=True, check=True
                )
                results[side].append(json.loads(run.stdout.splitlines()[-1]))
    medians = {
        side: {name: statistics.median(r[name] for r in rows) for name in rows[0]}
        for side, rows in results.items()
    }
    print(f"{n_events:,} events, {n_members} networks, {N_EPOCHS} epochs")
    for side, values in medians.items():
        print(side, ", ".join(f"{name} {value:.5g}" for name, value in values.items()))
    memory, stream = (medians[side]["cpu_s"] for side in SIDES)
    print(f"speed of streaming by CPU time: {memory / stream:.2f} of that in memory")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in SIDES:
        side, path, *sizes = sys.argv[1:]
        print(json.dumps(train(side, path, *map(int, sizes))))
    else:
        main(*map(int, sys.argv[1:]))
