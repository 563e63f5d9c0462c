"""Training of every kind of network, scoring and drawing on the device of this machine.

    python benchmarks/gpu.py [SECONDS]
        Prints one line per measurement; one that fails is reported, and the next one
        begins. None begins after SECONDS (default 270).

Events are toy events of HIGGS. On a GPU, updates are taken one by one and as a captured
graph. Without a GPU, everything is so small that times say nothing. Depthwise
convolutions count as full ones, so that EfficientNet seems to do more operations than
it does.
"""

import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import msgspec
import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from hepfold.core import files, settings_layers, settings_models, settings_training
from hepfold.data import datasets, event_arrays, weights
from hepfold.models import ensembles, feature_schema, zoo
from hepfold.toys import registry
from hepfold.training import captured_step, checkpoints, fit, loop, training_data

HIGGS = Path(__file__).resolve().parents[1] / "workflow/datasets/higgs.yaml"
HAS_GPU = torch.cuda.is_available()
DEVICE = "cuda" if HAS_GPU else "cpu"
N_EVENTS, N_FITTED, N_DRAWN = (2_000_000, 200_000, 4096) if HAS_GPU else (4000, 500, 16)
N_UPDATES, N_PRODUCT = (200, 8192) if HAS_GPU else (2, 256)
SHARED = {"n_epochs": 2, "validation_fraction": 0.0}


def layered(
    kind: type[settings_models.NetworkModel], batch_size: int, **network: float
) -> settings_models.NetworkModel:
    """Settings of networks with stacked layers."""
    layers = msgspec.structs.replace(kind().network, **network)
    return kind(batch_size=batch_size, network=layers, **SHARED)


MLP = layered(settings_models.MLP, 512, depth=3, width=300, dropout=0.4)
MUON = settings_training.Muon()
MODELS = {
    "mlp 3 x 300": MLP,
    "mlp 3 x 300, muon": msgspec.structs.replace(MLP, optimizer=MUON),
    "mlp 3 x 300, batch of 4096": msgspec.structs.replace(MLP, batch_size=4096),
    "dense 6 x 33": layered(settings_models.Dense, 256, depth=6, width=33),
    "residual 3 x 300": layered(settings_models.Residual, 512, depth=3, width=300),
    "wide_deep 2 x 2048": layered(
        settings_models.WideDeep, 2048, depth=2, width=2048, batch_norm=True
    ),
    "tabm 3 x 300": layered(settings_models.TabM, 512, depth=3, width=300),
    "transformer": settings_models.Transformer(**SHARED),
    "supertml, blocks": settings_models.SuperTML(n_members=4, **SHARED),
    "supertml, text": settings_models.SuperTML(
        n_members=1,
        batch_size=64,
        images=settings_layers.Images(
            encoding="text_equal", size=224 if HAS_GPU else 128
        ),
        network=settings_layers.ImageNetwork(backbone="efficientnet_lite0"),
        **SHARED,
    ),
}


def toy_events(n_events: int) -> event_arrays.Events:
    """Toy events of HIGGS, without units of file columns."""
    blocks = list(registry.BLOCKS["higgs"](n_events, 5))
    names = higgs().features
    inputs = np.concatenate([np.stack([b[n] for n in names], 1) for b in blocks])
    label = np.concatenate([block["label"] for block in blocks]).astype("i1")
    subset, weight = np.zeros(n_events, "u1"), np.ones(n_events)
    event_id = np.arange(n_events)
    return event_arrays.Events(inputs.astype("f4"), label, weight, event_id, subset)


def higgs() -> datasets.Dataset:
    """The data set whose columns are filled."""
    return datasets.parse(files.read_yaml(str(HIGGS)))


def sized(model: settings_models.GradientModel) -> settings_models.GradientModel:
    """The model; a tiny one where there is no GPU."""
    return model if HAS_GPU else tiny(model)


def tiny(model: settings_models.GradientModel) -> settings_models.GradientModel:
    """A model of its kind with few small members."""
    network = model.network
    if hasattr(network, "width"):
        network = msgspec.structs.replace(network, width=16)
    return msgspec.structs.replace(model, n_members=2, batch_size=16, network=network)


def new_run(
    model: settings_models.GradientModel,
    events: event_arrays.Events,
    device: str = DEVICE,
    precision: str = "auto",
    compiled: bool = False,
    capture: bool = True,
) -> tuple[ensembles.Ensemble, loop.Run]:
    """An untrained ensemble, and a run that trains it on all events."""
    torch.manual_seed(1)
    training = settings_training.Training(
        device=device, precision=precision, compile=compiled, capture=capture
    )
    definition = higgs()
    schema = feature_schema.Schema.of(definition, definition.features, [], {})
    kind = zoo.model_class(model)
    first = events.rows(0, min(len(events), 50_000))
    preparation = kind.fitted_preparation(schema, model, first, 1)
    ensemble = kind.assembled(preparation, model, model.n_members, training)
    parts = weights.balanced(events), events.rows(0, 0)
    data = [training_data.prepared(ensemble, part) for part in parts]
    run = fit.new_run(ensemble, data, model, training)
    run.network.train()
    return ensemble, run


def synchronize() -> None:
    """Wait until the GPU has done its work."""
    if HAS_GPU:
        torch.cuda.synchronize()


def seconds(function: Callable[[], object], n_calls: int = 1) -> float:
    """Mean seconds of a call."""
    synchronize()
    start = time.perf_counter()
    for _ in range(n_calls):
        function()
    synchronize()
    return (time.perf_counter() - start) / n_calls


def product_rate(dtype: torch.dtype) -> float:
    """Operations per second of a large matrix product."""
    a = torch.randn(N_PRODUCT, N_PRODUCT, device=DEVICE, dtype=dtype)
    seconds(lambda: a @ a, 3)
    rate = 2 * N_PRODUCT**3 / seconds(lambda: a @ a, 10)
    print(f"product of {N_PRODUCT} x {N_PRODUCT}, {dtype}: {rate / 1e12:.2f} TFLOP/s")
    return rate


class Stepper:
    """Takes one update after the other on batches of random events."""

    def __init__(self, run: loop.Run):
        self.run, self.order, self.n_done = run, run.event_order(), 0

    def step(self) -> None:
        """Take the next update; batches begin again after an epoch."""
        size = self.run.batch_size
        start = self.n_done % (len(self.run.train_data) // size) * size
        self.run.update(self.n_done, self.order[:, start : start + size])
        self.n_done += 1


def time_updates(
    name: str, events: event_arrays.Events, rate: float, compiled: bool = False
) -> None:
    """Print time, operations and, on a GPU, kernels and memory of an update."""
    model = sized(MODELS[name])
    stepper = Stepper(new_run(model, events, compiled=compiled, capture=False)[1])
    with FlopCounterMode(display=False) as counter:
        stepper.step()
    n_operations = counter.get_total_flops()
    seconds(stepper.step, 3)
    each = seconds(stepper.step, N_UPDATES)
    n_events = model.batch_size * model.n_members / each
    line = f"{name}{', compiled' if compiled else ''}: {1e3 * each:.3f} ms an update"
    print(f"{line}, {n_events:,.0f} events/s, {n_operations / each / rate:.1%} of rate")
    if HAS_GPU:
        print(f"    {kernels(stepper.step, each)}")
        captured = Stepper(new_run(model, events, compiled=compiled)[1])
        seconds(captured.step, captured_step.N_WARM + 2)
        graph = seconds(captured.step, N_UPDATES)
        print(f"    as one CUDA graph {1e3 * graph:.3f} ms, {each / graph:.1f} times")
        print(f"    {kernels(captured.step, graph)}")


def kernels(step: Callable[[], None], each: float, n_steps: int = 10) -> str:
    """Kernels of a step, the time that the GPU is busy, and its largest memory."""
    from torch.profiler import ProfilerActivity, profile

    torch.cuda.reset_peak_memory_stats()
    with profile(activities=[ProfilerActivity.CUDA]) as profiled:
        seconds(step, n_steps)
    is_kernel = torch.autograd.DeviceType.CUDA
    events = [e for e in profiled.events() if e.device_type == is_kernel]
    busy = sum(e.time_range.elapsed_us() for e in events) / n_steps / 1e6
    memory = torch.cuda.max_memory_allocated() / 1e9
    n_kernels = len(events) / n_steps
    return f"{n_kernels:.0f} kernels, busy {busy / each:.0%}, {memory:.2f} GB at most"


def compare_losses(name: str, events: event_arrays.Events) -> None:
    """Print the relative difference of losses on the CPU and on the device."""
    model = tiny(MODELS[name])
    network = msgspec.structs.replace(model.network, dropout=0.0)
    model = msgspec.structs.replace(model, network=network)
    order = torch.randperm(1000).repeat(2, 1)
    totals = []
    for device in ("cpu", DEVICE):
        _, run = new_run(model, events.rows(0, 1000), device, "float32")
        run.view = lambda batch: batch
        for i in range(captured_step.N_WARM + 3):
            run.update(i, order[:, 16 * i : 16 * (i + 1)].to(device))
        totals.append(run.total.cpu())
    apart = float(((totals[1] - totals[0]) / totals[0]).abs().max())
    verdict = "the same" if apart < 1e-3 else "DIFFERENT"
    print(f"losses of {name} on the CPU and on {DEVICE}: {verdict}, apart {apart:.0e}")


def time_scores(name: str, events: event_arrays.Events) -> None:
    """Print how many events of a million are scored per second."""
    ensemble, _ = new_run(sized(MODELS[name]), events.rows(0, 2000))
    inputs = events.inputs[: len(events) // 2]
    ensemble.score(inputs[:1000])
    rate = len(inputs) / seconds(lambda: ensemble.score(inputs))
    print(f"scores of {name}: {rate:,.0f} events/s")


def time_drawing(name: str, events: event_arrays.Events) -> None:
    """Print how many images are drawn per second."""
    encoder = new_run(tiny(MODELS[name]), events.rows(0, 2000))[0].preparation.encoder
    x = torch.from_numpy(events.inputs[:N_DRAWN]).to(DEVICE)
    encoder(x)
    print(
        f"drawing of {name}: {N_DRAWN / seconds(lambda: encoder(x), 5):,.0f} images/s"
    )


def time_order(events: event_arrays.Events) -> None:
    """Print how long it takes to draw the order of the events of an epoch."""
    run = new_run(tiny(MLP), events)[1]
    each = seconds(run.event_order, 3) / run.network.n_members
    print(f"order of {len(events):,} events: {1e3 * each:.2f} ms a member")


def time_fit(events: event_arrays.Events) -> None:
    """Print how long a whole training takes, with preparation and validation."""
    model = msgspec.structs.replace(sized(MLP), validation_fraction=0.2)
    definition, training = higgs(), settings_training.Training(device=DEVICE)
    schema = feature_schema.Schema.of(definition, definition.features, [], {})
    with tempfile.TemporaryDirectory() as folder:
        place = checkpoints.Place(f"{folder}/state", {})
        each = seconds(lambda: fit.train(events, schema, model, training, 1, place))
    print(f"training of {len(events):,} events, {model.n_epochs} epochs: {each:.1f} s")


def measurements() -> list[tuple[Callable, tuple]]:
    """Functions that print a measurement, and their arguments."""
    events, rate = toy_events(N_EVENTS), product_rate(torch.bfloat16)
    scored = ("mlp 3 x 300", "wide_deep 2 x 2048", "supertml, blocks")
    compiled = [(time_updates, ("mlp 3 x 300", events, rate, True))]
    return [
        (time_fit, (events.rows(0, N_FITTED),)),
        *((compare_losses, (name, events)) for name in MODELS),
        *((time_updates, (name, events, rate)) for name in MODELS),
        *((time_scores, (name, events)) for name in scored),
        *((time_drawing, (name, events)) for name in MODELS if "supertml" in name),
        (time_order, (events,)),
        *(compiled if HAS_GPU else []),
    ]


def main(limit_s: float = 270.0) -> int:
    """Print all measurements that the time allows; return how many failed."""
    start, n_failed = time.perf_counter(), 0
    print(torch.cuda.get_device_name() if HAS_GPU else "no GPU", torch.__version__)
    for function, arguments in measurements():
        title = " ".join([function.__name__, *(a for a in arguments if type(a) is str)])
        if time.perf_counter() - start > limit_s:
            print(f"{title}: left out, {limit_s:.0f} s have passed")
            continue
        try:
            function(*arguments)
        except Exception:
            # The next measurement may work, and there is little time on a GPU.
            print(f"{title}: FAILED\n{traceback.format_exc(limit=-3)}")
            n_failed += 1
    return n_failed


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
