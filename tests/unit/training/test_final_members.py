"""Tests of training.final_members: members that diverge are dropped alone."""

import math

import pytest
import samples
import torch
from training_runs import finished, new_run

from hepfold.models import networks
from hepfold.training import final_members, loop


def corrupt(run: loop.Run, members: list[int]) -> loop.Run:
    with torch.no_grad():
        run.network.layers[0][0].weight[members] = math.nan
    return run


def finals(run: loop.Run) -> list[dict]:
    return [part.weights for part in final_members.of(finished(run))]


@pytest.mark.parametrize("fraction", [0.0, 0.25])
@pytest.mark.parametrize("average", ["none", "exponential", "snapshots"])
def test_a_member_that_diverges_is_dropped_alone(caplog, fraction, average):
    events = samples.two_gaussians(300)
    validation = samples.two_gaussians(100, 5) if fraction else None
    changes = {
        "average": samples.AVERAGES[average],
        "schedule": samples.SCHEDULES["cosine"],
        "n_epochs": 3,
    }
    whole = finals(new_run(events, validation, **changes))
    run = corrupt(new_run(events, validation, **changes), [1])
    corrupted = finals(run)
    assert "loss of member 1 is not finite" in caplog.text
    assert "loss of member 0" not in caplog.text
    assert len(whole) == len(corrupted) == (2 if average == "snapshots" else 1)
    for before, after in zip(whole, corrupted, strict=True):
        for name, values in networks.selected(before, [0, 2]).items():
            assert torch.equal(values, after[name])


def test_a_member_that_diverges_late_leaves_its_earlier_snapshots():
    run = new_run(
        samples.two_gaussians(300),
        samples.two_gaussians(100, 5),
        average={"kind": "snapshots", "n_last": 3},
        schedule=samples.SCHEDULES["cosine"],
        n_epochs=3,
    )

    def corrupt_in_second_epoch(run):
        if (run.epoch, run.i_update) == (2, 1):
            corrupt(run, [1])

    run.finish(corrupt_in_second_epoch)
    sets = [part.weights["output.bias"] for part in final_members.of(run)]
    assert [len(weights) for weights in sets] == [3, 2, 2]


def test_weights_that_diverge_in_the_last_update_are_not_used():
    """Without validation, the loss is that before the update."""
    run = new_run(samples.two_gaussians(64), n_epochs=1)
    run.finish(lambda run: corrupt(run, [2]))
    ((weights, positions, _),) = final_members.of(run)
    assert len(weights["output.bias"]) == 2
    assert positions == [0, 1]
