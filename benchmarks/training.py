"""Training, scoring and the AMS scan, compared with LUMIN in separate processes.

    python benchmarks/training.py ingest FOLDER
        Folds from FOLDER/training.csv and FOLDER/test.csv, which the peer's benchmark
        wrote: 250,000 and 550,000 Higgs ML events.
    python benchmarks/training.py train FOLDER [PRECISION]
        The peer's final configuration on 180,000 events: 10 networks of 6 x 33 dense
        Swish layers, 15 epochs; then scores, without and with views, and the scan.
    python benchmarks/training.py scaling FOLDER
        What an event costs with 1, 3 and 10 networks, and with more events.

Run them in turn with `train`, `infer` and `ams` of the peer's benchmark.
"""

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

THREADS = os.environ.setdefault("OMP_NUM_THREADS", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import msgspec  # noqa: E402
import torch  # noqa: E402

from hepfold.core import (  # noqa: E402
    files,
    metrics,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.data import fold_file  # noqa: E402
from hepfold.models import feature_schema, zoo  # noqa: E402
from hepfold.training import checkpoints, fit  # noqa: E402
from ingest import ingest as ingest_raw  # noqa: E402

DECLARED = Path(__file__).resolve().parents[1] / "workflow/datasets/higgsml.yaml"
# LUMIN 0.9.1, `HiggsML_Lumin` experiment 13.
MODEL = settings_models.Dense(
    n_members=10,
    preparation=settings_training.Preparation(pairs=False),
    symmetry=settings_layers.Symmetry(n_views=8),
    network=settings_layers.StackedLayers(
        depth=6, width=33, dropout=0.0, embedding_size=3
    ),
    validation_fraction=0.1,
    n_epochs=15,
    stopping=settings_training.Stopping(patience=15),
    learning_rate=0.01,
    optimizer=settings_training.AdamW(weight_decay=0.0),
    schedule=settings_training.OneCycle(
        warm_fraction=1 / 3, start_fraction=0.01, end_fraction=0.0
    ),
)
TRAINING = settings_training.Training()


def ingest(folder: str) -> None:
    """Folds of both files."""
    dataset = files.read_yaml(str(DECLARED)) | {
        "files": f"{folder}/training.csv",
        "test": {"files": f"{folder}/test.csv"},
    }
    settings = {"dataset": dataset, "n_folds": 10, "seed": 1}
    settings["wildcards"] = {"dataset": "higgsml"}
    start = time.perf_counter()
    ingest_raw(settings, "", "", f"{folder}/train.h5", f"{folder}/test.h5")
    print(f"800,000 events to folds: {time.perf_counter() - start:.2f} s")


def train(folder: str, precision: str = "auto") -> None:
    """Train on eight of ten folds, score the test events, scan the AMS."""
    torch.set_num_threads(int(THREADS))
    schema, _ = feature_schema.read(f"{folder}/train.h5", "all")
    events = fold_file.read(f"{folder}/train.h5", list(range(8)))
    training = msgspec.structs.replace(TRAINING, precision=precision)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        place = checkpoints.Place(f"{temporary}/state", {})
        model, _ = fit.train(events, schema, MODEL, training, 1, place)
    seconds = time.perf_counter() - start
    n_events = int(0.9 * len(events)) * MODEL.n_epochs * MODEL.n_members
    print(
        f"10 networks, 15 epochs: {seconds:.1f} s, {n_events / seconds:,.0f} events/s"
    )
    n_weights = sum(p.numel() for p in model.network.parameters()) / MODEL.n_members
    rate = 6 * n_weights * n_events / seconds / 1e9
    print(f"{n_weights:,.0f} weights, {rate:.0f} of {product_rate():.0f} GFLOP/s")
    score(folder, model)


def scaling(folder: str) -> None:
    """Time one epoch per event and network: of more networks, of more events."""
    torch.set_num_threads(int(THREADS))
    schema, _ = feature_schema.read(f"{folder}/train.h5", "all")
    for n_members, n_folds in ((1, 2), (1, 8), (3, 8), (10, 2), (10, 8)):
        events = fold_file.read(f"{folder}/train.h5", list(range(n_folds)))
        model = msgspec.structs.replace(MODEL, n_members=n_members, n_epochs=2)
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as temporary:
            place = checkpoints.Place(f"{temporary}/state", {})
            fit.train(events, schema, model, TRAINING, 1, place)
        cost = (time.perf_counter() - start) / len(events) / n_members / 2
        print(
            f"{n_members} networks, {len(events):,} events: "
            f"{1e6 * cost:.2f} us per event and network"
        )


def score(folder: str, model: zoo.Model) -> None:
    """Time the scores of 550,000 events, and their AUC and AMS."""
    events = fold_file.read(f"{folder}/test.h5")
    for n_views in (1, 2, 8):
        symmetry = settings_layers.Symmetry(n_views=n_views)
        viewed = replace(model, symmetry=symmetry)
        start = time.perf_counter()
        scores = viewed.score(events.inputs)
        seconds = time.perf_counter() - start
        weight = events.weight.astype("f8")
        auc = metrics.auc(scores, events.label, weight)
        plain = metrics.auc(scores, events.label, 0 * weight + 1)
        print(
            f"{len(scores):,} events, 10 networks, {n_views} views: {seconds:.2f} s, "
            f"weighted AUC {auc:.5f}, AUC {plain:.5f}"
        )
    start = time.perf_counter()
    _, s, b = metrics.passing_sums(scores, events.label, weight)
    ams = metrics.ams(s, b, 10.0)
    seconds = time.perf_counter() - start
    print(f"AMS scan: {seconds:.3f} s, maximum {ams.max():.3f}")


def product_rate() -> float:
    """GFLOP/s of a large matrix product in float32."""
    a = torch.randn(2048, 2048)
    torch.mm(a, a)
    start = time.perf_counter()
    for _ in range(5):
        torch.mm(a, a)
    return 5 * 2 * 2048**3 / (time.perf_counter() - start) / 1e9


if __name__ == "__main__":
    {"ingest": ingest, "train": train, "scaling": scaling}[sys.argv[1]](*sys.argv[2:])
