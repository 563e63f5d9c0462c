"""Tests of models.symmetries: prepared features rotate like the momenta."""

import math

import numpy as np
import public_sets
import pytest
import torch

from hepfold.core import settings_training
from hepfold.models import feature_preparation, feature_schema, symmetries

DEFINITION = public_sets.DATASETS["higgsml"]
UNITS = {"PRI_tau_phi": 1.8, "PRI_met_phi": 1.7, "PRI_lep_eta": 1.1}


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    rng = np.random.default_rng(4)
    table = {name: rng.normal(size=400) for name in DEFINITION.continuous}
    for body in DEFINITION.bodies:
        table[body.pt] = rng.exponential(30, 400) + 20
        unit = UNITS.get(body.phi, 1.0)
        table[body.phi] = rng.uniform(-np.pi, np.pi, 400) / unit
    for name in DEFINITION.bodies[-1].names:
        table[name][:100] = np.nan
    return np.stack([table[name] for name in DEFINITION.continuous], axis=1)


@pytest.fixture(scope="module", params=["standard", "quantile"])
def preparation(request, inputs) -> feature_preparation.FeaturePreparation:
    schema = feature_schema.Schema.of(DEFINITION, DEFINITION.continuous, [], UNITS)
    preparation = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation(request.param, True, True)
    )
    preparation.fit(inputs)
    return preparation


def turned(inputs: np.ndarray, angle: float, sign_y: int, sign_z: int) -> np.ndarray:
    """The events with rotated and reflected physical features."""
    out = inputs.copy()
    for body in DEFINITION.bodies:
        i, unit = DEFINITION.continuous.index(body.phi), UNITS.get(body.phi, 1.0)
        phi = inputs[:, i] * unit + angle
        out[:, i] = sign_y * ((phi + np.pi) % (2 * np.pi) - np.pi) / unit
        if body.eta:
            out[:, DEFINITION.continuous.index(body.eta)] *= sign_z
    return out


@pytest.mark.parametrize("signs", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
@pytest.mark.parametrize("angle", [0.0, 0.7, 3.0])
def test_rotation_and_preparation_commute(inputs, preparation, angle, signs):
    first = preparation(torch.from_numpy(turned(inputs, angle, *signs)))
    prepared = preparation(torch.from_numpy(inputs))
    then = symmetries.turned(prepared, preparation.columns, torch.tensor(angle), *signs)
    torch.testing.assert_close(first, then, rtol=1e-5, atol=2e-6)


def test_common_orientation_is_invariant_under_rotations(inputs, preparation):
    columns = preparation.columns
    prepared = preparation(torch.from_numpy(inputs))
    once = symmetries.oriented(prepared, columns)
    other = preparation(torch.from_numpy(turned(inputs, 2.1, -1, -1)))
    again = symmetries.oriented(other, columns)
    torch.testing.assert_close(once, again, rtol=1e-4, atol=1e-4)
    assert once[:, columns.y][:, 0].abs().max() < 1e-5
    assert (once[:, columns.x][:, 0] > 0).all()
    assert (once[:, columns.y][:, 1] > -1e-5).all()
    assert (once[:, columns.odd][:, 0] >= 0).all()


def test_an_event_without_a_first_vector_stays_as_it_points(inputs, preparation):
    """Missing momentum is prepared as zero, which has no direction."""
    columns = preparation.columns
    prepared = preparation(torch.from_numpy(inputs))
    prepared[:, [columns.x.start, columns.y.start]] = 0.0
    out = symmetries.oriented(prepared, columns)
    torch.testing.assert_close(out[:, columns.x], prepared[:, columns.x])
    y = prepared[:, columns.y]
    sign = torch.where(y[:, 1:2] < 0, -1.0, 1.0)
    torch.testing.assert_close(out[:, columns.y], y * sign)


def test_random_turns_keep_what_is_invariant(inputs, preparation):
    columns = preparation.columns
    prepared = preparation(torch.from_numpy(inputs)).expand(3, -1, -1)
    torch.manual_seed(1)
    out = symmetries.turned_at_random(prepared, columns)
    scalars = slice(0, columns.n_scalars)
    torch.testing.assert_close(out[..., scalars], prepared[..., scalars])

    def length(events):
        return torch.hypot(events[..., columns.x], events[..., columns.y])

    torch.testing.assert_close(length(out), length(prepared))
    odd = out[..., columns.odd].abs()
    torch.testing.assert_close(odd, prepared[..., columns.odd].abs())
    assert not torch.equal(out[0], out[1])


def test_random_turns_are_even(preparation):
    """Each octant and each sign is as likely as any other, to five sigma."""
    columns, n = preparation.columns, 40_000
    event = torch.ones(n, columns.y.stop)
    event[:, columns.y] = 0.0
    torch.manual_seed(2)
    out = symmetries.turned_at_random(event, columns)
    phi = torch.atan2(out[:, columns.y.start], out[:, columns.x.start])
    octants = torch.histc(phi, 8, -math.pi, math.pi)
    assert (octants - n / 8).abs().max() < 5 * (n / 8) ** 0.5
    n_mirrored = (out[:, columns.odd.start] < 0).sum()
    assert abs(n_mirrored - n / 2) < 5 * (n / 4) ** 0.5


def test_views_are_even_and_begin_with_the_event(inputs, preparation):
    columns = preparation.columns
    prepared = preparation(torch.from_numpy(inputs))
    views = torch.stack(
        [symmetries.turned_evenly(prepared, columns, i, 8, 5) for i in range(8)]
    )
    torch.testing.assert_close(views[0, 0], prepared)
    # Over all reflections and angles, components average to zero for each member.
    for part in (columns.odd, columns.x, columns.y):
        mean = views[..., part].mean(0)
        torch.testing.assert_close(mean, torch.zeros_like(mean), rtol=0, atol=1e-5)


@pytest.mark.parametrize("n_views", [1, 2, 4, 8])
def test_views_of_all_members_are_equal_angles(preparation, n_views):
    columns, n_members = preparation.columns, 5
    event = torch.zeros(1, columns.y.stop)
    event[:, columns.x] = 1.0
    views = torch.stack(
        [
            symmetries.turned_evenly(event, columns, i, n_views, n_members)
            for i in range(n_views)
        ]
    )
    # A reflection shows in y; undone, the circle is cut into equal parts.
    phi = torch.atan2(views[..., columns.y.start], views[..., columns.x.start])
    signs = torch.tensor([1.0, -1.0, 1.0, -1.0] * 2)[:n_views, None, None]
    angles = (phi * signs).flatten() % (2 * math.pi)
    n_angles = n_members * math.ceil(n_views / 4)
    steps = angles / (2 * math.pi / n_angles)
    torch.testing.assert_close(steps, steps.round(), rtol=0, atol=1e-4)
    counts = (steps.round() % n_angles).long().bincount(minlength=n_angles)
    assert (counts == n_views * n_members / n_angles).all()
