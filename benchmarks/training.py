"""Training, scoring and the AMS scan, beside LUMIN; each side is a process of its own.

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
from pathlib import Path

THREADS = os.environ.setdefault("OMP_NUM_THREADS", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import torch  # noqa: E402

from hepfold.core import metrics  # noqa: E402
from hepfold.data import datasets, fold_file  # noqa: E402
from hepfold.models import feature_preparation, zoo  # noqa: E402
from hepfold.training import fit  # noqa: E402
from ingest import ingest as ingest_raw  # noqa: E402

DEFINITION = datasets.HIGGSML
FORM = {
    "n_test": 0,
    "columns": {"KaggleSet": None, "KaggleWeight": None},
    "trees": {},
}
# LUMIN 0.9.1, `HiggsML_Lumin` experiment 13.
MODEL = {
    "kind": "dense",
    "features": "all",
    "seed": 0,
    "n_events": None,
    "tuned": None,
    "hypotheses": None,
    "n_members": 10,
    "preparation": {"scaling": "standard", "vectors": True, "pairs": False},
    "symmetry": {"use": "augmentation", "n_views": 8},
    "network": {
        "depth": 6,
        "width": 33,
        "activation": "swish",
        "dropout": 0.0,
        "dropout_layers": "all",
        "batch_norm": False,
        "embedding_size": 3,
        "initial_sd": None,
        "pretrained_epochs": 0,
    },
    "validation_fraction": 0.1,
    "n_epochs": 15,
    "stopping": {
        "patience": 15,
        "least_change": 0.0,
        "least_fraction": 0.0,
        "first_epoch": 1,
    },
    "batch_size": 256,
    "label_smoothing": 0.0,
    "learning_rate": 0.01,
    "optimizer": {"adamw": {"beta2": 0.999, "weight_decay": 0.0}},
    "schedule": {
        "one_cycle": {
            "warm_fraction": 1 / 3,
            "start_fraction": 0.01,
            "end_fraction": 0.0,
            "momentum": [0.85, 0.95],
        }
    },
    "average": {"none": {}},
}
TRAINING = {"device": "auto", "precision": "auto", "compile": False, "n_devices": 1}


def ingest(folder: str) -> None:
    """Folds of both files."""
    source = f"{folder}/training.csv"
    form = FORM | {"source": source, "test_source": [f"{folder}/test.csv"]}
    settings = {"wildcards": {"dataset": "higgsml"}, "n_folds": 10, "seed": 1, **form}
    start = time.perf_counter()
    ingest_raw(settings, "", "", f"{folder}/train.h5", f"{folder}/test.h5")
    print(f"800,000 events to folds: {time.perf_counter() - start:.2f} s")


def train(folder: str, precision: str = "auto") -> None:
    """Train on eight of ten folds, score the test events, scan the AMS."""
    torch.set_num_threads(int(THREADS))
    layout = fold_file.read_layout(f"{folder}/train.h5")
    schema = feature_preparation.Schema.of(DEFINITION, layout.features, [4], {})
    events = fold_file.read(f"{folder}/train.h5", list(range(8)))
    settings = {
        "model": MODEL,
        "training": TRAINING | {"precision": precision},
    }
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        model, _ = fit.train(events, schema, settings, 1, f"{temporary}/state")
    seconds = time.perf_counter() - start
    n_events = int(0.9 * len(events)) * MODEL["n_epochs"] * MODEL["n_members"]
    print(
        f"10 networks, 15 epochs: {seconds:.1f} s, {n_events / seconds:,.0f} events/s"
    )
    n_weights = sum(p.numel() for p in model.network.parameters()) / MODEL["n_members"]
    rate = 6 * n_weights * n_events / seconds / 1e9
    print(f"{n_weights:,.0f} weights, {rate:.0f} of {product_rate():.0f} GFLOP/s")
    score(folder, model)


def scaling(folder: str) -> None:
    """Time one epoch per event and network: of more networks, of more events."""
    torch.set_num_threads(int(THREADS))
    layout = fold_file.read_layout(f"{folder}/train.h5")
    schema = feature_preparation.Schema.of(DEFINITION, layout.features, [4], {})
    for n_members, n_folds in ((1, 2), (1, 8), (3, 8), (10, 2), (10, 8)):
        events = fold_file.read(f"{folder}/train.h5", list(range(n_folds)))
        model = MODEL | {"n_members": n_members, "n_epochs": 2}
        settings = {
            "model": model,
            "training": TRAINING,
        }
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as temporary:
            fit.train(events, schema, settings, 1, f"{temporary}/state")
        cost = (time.perf_counter() - start) / len(events) / n_members / 2
        print(
            f"{n_members} networks, {len(events):,} events: "
            f"{1e6 * cost:.2f} us per event and network"
        )


def score(folder: str, model: zoo.Model) -> None:
    """Time the scores of 550,000 events, and judge them."""
    events = fold_file.read(f"{folder}/test.h5")
    for n_views in (1, 2, 8):
        model.symmetry["n_views"] = n_views
        start = time.perf_counter()
        found = model.score(events.inputs)
        seconds = time.perf_counter() - start
        weight = events.weight.astype("f8")
        auc = metrics.auc(found, events.label, weight)
        plain = metrics.auc(found, events.label, 0 * weight + 1)
        print(
            f"{len(found):,} events, 10 networks, {n_views} views: {seconds:.2f} s, "
            f"weighted AUC {auc:.5f}, AUC {plain:.5f}"
        )
    start = time.perf_counter()
    _, ams = metrics.ams_scan(found, events.label, weight, 10.0)
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
