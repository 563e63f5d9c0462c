"""Derived features: masses, angles and sums of measured momenta.

Angles are in rad; momenta, energies and masses share one unit, GeV for Higgs ML. Every
function acts event by event on arrays of shape (n_events,). Missing values are NaN, and
so are the results computed from them.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np

# ASSUME: missing transverse momentum is measured to 10 GeV, and the neutrinos of a tau
# carry about as much momentum as its visible decay products. On 17,000 official Higgs
# ML events, the logarithm of the mass then has a correlation of 0.8 (signal) and 0.95
# (background) with that of DER_mass_MMC; with 5 GeV, it is 0.7 and 0.9.
MET_RESOLUTION_GEV = 10.0

# ASSUME: every hadronic tau decays to one charged particle. A visible tau mass of
# 0.8 GeV reproduces the official DER_mass_vis of most events, and 1.2 GeV, typical of
# three charged particles, that of the others; the file does not hold their number.
TAU_MASS_GEV = 0.8


class Momentum(NamedTuple):
    """Momentum of one particle per event; eta is None for a transverse momentum."""

    pt: np.ndarray
    phi: np.ndarray
    eta: np.ndarray | None = None
    mass: float = 0.0


def derive(primitive: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The 13 DER_ features of Higgs ML from its 17 PRI_ features, missing as NaN.

    Definitions: C. Adam-Bourdarios et al., "Learning to discover: the Higgs boson
    machine learning challenge", 2014, appendix. On official events, the results agree
    with the file to its three decimals, with three exceptions:

    - DER_mass_MMC has no closed form; `collinear_mass` stands in for it.
    - DER_mass_jet_jet includes the masses of the jets, which the file does not hold;
      ours is lower, by 0.6 % in the median.
    - DER_mass_vis is too low by up to 0.07 GeV, beyond rounding, for the 5 % of events
      whose tau is heavier than TAU_MASS_GEV.
    """
    tau = particle(primitive, "PRI_tau")._replace(mass=TAU_MASS_GEV)
    lep = particle(primitive, "PRI_lep")
    met = Momentum(primitive["PRI_met"], primitive["PRI_met_phi"])
    leading = particle(primitive, "PRI_jet_leading")
    subleading = particle(primitive, "PRI_jet_subleading")
    # The definition of DER_pt_tot includes two jets at most.
    balance = transverse_sum(tau, lep, met, present(leading), present(subleading))
    return {
        "DER_mass_MMC": collinear_mass(tau, lep, met, MET_RESOLUTION_GEV),
        "DER_mass_transverse_met_lep": transverse_mass(lep, met),
        "DER_mass_vis": invariant_mass(tau, lep),
        "DER_pt_h": np.abs(transverse_sum(tau, lep, met)),
        "DER_deltaeta_jet_jet": np.abs(leading.eta - subleading.eta),
        "DER_mass_jet_jet": invariant_mass(leading, subleading),
        "DER_prodeta_jet_jet": leading.eta * subleading.eta,
        "DER_deltar_tau_lep": delta_r(tau, lep),
        "DER_pt_tot": np.abs(balance),
        "DER_sum_pt": tau.pt + lep.pt + primitive["PRI_jet_all_pt"],
        "DER_pt_ratio_lep_tau": lep.pt / tau.pt,
        "DER_met_phi_centrality": phi_centrality(met.phi, tau.phi, lep.phi),
        "DER_lep_eta_centrality": eta_centrality(lep.eta, leading.eta, subleading.eta),
    }


def particle(table: dict[str, np.ndarray], name: str) -> Momentum:
    """Momentum from the columns `<name>_pt`, `<name>_phi` and `<name>_eta`."""
    return Momentum(
        pt=table[f"{name}_pt"], phi=table[f"{name}_phi"], eta=table[f"{name}_eta"]
    )


def present(momentum: Momentum) -> Momentum:
    """Momentum with missing values set to zero: an absent jet adds zero to a sum."""
    return Momentum(np.nan_to_num(momentum.pt), np.nan_to_num(momentum.phi))


def wrap_angle(angle: np.ndarray) -> np.ndarray:
    """Angle mapped to the range from -pi to pi."""
    return angle - 2 * np.pi * np.rint(angle / (2 * np.pi))


def delta_r(a: Momentum, b: Momentum) -> np.ndarray:
    """Distance between two particles in pseudorapidity and azimuth."""
    return np.sqrt((a.eta - b.eta) ** 2 + wrap_angle(a.phi - b.phi) ** 2)


def transverse(momentum: Momentum) -> np.ndarray:
    """Transverse momentum as a complex number, px + i py."""
    vector = np.empty(np.shape(momentum.pt), complex)
    vector.real = momentum.pt * np.cos(momentum.phi)
    vector.imag = momentum.pt * np.sin(momentum.phi)
    return vector


def transverse_sum(*momenta: Momentum) -> np.ndarray:
    """Sum of transverse momenta as a complex number."""
    return sum(transverse(momentum) for momentum in momenta)


def transverse_mass(a: Momentum, b: Momentum) -> np.ndarray:
    """Transverse mass of two massless particles."""
    return 2 * np.sqrt(a.pt * b.pt) * np.abs(np.sin((a.phi - b.phi) / 2))


def invariant_mass(*momenta: Momentum) -> np.ndarray:
    """Invariant mass of two or more particles."""
    squares = sum(momentum.mass**2 for momentum in momenta)
    products = sum(four_product(a, b) for a, b in combinations(momenta, 2))
    return np.sqrt(squares + 2 * products)


def four_product(a: Momentum, b: Momentum) -> np.ndarray:
    """Scalar product of two four-momenta, in squared units.

    Half angles are used because cosh - cos loses digits for small angles.
    """
    angles = np.sinh((a.eta - b.eta) / 2) ** 2 + np.sin((a.phi - b.phi) / 2) ** 2
    p_a, p_b = (side.pt * np.cosh(side.eta) for side in (a, b))
    e_a, e_b = np.sqrt(p_a**2 + a.mass**2), np.sqrt(p_b**2 + b.mass**2)
    return 2 * a.pt * b.pt * angles + (e_a * e_b - p_a * p_b)


def phi_centrality(phi: np.ndarray, phi_a: np.ndarray, phi_b: np.ndarray) -> np.ndarray:
    """Position of `phi` between two other azimuths.

    It is sqrt(2) midway between them, 1 at either of them, less outside, -sqrt(2)
    opposite to the middle, and 0 if they coincide.
    """
    side = np.sign(np.sin(phi_a - phi_b))
    from_b = np.sin(phi - phi_b) * side
    to_a = np.sin(phi_a - phi) * side
    norm = np.sqrt(from_b**2 + to_a**2)
    coincide = np.zeros(np.shape(norm))
    return np.divide(from_b + to_a, norm, out=coincide, where=norm != 0)


def eta_centrality(eta: np.ndarray, eta_a: np.ndarray, eta_b: np.ndarray) -> np.ndarray:
    """Position of `eta` between two others: 1 midway, 1/e at either, 0 far away."""
    offset, half_gap = eta - (eta_a + eta_b) / 2, (eta_a - eta_b) / 2
    infinity = np.full(np.shape(offset), np.inf)
    distance = np.divide(offset, half_gap, out=infinity, where=half_gap != 0)
    return np.exp(-(distance**2))


def collinear_mass(
    a: Momentum, b: Momentum, met: Momentum, met_resolution: float
) -> np.ndarray:
    """Mass of a tau pair whose neutrinos are collinear with the visible momenta.

    The collinear approximation (R. K. Ellis, I. Hinchliffe, M. Soldate, J. J. van der
    Bij, Nucl. Phys. B 297 (1988) 221) splits the missing momentum into one component
    along each visible momentum. With `met_resolution` 0, this is its solution whenever
    both components point forward. Measured momenta often violate this slightly, and for
    a back-to-back pair the components diverge. We therefore fit the split by least
    squares with non-negative components, and penalize their lengths in units of the
    visible momenta like missing momentum in units of `met_resolution`.

    NaN if the missing momentum points away from both taus.
    """
    toward_a, toward_b = neutrino_ratios(
        transverse(a), transverse(b), transverse(met), met_resolution
    )
    mass = invariant_mass(a, b) * np.sqrt((1 + toward_a) * (1 + toward_b))
    return np.where((toward_a > 0) | (toward_b > 0), mass, np.nan)


def neutrino_ratios(
    a: np.ndarray, b: np.ndarray, met: np.ndarray, met_resolution: float
) -> tuple[np.ndarray, np.ndarray]:
    """Non-negative ratios of neutrino to visible momentum for both taus.

    Minimizes |met - r_a a - r_b b|^2 + met_resolution^2 (r_a^2 + r_b^2); vectors are
    complex. The solution is the unconstrained minimum or lies on one of the two edges
    where a ratio is zero.
    """
    a_a, b_b = (dot(side, side) + met_resolution**2 for side in (a, b))
    a_b, a_met, b_met = dot(a, b), dot(a, met), dot(b, met)
    determinant = a_a * b_b - a_b**2
    both_a = (a_met * b_b - b_met * a_b) / determinant
    both_b = (b_met * a_a - a_met * a_b) / determinant
    both = (both_a >= 0) & (both_b >= 0)
    only_a, only_b = np.maximum(a_met / a_a, 0), np.maximum(b_met / b_b, 0)
    a_is_better = only_a * a_met > only_b * b_met
    return (
        np.where(both, both_a, np.where(a_is_better, only_a, 0)),
        np.where(both, both_b, np.where(a_is_better, 0, only_b)),
    )


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Scalar product of two transverse vectors given as complex numbers."""
    return a.real * b.real + a.imag * b.imag
