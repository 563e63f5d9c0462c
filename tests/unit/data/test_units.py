"""Tests of data.units: units are recovered from the steps that rounding left."""

from types import SimpleNamespace

import numpy as np
import public_sets
import pytest

from hepfold.data import units
from hepfold.toys import higgs

HIGGS = public_sets.DATASETS["higgs"]


@pytest.mark.parametrize("offset", [0.0, 0.37])
@pytest.mark.parametrize(
    ("step", "unit", "draw"),
    [
        (0.01, 54.64, lambda rng, n: 20 + rng.exponential(35, n)),
        (0.001, 1.8022, lambda rng, n: rng.uniform(-np.pi, np.pi, n)),
        (0.001, 1.03, lambda rng, n: np.clip(rng.normal(0, 1, n), -2.5, 2.5)),
    ],
)
def test_spacing_of_a_grid_is_recovered(step, unit, draw, offset):
    rounded = np.round(draw(np.random.default_rng(3), 20_000) / step) * step
    values = (rounded / unit + offset).astype("f4")
    assert units.grid_spacing(values) == pytest.approx(step / unit, rel=1e-5)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(3).normal(size=20_000),
        np.repeat([0.0, 1.087, 2.173], 50),
        np.zeros(0),
    ],
)
def test_values_without_a_grid_have_no_spacing(values):
    assert units.grid_spacing(values.astype("f4")) is None


@pytest.mark.slow
def test_units_of_toy_higgs_events_are_recovered():
    table = next(higgs.higgs_blocks(30_000, 5))
    inputs = np.stack([table[n] for n in HIGGS.features], axis=1)
    finder = units.UnitFinder(HIGGS)
    for rows in np.array_split(inputs, 7):
        finder.observe(SimpleNamespace(inputs=rows))
    unit_of = finder.units()
    assert set(unit_of) == {*HIGGS.steps, *HIGGS.factors, "missing_energy_phi"}
    for name, unit in unit_of.items():
        # A factor is of official events.
        rounding = 1e-2 if name in HIGGS.factors else 1e-3
        assert unit == pytest.approx(higgs.UNITS[name], rel=rounding), name


def test_the_largest_azimuth_without_steps_is_pi():
    phi = np.linspace(-np.pi, np.pi, 1001)[:, None]
    definition = SimpleNamespace(
        features=("phi",), scaled_azimuths=("phi",), steps={}, factors={"met": 58.2}
    )
    finder = units.UnitFinder(definition)
    for part in np.array_split(phi / 1.8, 3):
        finder.observe(SimpleNamespace(inputs=part))
    assert finder.units() == pytest.approx({"phi": 1.8, "met": 58.2})
