"""Tests of toys.derived_features: closed forms, symmetries, and official events.

Those of the official events need their file in data/.
"""

from pathlib import Path

import numpy as np
import polars as pl
import public_sets
import pytest

from hepfold.toys import derived_features, official_columns
from hepfold.toys.derived_features import Momentum

OFFICIAL = Path(__file__).parents[3] / "data" / "atlas-higgs-challenge-2014-v2.csv.gz"
HALF_LAST_DIGIT = 0.0005
TAU_MASS_THREE_PRONG_GEV = 1.2
# Computed with quantities that the file lacks; see `derived_features.derive`.
NOT_IN_FILE = {"DER_mass_MMC", "DER_mass_jet_jet", "DER_mass_vis"}


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def primitive(rng):
    """Random PRI_ features of 500 events, NaN where there is no jet."""
    n_events = 500
    table = {"PRI_met": rng.exponential(40, n_events)}
    table["PRI_met_phi"] = rng.uniform(-np.pi, np.pi, n_events)
    table["PRI_jet_num"] = rng.integers(0, 4, n_events)
    for name, n_needed in [("tau", 0), ("lep", 0), ("leading", 1), ("subleading", 2)]:
        name = f"PRI_{name}" if n_needed == 0 else f"PRI_jet_{name}"
        absent = np.where(table["PRI_jet_num"] < n_needed, np.nan, 0)
        table[f"{name}_pt"] = 20 + rng.exponential(30, n_events) + absent
        table[f"{name}_eta"] = rng.normal(0, 1.5, n_events) + absent
        table[f"{name}_phi"] = rng.uniform(-np.pi, np.pi, n_events) + absent
    table["PRI_jet_all_pt"] = table["PRI_jet_num"] * 40.0
    return table


def random_momentum(rng, mass=0.0, n_events=300):
    return Momentum(
        pt=rng.exponential(40, n_events) + 1,
        phi=rng.uniform(-np.pi, np.pi, n_events),
        eta=rng.normal(0, 1.5, n_events),
        mass=mass,
    )


def four_vector(momentum):
    """(energy, px, py, pz), written out the long way."""
    vector = momentum.pt * np.array(
        [np.cos(momentum.phi), np.sin(momentum.phi), np.sinh(momentum.eta)]
    )
    energy = np.sqrt((vector**2).sum(axis=0) + momentum.mass**2)
    return np.array([energy, *vector])


def assert_derived_equal(a, b, rtol=1e-9, atol=1e-9):
    for name in official_columns.HIGGSML_DERIVED:
        np.testing.assert_allclose(a[name], b[name], rtol, atol, err_msg=name)


def test_derive_gives_the_official_columns_in_order(primitive):
    assert tuple(derived_features.derive(primitive)) == official_columns.HIGGSML_DERIVED


def test_features_of_two_jets_are_missing_exactly_where_a_jet_is(primitive):
    derived = derived_features.derive(primitive)
    for name in official_columns.HIGGSML_DERIVED:
        needs_jets = "jet" in name or name == "DER_lep_eta_centrality"
        if name != "DER_mass_MMC":
            expected = needs_jets & (primitive["PRI_jet_num"] < 2)
            assert np.array_equal(np.isnan(derived[name]), expected), name


def test_derive_leaves_its_input_alone(primitive):
    before = {name: values.copy() for name, values in primitive.items()}
    derived_features.derive(primitive)
    for name, values in primitive.items():
        np.testing.assert_array_equal(values, before[name])


def test_rotation_about_the_beam_changes_nothing(primitive):
    angles = {
        name: derived_features.wrap_angle(values + 2.345)
        for name, values in primitive.items()
        if name.endswith("phi")
    }
    rotated = derived_features.derive(primitive | angles)
    assert_derived_equal(rotated, derived_features.derive(primitive))


@pytest.mark.parametrize("direction", ["eta", "phi"])
def test_reflection_changes_nothing(primitive, direction):
    mirrored = {k: -v for k, v in primitive.items() if k.endswith(direction)}
    reflected = derived_features.derive(primitive | mirrored)
    assert_derived_equal(reflected, derived_features.derive(primitive))


def test_wrapped_angle_is_the_same_direction_within_pi(rng):
    angle = rng.uniform(-20, 20, 1000)
    wrapped = derived_features.wrap_angle(angle)
    assert np.all(np.abs(wrapped) <= np.pi)
    np.testing.assert_allclose(np.exp(1j * wrapped), np.exp(1j * angle))


def test_delta_r_takes_the_short_way_round():
    a, b = Momentum(1.0, 3.1, 0.0), Momentum(1.0, -3.1, 0.0)
    assert derived_features.delta_r(a, b) == pytest.approx(2 * np.pi - 6.2)


def test_mass_of_a_back_to_back_pair_is_twice_its_momentum(rng):
    a = random_momentum(rng)
    b = Momentum(a.pt, a.phi + np.pi, -a.eta)
    mass = derived_features.invariant_mass(a, b)
    np.testing.assert_allclose(mass, 2 * a.pt * np.cosh(a.eta))


def test_mass_of_parallel_massless_particles_is_zero(rng):
    a = random_momentum(rng)
    assert np.all(derived_features.invariant_mass(a, a._replace(pt=3 * a.pt)) == 0)


def test_mass_of_near_parallel_particles_keeps_its_digits():
    a, b = Momentum(50.0, 1e-6, 0.0), Momentum(50.0, 0.0, 0.0)
    assert derived_features.invariant_mass(a, b) == pytest.approx(50e-6, rel=1e-9)


def test_mass_of_three_massive_particles_is_that_of_their_sum(rng):
    momenta = [random_momentum(rng, mass) for mass in (0.0, 1.8, 80.4)]
    energy, *vector = sum(four_vector(momentum) for momentum in momenta)
    expected = np.sqrt(energy**2 - sum(component**2 for component in vector))
    np.testing.assert_allclose(derived_features.invariant_mass(*momenta), expected)


def test_a_boost_along_the_beam_keeps_the_mass(rng):
    a, b = random_momentum(rng), random_momentum(rng)
    boosted = (side._replace(eta=side.eta + 0.7) for side in (a, b))
    expected = derived_features.invariant_mass(a, b)
    np.testing.assert_allclose(derived_features.invariant_mass(*boosted), expected)


def test_transverse_mass_ends_at_the_mass_of_the_w():
    cosine = np.linspace(-0.999, 0.999, 201)
    pt, w_mass = 80.4 / 2 * np.sqrt(1 - cosine**2), 80.4
    lep, neutrino = Momentum(pt, 0.3), Momentum(pt, 0.3 + np.pi)
    mass = derived_features.transverse_mass(lep, neutrino)
    np.testing.assert_allclose(mass, w_mass * np.sqrt(1 - cosine**2))
    assert mass.max() == pytest.approx(w_mass)


def test_transverse_mass_never_exceeds_the_mass(rng):
    a, b = random_momentum(rng), random_momentum(rng)
    mass = derived_features.invariant_mass(a, b)
    assert np.all(derived_features.transverse_mass(a, b) <= mass * (1 + 1e-12))


@pytest.mark.parametrize(
    ("phi", "expected"),
    [(0.5, np.sqrt(2)), (0.0, 1), (1.0, 1), (0.5 + np.pi, -np.sqrt(2))],
)
def test_phi_centrality_between_0_and_1_rad(phi, expected):
    centrality = derived_features.phi_centrality(*np.array([[phi], [0.0], [1.0]]))
    assert centrality == pytest.approx(expected)


def test_phi_centrality_of_one_direction_is_zero():
    angle = np.array([0.4])
    assert derived_features.phi_centrality(angle + 1, angle, angle) == 0


@pytest.mark.parametrize(
    ("eta", "expected"), [(1.0, 1), (-1.0, np.exp(-1)), (3.0, np.exp(-1)), (99.0, 0)]
)
def test_eta_centrality_between_minus_1_and_3(eta, expected):
    centrality = derived_features.eta_centrality(*np.array([[eta], [-1.0], [3.0]]))
    assert centrality == pytest.approx(expected)


def test_eta_centrality_without_a_gap_is_zero():
    eta, same = np.array([0.2, 0.3]), np.array([0.2, 0.2])
    assert derived_features.eta_centrality(eta, same, same).tolist() == [0, 0]


def visible_pair_and_met(rng, ratios):
    """Two visible momenta, and the missing one of neutrinos along them."""
    a, b = random_momentum(rng), random_momentum(rng)
    vector = sum(
        ratio * derived_features.transverse(side)
        for ratio, side in zip(ratios, (a, b), strict=True)
    )
    return a, b, Momentum(np.abs(vector), np.angle(vector))


def test_collinear_mass_is_exact_for_collinear_neutrinos(rng):
    a, b, met = visible_pair_and_met(rng, (0.8, 1.5))
    full = a._replace(pt=1.8 * a.pt), b._replace(pt=2.5 * b.pt)
    mass = derived_features.collinear_mass(a, b, met, met_resolution=0)
    np.testing.assert_allclose(mass, derived_features.invariant_mass(*full), rtol=1e-6)


def test_collinear_mass_is_missing_where_neutrinos_point_backward(rng):
    a, b, met = visible_pair_and_met(rng, (-0.8, -1.5))
    along_a, along_b = (np.cos(met.phi - side.phi) for side in (a, b))
    mass = derived_features.collinear_mass(a, b, met, met_resolution=10)
    assert np.array_equal(np.isnan(mass), (along_a <= 0) & (along_b <= 0))
    assert np.isnan(mass).mean() > 0.5


def test_collinear_mass_of_a_back_to_back_pair_is_finite(rng):
    a, _, met = visible_pair_and_met(rng, (0.5, 0.5))
    b = Momentum(a.pt, a.phi + np.pi, -a.eta)
    mass = derived_features.collinear_mass(a, b, met, met_resolution=10)
    assert np.all(mass[~np.isnan(mass)] < 1000 * a.pt.max())


def test_neutrino_ratios_minimize_their_cost(rng):
    a, b, met = (rng.normal(0, 40, 300) + 1j * rng.normal(0, 40, 300) for _ in range(3))

    def cost(r_a, r_b):
        misfit = np.abs(met - r_a * a - r_b * b) ** 2
        return misfit + 10**2 * (r_a**2 + r_b**2)

    best = derived_features.neutrino_ratios(a, b, met, 10)
    assert np.all(np.array(best) >= 0)
    for step_a, step_b in rng.normal(0, 0.1, (50, 2)):
        other = np.maximum(best[0] + step_a, 0), np.maximum(best[1] + step_b, 0)
        assert np.all(cost(*best) <= cost(*other) + 1e-9)


@pytest.fixture(scope="module")
def official():
    """Columns of the official file, NaN where undefined."""
    if not OFFICIAL.exists():
        pytest.skip(f"no {OFFICIAL.name} in data/")
    form = public_sets.DATASETS["higgsml"]
    table = pl.read_csv(OFFICIAL, columns=list(form.features)).cast(pl.Float64)
    columns = {name: table[name].to_numpy() for name in table.columns}
    return {k: np.where(v == form.missing[0], np.nan, v) for k, v in columns.items()}


def rounding_bounds(primitive, derived):
    """How far each feature can be off: its own last digit and those of its inputs.

    A change of input by half its last digit is tried both ways, since some features
    jump (an angle across pi). Second order is covered by 2 % of slack.
    """
    bounds = {name: np.full(len(v), HALF_LAST_DIGIT) for name, v in derived.items()}
    for name in set(primitive) - {"PRI_jet_num"}:
        shifted = [
            derived_features.derive(primitive | {name: primitive[name] + shift})
            for shift in (-HALF_LAST_DIGIT, HALF_LAST_DIGIT)
        ]
        for key, bound in bounds.items():
            changes = [np.abs(other[key] - derived[key]) for other in shifted]
            bound += 1.02 * np.nan_to_num(np.fmax(*changes))
    return bounds


def test_official_features_come_back_within_their_rounding(official, monkeypatch):
    primitive = {name: official[name] for name in official_columns.HIGGSML_PRIMITIVE}
    derived = derived_features.derive(primitive)
    bounds = rounding_bounds(primitive, derived)
    for name in set(official_columns.HIGGSML_DERIVED) - NOT_IN_FILE:
        missing = np.isnan(official[name])
        assert np.array_equal(np.isnan(derived[name]), missing), name
        assert np.all(
            (np.abs(derived[name] - official[name]) <= bounds[name])[~missing]
        )

    # Either mass of the tau explains every event.
    monkeypatch.setattr(derived_features, "TAU_MASS_GEV", TAU_MASS_THREE_PRONG_GEV)
    masses = derived["DER_mass_vis"], derived_features.derive(primitive)["DER_mass_vis"]
    misfit = np.min(
        [np.abs(mass - official["DER_mass_vis"]) for mass in masses], axis=0
    )
    assert np.all(misfit <= bounds["DER_mass_vis"])

    # Massless jets give a lower limit, and rarely a bad one.
    excess = official["DER_mass_jet_jet"] - derived["DER_mass_jet_jet"]
    assert np.nanmin(excess + bounds["DER_mass_jet_jet"]) >= 0
    assert np.nanmedian(excess / official["DER_mass_jet_jet"]) < 0.01


def test_collinear_mass_follows_the_official_one(official):
    expected = official["DER_mass_MMC"]
    mass = derived_features.derive(official)["DER_mass_MMC"]
    both = ~np.isnan(expected) & ~np.isnan(mass)
    logarithms = np.log(expected[both]), np.log(mass[both])
    assert np.corrcoef(logarithms)[0, 1] > 0.85
