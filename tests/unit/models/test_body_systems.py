"""Tests of models.body_systems, and of systems and decays among the features."""

import dataclasses
import json
import math

import numpy as np
import public_sets
import pytest
import torch

from hepfold.core import settings_training
from hepfold.models import body_systems, feature_preparation, feature_schema

TOP_MASS = 172.5
# Columns pt, eta, phi of three visible bodies, then pt and phi of missing momentum.
BODIES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (9, None, 10))


def columns(momenta: torch.Tensor) -> torch.Tensor:
    """Columns (n_events, 3 n) of momenta (n_events, n, 3) in x, y and z."""
    x, y, z = momenta.unbind(dim=2)
    pt = (x**2 + y**2).sqrt()
    parts = torch.stack([pt, (z / pt).asinh(), torch.atan2(y, x)], dim=2)
    return parts.flatten(1)


def decays(mass: float, n_events: int = 200) -> torch.Tensor:
    """Columns of the three massless bodies of a decay at rest, then boosted."""
    torch.manual_seed(1)
    share = torch.distributions.Dirichlet(torch.full((3,), 4.0)).sample((n_events,))
    # Two energies of each body below a half: Dalitz plot of a three-body decay.
    energy = mass / 2 * (1 - share.double() / share.double().sum(1, keepdim=True))
    one, two, three = energy.T
    cos = (three**2 - one**2 - two**2) / (2 * one * two)
    sin = (1 - cos**2).clamp(min=0).sqrt()
    zero = torch.zeros_like(one)
    first = torch.stack([zero, zero, one], dim=1)
    second = torch.stack([two * sin, zero, two * cos], dim=1)
    bodies = torch.stack([first, second, -(first + second)], dim=1)
    rotation = torch.linalg.qr(torch.randn(n_events, 3, 3, dtype=torch.float64)).Q
    bodies = bodies @ rotation
    return columns(boosted(bodies, 0.6 * torch.randn(n_events, 3).double()))


def boosted(bodies: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    """Massless momenta (n_events, n, 3) after a boost gamma beta (n_events, 3)."""
    energy = bodies.norm(dim=2, keepdim=True)
    gamma = (1 + u.square().sum(1)).sqrt()[:, None, None]
    along = (bodies * u[:, None]).sum(2, keepdim=True)
    return bodies + u[:, None] * (along / (gamma + 1) + energy)


def of_all(
    values: torch.Tensor, bodies=BODIES[:3]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mass and transverse momentum (n_events,) of all bodies together."""
    members = body_systems.membership(len(bodies), [range(len(bodies))])
    total = body_systems.summed(body_systems.momenta(values, bodies), members)
    mass, pt = body_systems.masses(total)
    return mass[:, 0], pt[:, 0]


def with_missing(values: torch.Tensor, pt: float, phi: float) -> torch.Tensor:
    """The columns with those of missing momentum."""
    missing = torch.tensor([[pt, phi]], dtype=values.dtype).expand(len(values), 2)
    return torch.cat([values, missing], dim=1)


def test_a_decay_to_three_bodies_has_the_mass_of_what_decays():
    mass, _ = of_all(decays(TOP_MASS))
    torch.testing.assert_close(mass, torch.full_like(mass, TOP_MASS))


def test_transverse_momentum_is_that_of_the_sum():
    values = decays(TOP_MASS)
    x = sum(values[:, 3 * i] * values[:, 3 * i + 2].cos() for i in range(3))
    y = sum(values[:, 3 * i] * values[:, 3 * i + 2].sin() for i in range(3))
    torch.testing.assert_close(of_all(values)[1], (x**2 + y**2).sqrt())


@pytest.mark.parametrize("shift", [-2.0, 0.7])
def test_masses_are_the_same_after_a_boost_along_the_beam(shift):
    values = with_missing(decays(TOP_MASS), 40.0, 0.3)
    moved = values.clone()
    moved[:, [1, 4, 7]] += shift
    for bodies in (BODIES[:3], BODIES):
        for one, other in zip(
            of_all(values, bodies), of_all(moved, bodies), strict=True
        ):
            torch.testing.assert_close(one, other)


def test_masses_are_the_same_after_rotation_and_reflections():
    values = with_missing(decays(TOP_MASS), 40.0, 0.3)
    turned = values.clone()
    turned[:, [2, 5, 8, 10]] = -(values[:, [2, 5, 8, 10]] + 1.1)
    turned[:, [1, 4, 7]] *= -1
    for one, other in zip(of_all(values, BODIES), of_all(turned, BODIES), strict=True):
        torch.testing.assert_close(one, other)


def test_transverse_mass_of_one_body_and_missing_momentum_is_the_usual_one():
    values = torch.tensor([[40.0, 1.5, 0.2, 35.0, 2.9]], dtype=torch.float64)
    mass, _ = of_all(values, ((0, 1, 2), (3, None, 4)))
    expected = math.sqrt(2 * 40 * 35 * (1 - math.cos(2.7)))
    assert mass.item() == pytest.approx(expected)


def test_transverse_mass_is_at_most_the_mass():
    """Missing momentum that is one of the three bodies, whose z is not known."""
    values = decays(TOP_MASS)
    mass, _ = of_all(values, (BODIES[0], BODIES[1], (6, None, 8)))
    assert (mass <= TOP_MASS + 1e-9).all() and mass.max() > 0.9 * TOP_MASS


def test_a_missing_body_makes_its_systems_missing_and_no_others():
    values = with_missing(decays(TOP_MASS), 40.0, 0.3)
    values[0, 3:6] = torch.nan
    systems = body_systems.systems(4, 4)
    total = body_systems.summed(
        body_systems.momenta(values, BODIES), body_systems.membership(4, systems)
    )
    for table in body_systems.masses(total):
        assert table[0].isnan().tolist() == [1 in system for system in systems]
        assert table[1:].isfinite().all()


def test_collinear_bodies_have_a_small_positive_mass():
    values = torch.tensor([[30.0, 0.5, 1.0, 20.0, 0.5, 1.0, 10.0, 0.5, 1.0]]).double()
    mass, pt = of_all(values)
    assert 0 < mass.item() < 0.01 * pt.item() and pt.item() == pytest.approx(60)


@pytest.mark.parametrize(
    ("n_bodies", "largest", "n_systems"),
    [(6, 2, 0), (6, 3, 20), (6, 4, 35), (6, 6, 42), (4, 9, 5), (1, 5, 0)],
)
def test_systems_are_all_combinations(n_bodies, largest, n_systems):
    systems = body_systems.systems(n_bodies, largest)
    assert len(set(systems)) == len(systems) == n_systems


def test_momenta_that_are_not_positive_have_no_systems():
    definition = public_sets.DATASETS["hepmass"]
    schema = feature_schema.Schema.of(definition, definition.features, [], {})
    preparation = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation(systems=4)
    )
    assert preparation.systems.shape[1] == 0


def test_a_schema_with_decays_comes_back_from_its_record():
    definition = public_sets.DATASETS["higgs"]
    units = {body.pt: 50.0 for body in definition.bodies}
    schema = feature_schema.Schema.of(definition, definition.features, [], units)
    record = json.loads(json.dumps(dataclasses.asdict(schema)))
    assert feature_schema.of_record(record) == schema


def test_decays_come_after_systems_and_only_if_wanted():
    definition = public_sets.DATASETS["higgs"]
    units = {body.pt: 50.0 for body in definition.bodies}
    schema = feature_schema.Schema.of(definition, definition.features, [], units)
    inputs = np.random.default_rng(3).uniform(0.2, 2, (50, len(definition.features)))
    values = torch.from_numpy(inputs)
    without, with_decays = (
        feature_preparation.FeaturePreparation(
            schema, settings_training.Preparation(systems=3, decays=decays)
        ).scalars(values)
        for decays in (False, True)
    )
    torch.testing.assert_close(with_decays[:, : without.shape[1]], without)
    n_candidates = len(definition.decays.candidates)
    assert with_decays.shape[1] == without.shape[1] + 1 + 3 * n_candidates
