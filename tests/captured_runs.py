"""Runs of the training loop whose updates are captured, on a CPU by a tape."""

import io

import samples
import tapes
import torch

from hepfold.core import settings_models
from hepfold.data import event_arrays, weights
from hepfold.models import feature_schema, zoo
from hepfold.training import captured_step, fit, loop, training_data

CPU = torch.device("cpu")
# Seven whole batches and a short one: three updates warm up, and the next is captured.
EVENTS = samples.two_bodies(360)
N_WHOLE = 7
CHANGES = {
    "preparation": samples.VECTORS,
    "symmetry": {"use": "augmentation", "n_views": 1},
    "network": samples.NETWORK | {"depth": 2, "width": 8, "dropout": 0.3},
    "n_members": 2,
    "batch_size": 48,
    "n_epochs": 2,
    "schedule": samples.SCHEDULES["one_cycle"],
    "average": samples.AVERAGES["exponential"],
}


class NoRecorder(tapes.TapeRecorder):
    """Records nothing: all updates are taken one by one."""

    def capture(self, work):
        """The work itself."""
        return work


def run_of(
    model: settings_models.GradientModel,
    events: event_arrays.Events,
    schema: feature_schema.Schema,
    device: torch.device = CPU,
    **training,
) -> loop.Run:
    """A run of a model of any kind, before its first update."""
    torch.manual_seed(3)
    settings = samples.training(device=device.type, **training)
    kind = zoo.model_class(model)
    preparation = kind.fitted_preparation(schema, model, events, 1)
    ensemble = kind.assembled(preparation, model, model.n_members, settings)
    balanced = weights.balanced(events)
    parts = balanced, balanced.rows(0, 100)
    data = [training_data.prepared(ensemble, part) for part in parts]
    return fit.new_run(ensemble, data, model, settings)


def plain_run(device: torch.device = CPU, capture: bool = False, **changes) -> loop.Run:
    """A run of MLPs on two bodies; on a CPU, without a captured update."""
    model = samples.model(**CHANGES | changes)
    return run_of(model, EVENTS, samples.TWO_BODIES, device, capture=capture)


def captured_run(recorder: captured_step.Recorder, **changes) -> loop.Run:
    """The same, with updates that a recorder captures."""
    run = plain_run(**changes)
    run.steps = captured_step.CapturedSteps(
        run.step, run.network, run.model, run.average, run.n_updates, recorder
    )
    run.optimizer = run.steps.optimizer
    return run


class StoppedError(Exception):
    """Ends a training in a test."""


def stopped(run: loop.Run, n_updates: int) -> dict:
    """The state of a run after a number of updates, as from its file."""
    done, states = [], []

    def stop(run):
        done.append(run)
        if len(done) == n_updates:
            file = io.BytesIO()
            torch.save(run.state(), file)
            file.seek(0)
            states.append(torch.load(file, weights_only=True, map_location="cpu"))
            raise StoppedError

    try:
        run.finish(stop)
    except StoppedError:
        return states[0]
    raise AssertionError(f"the training has fewer than {n_updates} updates")


def finished(run: loop.Run) -> loop.Run:
    """The run after its last epoch."""
    run.finish(lambda run: None)
    return run


def results(run: loop.Run) -> dict[str, torch.Tensor]:
    """The weights of a run, their mean and its losses."""
    network, mean = run.network.state_dict(), run.average.state()
    loss = torch.tensor([row["loss"] for row in run.history])
    means = {f"mean {name}": tensor for name, tensor in mean.items()}
    return network | means | {"loss": loss}


def assert_same(one: loop.Run, other: loop.Run, **tolerance: float) -> None:
    """Check that two runs have equal results, bit-identical without a tolerance."""
    expected = results(other)
    for name, tensor in results(one).items():
        if tolerance:
            torch.testing.assert_close(tensor, expected[name], msg=name, **tolerance)
        else:
            assert torch.equal(tensor, expected[name]), name
