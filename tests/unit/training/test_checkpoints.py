"""Tests of training.checkpoints: a resumed training has bit-identical results."""

import copy
import functools
import shutil

import class_samples
import numpy as np
import pytest
import samples
import torch

from hepfold.core import files
from hepfold.training import checkpoints, loop

EVENTS = samples.two_bodies(200)
# Three updates per epoch of each of three epochs.
BASE = {
    "schema_": samples.TWO_BODIES,
    "preparation": samples.VECTORS,
    "batch_size": 50,
    "n_epochs": 3,
    "n_members": 2,
}
CASES = {
    "sgd": {"optimizer": samples.OPTIMIZERS["sgd"]},
    "muon": {
        "optimizer": samples.OPTIMIZERS["muon"],
        "network": samples.NETWORK | {"depth": 2},
    },
    "augmentation_and_dropout": {
        "symmetry": {"use": "augmentation", "n_views": 4},
        "network": samples.NETWORK | {"dropout": 0.3, "batch_norm": True},
    },
    "tabm": {"kind": "tabm"},
    "transformer": {**samples.TRANSFORMER, "max_gradient_norm": 0.1},
    # Killed during the six updates of pretraining, three for each layer.
    "pretrained": {
        "network": samples.NETWORK | {"depth": 2, "pretrained_epochs": 1},
        "n_epochs": 1,
    },
    "no_validation": {"validation_fraction": 0.0},
    "plateau": {
        "schedule": samples.SCHEDULES["plateau"],
        "learning_rate": 1.0,
        "n_epochs": 8,
    },
    "one_cycle": {"schedule": samples.SCHEDULES["one_cycle"]},
    "stopping": {
        "stopping": samples.STOPPING | {"patience": 2, "min_relative_change": 0.01},
        "learning_rate": 1.0,
        "n_epochs": 20,
    },
    **{
        average: {
            "average": settings,
            "schedule": samples.SCHEDULES["cosine"],
        }
        for average, settings in samples.AVERAGES.items()
    },
}


class KilledError(Exception):
    """Interrupts a training in a test."""


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The path of checkpoints, which are saved after every update."""
    monkeypatch.setattr(checkpoints, "SAVE_EVERY_S", 0.0)
    return tmp_path / "model.state"


@pytest.fixture
def killed(path, monkeypatch):
    """A function that trains until `n_updates` are done and saved."""
    save = checkpoints.Keeper.save

    def train(n_updates: int, **changes):
        done = []

        def save_and_die(keeper, run):
            save(keeper, run)
            done.append(keeper)
            if len(done) == n_updates:
                raise KilledError

        with monkeypatch.context() as patch, pytest.raises(KilledError):
            patch.setattr(checkpoints.Keeper, "save", save_and_die)
            samples.train(EVENTS, state_path=path, **BASE | changes)
        assert path.exists()

    return train


def train(path, events=EVENTS, **changes):
    """A whole training, as a job does it."""
    trained = samples.train(events, state_path=path, **BASE | changes)
    checkpoints.forget(path)
    return trained


def assert_equal(one, other):
    """The same history, weights and scores, bit-identical."""
    (model, history), (expected, expected_history) = one, other
    assert history == expected_history
    for name, weights in expected.network.state_dict().items():
        assert torch.equal(model.network.state_dict()[name], weights), name
    np.testing.assert_array_equal(
        model.score(EVENTS.inputs), expected.score(EVENTS.inputs)
    )


@functools.cache
def undisturbed(case: str):
    """A training that nothing has stopped."""
    return samples.train(EVENTS, **BASE | CASES[case])


QUICK = {"muon", "augmentation_and_dropout", "pretrained", "snapshots"}


# In the middle of the second epoch; in the first, at the ends of two, in the third.
@pytest.mark.parametrize(
    ("case", "n_updates"),
    [
        pytest.param(
            case,
            n_updates,
            marks=() if case in QUICK and n_updates == 5 else pytest.mark.slow,
        )
        for case in CASES
        for n_updates in (5, 1, 3, 6, 8)
    ],
)
def test_a_resumed_training_ends_as_an_undisturbed_one(killed, path, case, n_updates):
    changes = CASES[case]
    expected = undisturbed(case)
    killed(n_updates, **changes)
    assert_equal(train(path, **changes), expected)
    assert list(path.parent.iterdir()) == []


def test_a_resumed_training_of_several_classes_ends_the_same(killed, path, monkeypatch):
    events = class_samples.events(200)
    monkeypatch.setitem(globals(), "EVENTS", events)
    changes = {"schema_": class_samples.schema(), **class_samples.MODEL}
    changes["preparation"] = samples.MODEL["preparation"]
    expected = samples.train(events, **BASE | changes)
    killed(5, **changes)
    assert_equal(train(path, events, **changes), expected)


@pytest.mark.parametrize(
    "case", ["stochastic", "snapshots", "plateau", "muon", "stopping"]
)
def test_the_whole_state_is_restored(killed, path, monkeypatch, case):
    killed(8, **CASES[case])
    saved = torch.load(path, weights_only=True)["run"]

    def compare(run, save):
        assert_same(run.state(), saved)
        raise KilledError

    monkeypatch.setattr(loop.Run, "finish", compare)
    with pytest.raises(KilledError):
        train(path, **CASES[case])


def assert_same(one, other):
    if isinstance(one, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list | tuple):
        for first, second in zip(one, other, strict=True):
            assert_same(first, second)
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    else:
        assert one == other


def test_a_training_may_be_killed_again_and_again(killed, path, caplog):
    changes = CASES["augmentation_and_dropout"]
    expected = undisturbed("augmentation_and_dropout")
    for _ in range(4):
        killed(2, **changes)
    caplog.set_level("INFO")
    assert_equal(train(path, **changes), expected)
    assert "Resumed in epoch 2 of 3" in caplog.text or "epoch 3 of 3" in caplog.text


def test_the_state_of_other_settings_is_not_used(killed, path, caplog):
    caplog.set_level("INFO")
    killed(4)
    other = {"learning_rate": 0.02}
    assert_equal(train(path, **other), train(path, **other))
    assert "state is of another training" in caplog.text
    assert "Resumed" not in caplog.text


@pytest.mark.parametrize("part", ["inputs", "label", "weight", "seed"])
def test_the_state_of_other_events_is_not_used(killed, path, caplog, part):
    """The same number of events, with one different value."""
    caplog.set_level("INFO")
    killed(4)
    events, seed = copy.deepcopy(EVENTS), 1
    if part == "seed":
        seed = 2
    elif part == "label":
        events.label[7] = 1 - events.label[7]
    else:
        getattr(events, part)[7] *= 1.01
    samples.train(events, seed, state_path=path, **BASE)
    assert "state is of another training" in caplog.text


@pytest.mark.parametrize("n_bytes", [0, 10, 1000, -100])
def test_a_damaged_state_is_reported_and_not_used(killed, path, caplog, n_bytes):
    killed(4)
    path.write_bytes(path.read_bytes()[:n_bytes])
    assert_equal(train(path), train(path))
    assert "model.state is damaged" in caplog.text
    assert list(path.parent.iterdir()) == []


def test_a_state_that_holds_code_is_not_run(path, caplog):
    class Code:
        def __reduce__(self):
            return shutil.rmtree, (str(path.parent),)

    torch.save({"digest": Code()}, path)
    train(path)
    assert "model.state is damaged" in caplog.text
    assert path.parent.exists()


def test_states_are_saved_at_intervals(path, monkeypatch):
    monkeypatch.setattr(checkpoints, "SAVE_EVERY_S", 3600.0)
    keeper = checkpoints.Keeper(str(path), "")
    keeper.save(None)
    assert not path.exists()


def test_the_end_leaves_no_state(path):
    """Nor the partial file of a job that was killed while saving."""
    with files.replacing(str(path)) as half_written:
        half_written.touch()
    half_written.touch()
    train(path)
    assert list(path.parent.iterdir()) == []
