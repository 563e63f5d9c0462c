"""Tests of models.decay_candidates: closed forms of decays, and their invariance."""

import itertools
import logging
import math

import public_sets
import pytest
import torch

from hepfold.core import parsing, settings_decays
from hepfold.models import body_systems, decay_candidates

BODIES = ("lepton", "met", "jet1", "jet2", "jet3", "jet4")
JETS = list(BODIES[2:])
# Columns of pt, eta and phi of the lepton and the jets, with those of missing momentum.
COLUMNS = ((0, 1, 2), (3, None, 4), *((i, i + 1, i + 2) for i in range(5, 17, 3)))
ETA, PHI = [1, 6, 9, 12, 15], [2, 4, 7, 10, 13, 16]
W_MASS, TOP_MASS = 80.4, 172.5
DECLARED = {
    "neutrinos": {"neutrino": {"met": "met", "lepton": "lepton", "mass": W_MASS}},
    "candidates": {
        "W": {"any_of": JETS, "n": 2, "mass": W_MASS, "width": 10},
        "top": {
            "bodies": ["W"],
            "any_of": JETS,
            "n": 1,
            "mass": TOP_MASS,
            "width": 18,
        },
        "leptonic": {
            "bodies": ["lepton", "neutrino"],
            "any_of": JETS,
            "n": 1,
            "mass": TOP_MASS,
            "width": 20,
        },
        "pair": {"bodies": ["top", "leptonic"]},
    },
}
W, TOP, LEPTONIC, PAIR = range(4)


def random_events(n_events: int = 300) -> torch.Tensor:
    """Columns of bodies with random momenta, in GeV."""
    torch.manual_seed(2)
    values = torch.zeros(n_events, 17, dtype=torch.float64)
    values[:, [0, 3, 5, 8, 11, 14]] = 20 + 40 * torch.rand(n_events, 6).double()
    values[:, ETA] = torch.randn(n_events, 5).double()
    values[:, PHI] = 2 * math.pi * torch.rand(n_events, 6).double()
    return values


def computed(values: torch.Tensor, declared: dict = DECLARED) -> tuple:
    """Distances, chi-squares, masses and transverse momenta of candidates."""
    decays = parsing.parse(declared, settings_decays.Decays)
    candidates = decay_candidates.Candidates(BODIES, decays)
    return candidates(body_systems.momenta(values, COLUMNS))


def four_momentum(event: list[float], body: str) -> list[float]:
    """Energy, x, y, z of the lepton or a jet."""
    pt, eta, phi = (event[i] for i in COLUMNS[BODIES.index(body)])
    return [
        pt * math.cosh(eta),
        pt * math.cos(phi),
        pt * math.sin(phi),
        pt * math.sinh(eta),
    ]


def mass_of(*momenta: list[float]) -> float:
    """Invariant mass of energies and momenta."""
    energy, x, y, z = (sum(parts) for parts in zip(*momenta, strict=True))
    return math.sqrt(max(energy**2 - x**2 - y**2 - z**2, 0))


def both_neutrinos(event: list[float]) -> list[list[float]]:
    """Solutions of (p + k)^2 = m^2 for the neutrino, as a quadratic equation in z."""
    energy, x, y, z = four_momentum(event, "lepton")
    pt, phi = event[3], event[4]
    k_x, k_y = pt * math.cos(phi), pt * math.sin(phi)
    half = W_MASS**2 / 2 + x * k_x + y * k_y
    # energy^2 (pt^2 + k_z^2) = (half + z k_z)^2
    a, b = energy**2 - z**2, -2 * half * z
    c = (energy * pt) ** 2 - half**2
    discriminant = b**2 - 4 * a * c
    if discriminant < 0:
        eta = event[1]
        return [[pt * math.cosh(eta), k_x, k_y, pt * math.sinh(eta)]]
    roots = [(-b + sign * math.sqrt(discriminant)) / (2 * a) for sign in (1, -1)]
    return [[math.hypot(pt, k_z), k_x, k_y, k_z] for k_z in roots]


def best_pair(event: list[float]) -> tuple[float, float]:
    """Smallest chi-square of a top-quark pair, and its mass, by enumeration."""
    lepton, results = four_momentum(event, "lepton"), []
    jets = [four_momentum(event, jet) for jet in JETS]
    for neutrino in both_neutrinos(event):
        for one, two, b, other in itertools.permutations(jets):
            chi_squared = ((mass_of(one, two) - W_MASS) / 10) ** 2
            chi_squared += ((mass_of(one, two, b) - TOP_MASS) / 18) ** 2
            chi_squared += ((mass_of(lepton, neutrino, other) - TOP_MASS) / 20) ** 2
            total = mass_of(one, two, b, other, lepton, neutrino)
            results.append((chi_squared, total))
    return min(results)


def test_the_best_top_pair_is_that_of_an_enumeration():
    values = random_events()
    _, chi_squared, mass, _ = computed(values)
    expected = torch.tensor([best_pair(event) for event in values.tolist()])
    both = torch.stack([chi_squared[:, PAIR], mass[:, PAIR]], dim=1)
    torch.testing.assert_close(both.float(), expected, rtol=1e-4, atol=1e-4)


def test_both_neutrinos_have_the_w_mass_or_the_transverse_mass():
    values = random_events()
    momenta = body_systems.momenta(values, COLUMNS)
    solutions, separation = decay_candidates.neutrinos(
        momenta[:, :, [1]], momenta[:, :, [0]], torch.tensor([W_MASS]).double()
    )
    products = 2 * values[:, 0] * values[:, 3]
    transverse = (products * (1 - (values[:, 2] - values[:, 4]).cos())).sqrt()
    for i in range(2):
        mass, pt = body_systems.masses(momenta[:, :, [0]] + solutions[:, :, [i]])
        assert mass.shape == pt.shape == (len(values), 1)
        torch.testing.assert_close(mass[:, 0], transverse.clamp(min=W_MASS))
        eta = (solutions[:, 2, i] / values[:, 3]).asinh()
        torch.testing.assert_close((eta - values[:, 1]).abs(), separation[:, 0])
    is_complex = transverse > W_MASS
    assert 0.1 < is_complex.double().mean() < 0.9
    assert (separation[is_complex] < 1e-6).all() and (separation[~is_complex] > 0).all()


def test_masses_that_fit_have_a_chi_square_of_zero():
    """Two jets of a W in the transverse plane, which need the right angle."""
    values = random_events(1)
    values[:, [5, 8]], values[:, [6, 9]] = 60.0, 0.0
    values[:, 7] = 0.0
    values[:, 10] = math.acos(1 - W_MASS**2 / (2 * 60 * 60))
    _, chi_squared, mass, pt = computed(values)
    assert chi_squared[0, W].item() == pytest.approx(0, abs=1e-12)
    assert mass[0, W].item() == pytest.approx(W_MASS)
    assert pt[0, W].item() == pytest.approx(math.sqrt(4 * 60**2 - W_MASS**2))


def test_chi_square_counts_deviations_in_widths():
    values = random_events()
    _, chi_squared, mass, _ = computed(values)
    expected = ((mass[:, W] - W_MASS) / 10).square()
    torch.testing.assert_close(chi_squared[:, W], expected)
    expected = ((mass[:, LEPTONIC] - TOP_MASS) / 20).square()
    torch.testing.assert_close(chi_squared[:, LEPTONIC], expected)
    assert (chi_squared[:, TOP] >= chi_squared[:, W] - 1e-9).all()
    least = chi_squared[:, TOP] + chi_squared[:, LEPTONIC]
    assert (chi_squared[:, PAIR] >= least - 1e-9).all()


@pytest.mark.parametrize(
    ("sign_y", "sign_z", "angle", "shift"),
    [(1, 1, 1.3, 0), (-1, 1, 0, 0), (1, -1, 0, 0), (-1, -1, 2.0, 0), (1, 1, 0, 0.8)],
)
def test_candidates_do_not_see_rotations_reflections_and_boosts(
    sign_y, sign_z, angle, shift
):
    values = random_events()
    moved = values.clone()
    moved[:, PHI] = sign_y * (values[:, PHI] + angle)
    moved[:, ETA] = sign_z * values[:, ETA] + shift
    for one, other in zip(computed(values), computed(moved), strict=True):
        torch.testing.assert_close(one, other)


def test_order_of_the_jets_does_not_matter():
    values = random_events()
    reordered = values[:, [*range(5), *range(14, 17), *range(5, 14)]]
    for one, other in zip(computed(values), computed(reordered), strict=True):
        torch.testing.assert_close(one, other)


def test_missing_bodies_leave_other_assignments():
    values = random_events(4)
    values[1, 14:] = torch.nan
    values[2, 8:] = torch.nan
    values[3, 3:5] = torch.nan
    separation, *quantities = computed(values)
    assert separation[:, 0].isnan().tolist() == [False, False, False, True]
    for quantity in quantities:
        assert quantity.isnan().tolist() == [
            [False, False, False, False],
            [False, False, False, True],
            [True, True, False, True],
            [False, False, True, True],
        ]
    # Without the last jet, the W is one of the three pairs of the others.
    jets = [four_momentum(values[1].tolist(), jet) for jet in JETS[:3]]
    masses = [mass_of(*pair) for pair in itertools.combinations(jets, 2)]
    nearest = min(masses, key=lambda mass: abs(mass - W_MASS))
    assert quantities[1][1, W].item() == pytest.approx(nearest)


def test_combinations_without_masses_have_the_first_assignment():
    declared = {"candidates": {"all": {"bodies": ["lepton", "jet1"]}}}
    values = random_events()
    _, chi_squared, mass, _ = computed(values, declared)
    assert (chi_squared == 0).all()
    event = values[0].tolist()
    expected = mass_of(four_momentum(event, "lepton"), four_momentum(event, "jet1"))
    assert mass[0, 0].item() == pytest.approx(expected)


def test_neutrinos_alone_have_their_distances():
    (separation,) = computed(
        random_events(), {"neutrinos": DECLARED["neutrinos"], "candidates": {}}
    )
    assert separation.shape == (300, 1)


def test_missing_momentum_of_zero_is_finite():
    values = random_events(5)
    values[:, 3] = 0.0
    for quantity in computed(values):
        assert quantity.isfinite().all()


def test_declared_decays_come_back_from_the_schema():
    definition = public_sets.DATASETS["higgs"]
    bodies = dict(zip(definition.body_names, definition.bodies, strict=True))
    units = {body.pt: 50.0 for body in definition.bodies}
    declared = decay_candidates.of_bodies(definition, bodies, units)
    assert declared["bodies"] == list(definition.body_names)
    candidates = decay_candidates.Candidates.of(declared)
    assert len(candidates.place) == len(definition.decays.candidates)


def test_decays_of_momenta_without_a_unit_are_left_out_with_a_warning(caplog):
    caplog.set_level(logging.WARNING)
    definition = public_sets.DATASETS["higgs"]
    bodies = dict(zip(definition.body_names, definition.bodies, strict=True))
    units = {body.pt: 50.0 for name, body in bodies.items() if name != "lepton"}
    declared = decay_candidates.of_bodies(definition, bodies, units)
    assert declared["neutrinos"] == {}
    assert "W" in declared["candidates"] and "top_pair" not in declared["candidates"]
    assert "top_pair" in caplog.text
    assert decay_candidates.of_bodies(definition, bodies, {}) == {}


def test_a_model_without_bodies_has_no_decays_and_no_warning(caplog):
    definition = public_sets.DATASETS["higgs"]
    assert decay_candidates.of_bodies(definition, {}, {}) == {}
    assert caplog.messages == []


def test_shorter_lists_of_assignments_repeat_their_first():
    assert decay_candidates.places([1, 3]).tolist() == [[0, 0, 0], [1, 2, 3]]
