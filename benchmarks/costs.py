"""Times of trainings of every kind of model, beside their estimates.

    python benchmarks/costs.py [NAME ...]

One core, toy events of 28 features of seven bodies. Each case trains on few and on many
events, so that the time per event is that of the difference. CPU time, which other work
on the machine changes little.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import msgspec
import numpy as np
import torch

from hepfold.core import (
    costs,
    parsing,
    settings_models,
    settings_training,
    training_costs,
)
from hepfold.data import event_arrays
from hepfold.models import feature_schema
from hepfold.training import checkpoints, fit

N_BODIES, N_FEATURES = 7, 28
WIDE, DEEP, SMALL = (
    {"width": 300},
    {"depth": 6, "width": 33},
    {"depth": 2, "width": 32},
)
# Settings, and numbers of events of both trainings, by name: 2 and 10 updates.
FEW, MANY = 512, 2560
CASES = {
    "mlp": ({"kind": "mlp"}, FEW, MANY),
    "mlp 3 x 300": ({"kind": "mlp", "network": WIDE}, FEW, MANY),
    "mlp batch 32": ({"kind": "mlp", "batch_size": 32}, FEW, MANY),
    "residual": ({"kind": "residual"}, FEW, MANY),
    "dense": ({"kind": "dense"}, FEW, MANY),
    "dense 6 x 33": ({"kind": "dense", "network": DEEP}, FEW, MANY),
    "wide_deep": ({"kind": "wide_deep"}, FEW, MANY),
    "tabm": ({"kind": "tabm"}, FEW, MANY),
    "tabm 3 x 300": ({"kind": "tabm", "network": WIDE}, FEW, MANY),
    "transformer": ({"kind": "transformer"}, 512, 2048),
    "transformer 2 x 32": ({"kind": "transformer", "network": SMALL}, 512, 2048),
    "xgboost": ({"kind": "xgboost", "n_rounds": 50}, 2_000, 20_000),
    "xgboost depth 8": (
        {"kind": "xgboost", "n_rounds": 30, "trees": {"depth": 8}},
        2_000,
        20_000,
    ),
    "supertml": ({"kind": "supertml"}, 256, 768),
    "supertml 28 px": ({"kind": "supertml", "images": {"size": 28}}, 256, 1024),
    "supertml efficientnet": (
        {
            "kind": "supertml",
            "network": {"backbone": "efficientnet_lite0"},
            "batch_size": 32,
        },
        32,
        96,
    ),
}


def sample(n_events: int) -> event_arrays.Events:
    """Toy events: momenta, pseudorapidities, azimuths, and seven more features."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, n_events)
    inputs = rng.normal(size=(n_events, N_FEATURES)) + 0.2 * label[:, None]
    inputs[:, 0 : 3 * N_BODIES : 3] = rng.exponential(50, (n_events, N_BODIES))
    return event_arrays.Events(
        inputs=inputs.astype("f4"),
        label=label.astype("i1"),
        weight=np.ones(n_events),
        event_id=np.arange(n_events),
        subset=np.zeros(n_events, "u1"),
    )


def schema() -> feature_schema.Schema:
    """Names of the features, and their bodies."""
    return feature_schema.Schema(
        features=tuple(f"x{i}" for i in range(N_FEATURES)),
        n_values=(),
        bodies=tuple((3 * i, 3 * i + 1, 3 * i + 2) for i in range(N_BODIES)),
        units=(1.0,) * N_FEATURES,
        momenta_are_positive=True,
        kinds=("jet",) * N_BODIES,
        more=((),) * N_BODIES,
    )


def model_of(name: str) -> settings_models.BaseModel:
    """The model of a case, with one epoch; of trees, one booster."""
    settings = parsing.parse(CASES[name][0], settings_models.Model)
    if isinstance(settings, settings_models.GradientModel):
        return msgspec.structs.replace(settings, n_epochs=1)
    return msgspec.structs.replace(settings, n_members=1)


def cpu_s(model: settings_models.BaseModel, n_events: int) -> float:
    """CPU time of a training in seconds."""
    training = settings_training.Training(device="cpu", precision="float32")
    events = sample(n_events)
    with tempfile.TemporaryDirectory() as folder:
        place = checkpoints.Place(f"{folder}/state", {})
        start = costs.cpu_seconds()
        fit.train(events, schema(), model, training, 1, place)
    return costs.cpu_seconds() - start


def measured(name: str) -> float:
    """Microseconds per event, member and pass."""
    _, few, many = CASES[name]
    model = model_of(name)
    # Code is loaded and compiled before.
    cpu_s(model, few)
    seconds = cpu_s(model, many) - cpu_s(model, few)
    return 1e6 * seconds / (many - few) / training_costs.passes(model)


def main(*names: str) -> None:
    """Print measured and estimated figures of each case."""
    torch.set_num_threads(1)
    for name in names or CASES:
        time_us, model = measured(name), model_of(name)
        expected = training_costs.microseconds(model, N_FEATURES)
        products = training_costs.products(model, N_FEATURES)
        print(
            f"{name}: {time_us:.3f} us per event and member, {products:.1f} thousand "
            f"multiplications, estimate {expected:.3f}, ratio {time_us / expected:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
