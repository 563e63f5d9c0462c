"""Tests of training.captured_step: a replayed update equals one taken at once.

On a CPU, a tape stands in for the CUDA graph, with its limits (`tapes`).
"""

import class_samples
import msgspec
import pytest
import samples
import tapes
import torch
from captured_runs import (
    CPU,
    EVENTS,
    N_WHOLE,
    NoRecorder,
    assert_same,
    captured_run,
    finished,
    plain_run,
    run_of,
    stopped,
)

from hepfold.core import logs, settings_layers, settings_models
from hepfold.models import image_backbones
from hepfold.training import captured_step, loop

NEEDS_CUDA = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="there is no CUDA device"
)
CUDA = torch.device("cuda")
CAPTURED = samples.training(capture=True)
CASES = {
    "adamw, one cycle": {},
    "sgd, decay": {
        "optimizer": samples.OPTIMIZERS["sgd"],
        "schedule": samples.SCHEDULES["decay"],
    },
    "muon, cosine": {
        "optimizer": samples.OPTIMIZERS["muon"],
        "schedule": samples.SCHEDULES["cosine"],
    },
    "adamw, decayed weights": {
        "optimizer": samples.OPTIMIZERS["adamw"] | {"weight_decay": 5.0}
    },
    "clipped gradients": {"max_gradient_norm": 0.05},
    "tabm": {"kind": "tabm"},
}
# Of networks; each has layers that others do not have.
KINDS = ["mlp", "residual", "dense", "wide_deep", "tabm", "transformer", "supertml"]


def slow_but(name: object, names: list) -> list:
    """Parameters of which only one is in the quick tests."""
    return [
        pytest.param(other, marks=() if other == name else pytest.mark.slow)
        for other in names
    ]


@pytest.mark.parametrize("case", slow_but("adamw, one cycle", [*CASES]))
def test_captured_updates_are_those_of_the_plain_loop(case):
    """Up to rounding, as rate and momentum are single-precision tensors."""
    changes = CASES[case]
    captured = finished(captured_run(tapes.TapeRecorder(), **changes))
    assert_same(captured, finished(plain_run(**changes)), rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("case", slow_but("muon, cosine", [*CASES]))
def test_replayed_updates_are_those_taken_at_once(case):
    """Bit-identical, batch normalization included."""
    layers = {"network": samples.NETWORK | {"dropout": 0.3, "batch_norm": True}}
    changes = CASES[case] if case == "tabm" else layers | CASES[case]
    if case == "muon, cosine":
        changes["network"] = changes["network"] | {"depth": 2}
    replayed = finished(captured_run(tapes.TapeRecorder(), **changes))
    assert_same(replayed, finished(captured_run(NoRecorder(), **changes)))


def test_whole_batches_are_replayed_after_a_few():
    recorder = tapes.TapeRecorder()
    finished(captured_run(recorder, n_epochs=3))
    assert recorder.n_captures == 1
    assert recorder.n_replays == 3 * N_WHOLE - captured_step.N_WARM


@pytest.mark.parametrize("n_updates", slow_but(6, [2, 6, 8, 13]))
def test_a_training_resumes_exactly(n_updates):
    """While warming up, after the capture, after the short batch, in epoch 2."""
    whole = finished(captured_run(tapes.TapeRecorder()))
    state = stopped(captured_run(tapes.TapeRecorder()), n_updates)
    torch.manual_seed(99)
    resumed = captured_run(tapes.TapeRecorder())
    resumed.load(state)
    assert_same(finished(resumed), whole)


def test_a_state_may_be_loaded_after_the_capture():
    """The graph of the weights before is not used for the new ones."""
    whole = finished(captured_run(tapes.TapeRecorder()))
    run = captured_run(tapes.TapeRecorder())
    state = stopped(run, 6)
    # Further on, then back.
    stopped(run, 5)
    run.load(state)
    assert_same(finished(run), whole)


def test_a_capture_draws_and_changes_nothing():
    run = captured_run(tapes.TapeRecorder())
    stopped(run, captured_step.N_WARM)
    weights = {n: t.clone() for n, t in run.network.state_dict().items()}
    state = torch.get_rng_state()
    run.steps.recorder.capture(run.steps.whole_step)
    assert torch.equal(torch.get_rng_state(), state)
    for name, tensor in run.network.state_dict().items():
        assert torch.equal(tensor, weights[name])


def kind_of_run(kind: str) -> loop.Run:
    """A run of a kind of network."""
    base = samples.MODEL | {"kind": kind, "n_members": 2, "batch_size": 48}
    if kind == "supertml":
        without = ("preparation", "symmetry")
        base = {k: v for k, v in base.items() if k not in without}
        changes = {"images": {"size": 16}, "network": {"head_width": 8}}
    elif kind == "transformer":
        changes = samples.TRANSFORMER
    else:
        changes = {"network": samples.NETWORK | {"dropout": 0.2}}
    model = samples.model(base, **changes)
    return run_of(model, EVENTS, samples.TWO_BODIES)


@pytest.mark.parametrize("kind", slow_but("transformer", KINDS))
def test_the_host_waits_for_no_value_in_an_update(kind):
    """Of any kind of network: no `.item()`, no mask, no constant from the host."""
    run = kind_of_run(kind)
    batch = run.event_order()[:, :48]
    run.update(0, batch)
    with tapes.Watcher():
        run.step(batch, 0.1)


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda x: x.sum().item(), "waits for a value"),
        (lambda x: x[x > 0], "mask"),
        (lambda x: x.nonzero(), "number of elements"),
        (lambda x: x[[0, 1]], "constants from the host"),
        (lambda x: x * torch.tensor([1.0, 2.0]), "constants from the host"),
    ],
)
def test_a_tape_rejects_what_a_graph_cannot_hold(work, message):
    with pytest.raises(tapes.HostError, match=message), tapes.Tape():
        work(torch.ones(2))


def test_a_tape_repeats_the_numbers_of_its_recording():
    x, factor = torch.ones(2), torch.tensor(2.0)
    numbers = iter([10.0, 20.0])

    def work():
        x.mul_(factor).add_(next(numbers))

    replay = tapes.TapeRecorder().capture(work)
    assert x.tolist() == [1, 1]
    factor.fill_(3.0)
    replay()
    assert x.tolist() == [13, 13]


@pytest.mark.parametrize(
    ("changes", "device", "is_streamed", "expected"),
    [
        ({"capture": True}, CUDA, False, True),
        ({"capture": True}, CPU, False, False),
        ({"capture": True}, CUDA, True, False),
        ({}, CUDA, False, False),
    ],
)
def test_updates_are_captured_on_request(changes, device, is_streamed, expected):
    training = samples.training(**changes)
    possible = captured_step.is_possible(samples.model(), training, device, is_streamed)
    assert possible is expected


def test_networks_of_timm_are_not_captured():
    layers = settings_layers.ImageNetwork(backbone=f"{image_backbones.TIMM}resnet18")
    model = settings_models.SuperTML(network=layers)
    assert not captured_step.is_possible(model, CAPTURED, CUDA, False)


def test_classes_with_decorrelation_are_not_captured():
    """Their penalty takes the shares of the classes from the host."""
    model = samples.model(**class_samples.MODEL)
    penalized = msgspec.structs.replace(model, decorrelation=1.0)
    assert captured_step.is_possible(model, CAPTURED, CUDA, False)
    assert not captured_step.is_possible(penalized, CAPTURED, CUDA, False)


def test_a_failed_capture_names_the_setting(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("operation not permitted\nwhen stream is capturing")

    monkeypatch.setattr(torch.cuda, "Stream", lambda: None)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: None)
    monkeypatch.setattr(torch.cuda, "graph", fail)
    message = r"^training.capture: .*\(operation not permitted\); set it to false$"
    with pytest.raises(logs.InputError, match=message):
        captured_step.CudaRecorder().capture(lambda: None)


@NEEDS_CUDA
@pytest.mark.parametrize("case", CASES)
def test_a_gpu_replays_what_it_takes_at_once(case):
    one, other = (
        finished(plain_run(CUDA, capture, **CASES[case])) for capture in (True, False)
    )
    assert isinstance(one.steps, captured_step.CapturedSteps)
    assert one.steps.replay is not None
    assert_same(one, other, rtol=1e-2, atol=1e-3)


@NEEDS_CUDA
@pytest.mark.parametrize("n_updates", [2, 6, 13])
def test_a_training_on_a_gpu_resumes_in_the_middle(n_updates):
    """Dropout and symmetry draw the same numbers, so that only sums are rounded."""
    whole = finished(plain_run(CUDA, True))
    state = stopped(plain_run(CUDA, True), n_updates)
    torch.manual_seed(99)
    resumed = plain_run(CUDA, True)
    resumed.load(state)
    assert_same(finished(resumed), whole, rtol=1e-4, atol=1e-5)


@NEEDS_CUDA
def test_a_captured_update_needs_little_more_memory():
    """The graph has its own memory for one update; the rest is shared."""
    peaks = []
    for capture in (False, True):
        run = plain_run(CUDA, capture, network=samples.NETWORK | {"width": 2048})
        torch.cuda.reset_peak_memory_stats()
        finished(run)
        peaks.append(torch.cuda.max_memory_reserved())
        del run
        torch.cuda.empty_cache()
    assert peaks[1] < 2.5 * peaks[0]
