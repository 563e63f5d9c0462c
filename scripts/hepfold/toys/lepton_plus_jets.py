"""Toy events of two W and two b quarks: a lepton, missing momentum and four jets.

They are made for running and timing every step, not for physics: all decays are
isotropic and all final-state particles massless; ASSUME marks assumptions. Momenta,
energies and masses are in GeV, angles in rad; four-vectors are (4, n_events): energy,
px, py, pz.
"""

from typing import NamedTuple

import numpy as np

from hepfold.toys import draws, four_vectors

W_MASS_GEV, TOP_MASS_GEV = 80.4, 173.0
# ASSUME: the HIGGS selection, read off the edges of the official distributions.
PT_MIN_GEV, LEPTON_ETA_MAX, JET_ETA_MAX = 15.0, 2.5, 3.0
DELTA_R_MIN = 0.4
# ASSUME: fractions of b jets with no, a loose and a tight tag, as in the official HIGGS
# events, independent of momentum.
TAG_RATES = (0.11, 0.17, 0.72)
# ASSUME: how often a radiated jet replaces the softest jet, and how often a b jet and a
# light-quark jet are swapped; chosen so that mass peaks are about as wide as the
# official ones.
LOST_RATE, CONFUSED_RATE = 0.6, 0.25
# ASSUME: measured over true momentum of the jets from two b and two light quarks.
RESPONSE = np.array([0.9, 0.9, 1.0, 1.0], np.float32)
# Events drawn at once: few enough to fit into the CPU cache.
MOST_AT_ONCE = 8_192

Four = np.ndarray
Rng, Table = draws.Rng, draws.Table


class Partons(NamedTuple):
    """Four-vectors of the two W and the two b quarks of each event."""

    w_a: Four
    w_b: Four
    b_a: Four
    b_b: Four


class Measured(NamedTuple):
    """Selected events: momenta (3, n_events) of the lepton, (4, 3, n_events) of jets.

    Jets are b, b, q, q. `met` is (2, n_events), `tag` (2, n_events) is 0, 1 or 2 for
    the two b jets.
    """

    lepton: np.ndarray
    met: np.ndarray
    jets: np.ndarray
    tag: np.ndarray


def n_candidates(n_missing: int) -> int:
    """Number of events to draw at once if `n_missing` selected events are missing."""
    return min(3 * n_missing + 100, MOST_AT_ONCE)


def resonance(mass: float | np.ndarray, n_events: int, rng: Rng) -> Four:
    """Four-vectors of produced particles of the given mass."""
    # ASSUME: the rapidity is normal with width 0.9.
    pt = radiated_pt(n_events, rng)
    phi = np.float32(2 * np.pi) * rng.random(n_events, np.float32)
    rapidity = np.float32(0.9) * rng.standard_normal(n_events, np.float32)
    upright = np.sqrt(np.float32(1) * mass**2 + pt**2)
    vector = [np.cosh(rapidity), np.cos(phi), np.sin(phi), np.sinh(rapidity)]
    return np.stack(vector) * np.stack([upright, pt, pt, upright])


def radiated_pt(n_events: int, rng: Rng) -> np.ndarray:
    """Transverse momentum of initial-state radiation."""
    # ASSUME: 44 GeV on average.
    return 50 * falling(n_events, rng)


def falling(n_events: int, rng: Rng) -> np.ndarray:
    """Positive numbers with a density that falls slightly slower than exponentially."""
    first, second = rng.standard_exponential((2, n_events), np.float32)
    return first * np.sqrt(second)


def decay(
    parent: Four, mass: float | np.ndarray, masses: tuple[float, float], rng: Rng
) -> tuple[Four, Four]:
    """Two bodies of the given masses, isotropic in the rest frame of their parent."""
    axis = draws.space_direction(parent.shape[1], rng)
    return four_vectors.two_body_decay(parent, mass, masses, axis)


def top_pair(mass: np.ndarray, rng: Rng) -> Partons:
    """Top-quark pairs of the given pair mass; each top decays to a W and a b quark."""
    pair = resonance(mass, len(mass), rng)
    tops = decay(pair, mass, (TOP_MASS_GEV, TOP_MASS_GEV), rng)
    (w_a, b_a), (w_b, b_b) = (
        decay(top, TOP_MASS_GEV, (W_MASS_GEV, 0.0), rng) for top in tops
    )
    return Partons(w_a, w_b, b_a, b_b)


def background(n_events: int, rng: Rng) -> Partons:
    """Non-resonant top-quark pairs."""
    # ASSUME: the pair mass rises steeply above threshold, then falls as in `falling`.
    rise = 20 * rng.standard_exponential(n_events, np.float32)
    return top_pair(2 * TOP_MASS_GEV + rise + 110 * falling(n_events, rng), rng)


def observe(partons: Partons, rng: Rng) -> Table:
    """Features of the events that pass the selection; see `features`."""
    return features(measure(partons, rng), rng)


def measure(partons: Partons, rng: Rng) -> Measured:
    """Measured momenta of the events that pass the selection."""
    n_events = partons.w_a.shape[1]
    swapped = rng.random(n_events, np.float32) < 0.5
    leptonic = np.where(swapped, partons.w_a, partons.w_b)
    hadronic = partons.w_a + partons.w_b - leptonic
    lepton, neutrino = decay(leptonic, W_MASS_GEV, (0.0, 0.0), rng)
    quarks = decay(hadronic, W_MASS_GEV, (0.0, 0.0), rng)
    true = np.stack([four[1:] for four in (partons.b_a, partons.b_b, *quarks)])
    jets = misidentified(true, rng)
    smeared = jets * response(jets, rng)[:, None]
    # ASSUME: the rest of the event adds normal noise of 20 GeV in each direction.
    noise = 20 * rng.standard_normal((2, n_events), np.float32)
    met = neutrino[1:3] + (jets - smeared)[:, :2].sum(axis=0) + noise
    keep = np.flatnonzero(selected(np.concatenate([lepton[None, 1:], smeared])))
    tag = draws.choice(TAG_RATES, 2 * len(keep), rng).reshape(2, -1)
    return Measured(lepton[1:, keep], met[:, keep], smeared[:, :, keep], tag)


def misidentified(jets: np.ndarray, rng: Rng) -> np.ndarray:
    """Jets after losses and swaps, (4, 3, n_events); see LOST_RATE, CONFUSED_RATE."""
    jets = jets.copy()
    lost, confused = (
        np.flatnonzero(rng.random(jets.shape[2], np.float32) < rate)
        for rate in (LOST_RATE, CONFUSED_RATE)
    )
    # ASSUME: a radiated jet has at least 20 GeV and a normal pseudorapidity.
    pt = 20 + radiated_pt(len(lost), rng)
    phi = np.float32(2 * np.pi) * rng.random(len(lost), np.float32)
    eta = rng.standard_normal(len(lost), np.float32)
    softest = (jets[:, :2, lost] ** 2).sum(axis=1).argmin(axis=0)
    radiated = pt * np.stack([np.cos(phi), np.sin(phi), np.sinh(eta)])
    jets[softest, :, lost] = radiated.T
    jets[1:3, :, confused] = jets[2:0:-1, :, confused]
    return jets


def response(jets: np.ndarray, rng: Rng) -> np.ndarray:
    """Measured over true momentum of jets, (4, n_events)."""
    # ASSUME: the resolution is 12 % plus, in quadrature, 100 % / sqrt(energy / GeV).
    energy = np.sqrt((jets**2).sum(axis=1))
    width = np.sqrt(1 / np.maximum(energy, 1) + np.float32(0.12) ** 2)
    blur = width * rng.standard_normal(energy.shape, np.float32)
    return np.maximum(RESPONSE[:, None] + blur, 0.05)


def selected(momenta: np.ndarray) -> np.ndarray:
    """Whether events pass the cuts; momenta are (5, 3, n_events), lepton first."""
    pt = np.sqrt((momenta[:, :2] ** 2).sum(axis=1))
    sinh_eta_max = np.sinh([LEPTON_ETA_MAX] + 4 * [JET_ETA_MAX]).astype("f4")
    good = (pt > PT_MIN_GEV).all(axis=0)
    good &= (np.abs(momenta[:, 2]) < sinh_eta_max[:, None] * pt).all(axis=0)
    unit = momenta / pt[:, None]
    cosh_eta = np.sqrt(1 + unit[:, 2] ** 2)
    for i in range(4):
        # cosh(delta eta) - cos(delta phi) is delta_R^2 / 2 for small delta_R.
        others = cosh_eta[i + 1 :] * cosh_eta[i]
        others -= (unit[i + 1 :] * unit[i]).sum(axis=1)
        good &= (others > DELTA_R_MIN**2 / 2).all(axis=0)
    return good


def features(measured: Measured, rng: Rng) -> Table:
    """The 28 features of HIGGS in GeV and rad; b-tags are 0, 1 or 2.

    Jets are sorted by falling transverse momentum. The official file follows this order
    only roughly: the second of two neighbors is harder in a quarter of the events.
    """
    pt, eta, phi = cylindrical(np.concatenate([measured.lepton[None], measured.jets]))
    no_tag = np.zeros_like(measured.tag)
    of_jets = pt[1:], eta[1:], phi[1:], np.concatenate([measured.tag, no_tag])
    order = np.argsort(-pt[1:], axis=0)
    in_order = (np.take_along_axis(part, order, axis=0) for part in of_jets)
    parts = zip(("pt", "eta", "phi", "b_tag"), in_order, strict=True)
    jets = {f"jet_{i + 1}_{name}": row for name, p in parts for i, row in enumerate(p)}
    return {
        "lepton_pt": pt[0],
        "lepton_eta": eta[0],
        "lepton_phi": phi[0],
        "missing_energy_magnitude": np.hypot(*measured.met),
        "missing_energy_phi": np.arctan2(measured.met[1], measured.met[0]),
        **jets,
        **masses(measured, rng),
    }


def cylindrical(momenta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transverse momentum, eta and phi of momenta (n_bodies, 3, n_events)."""
    pt = np.sqrt((momenta[:, :2] ** 2).sum(axis=1))
    phi = np.arctan2(momenta[:, 1], momenta[:, 0])
    return pt, np.arcsinh(momenta[:, 2] / pt), phi


def masses(measured: Measured, rng: Rng) -> Table:
    """The seven masses of HIGGS, float64.

    The definitions reproduce the official columns of events with two tagged jets: m_jjj
    uses the b jet that brings it closest to the top-quark mass, m_jlv the other b jet;
    m_wbb uses the W that gives the larger mass.
    """
    lepton, *jets = (
        np.concatenate([np.sqrt((p**2).sum(axis=0))[None], p])
        for p in (measured.lepton.astype("f8"), *measured.jets.astype("f8"))
    )
    met = measured.met.astype("f8")
    # ASSUME: as in the official file, the W mass constraint is smeared by 0.4 GeV.
    w_mass = W_MASS_GEV + 0.4 * rng.standard_normal(met.shape[1])
    pz = four_vectors.neutrino_pz(lepton, met, w_mass)
    energy = np.sqrt(met[0] ** 2 + met[1] ** 2 + pz**2)
    lv = lepton + np.stack([energy, *met, pz])
    jj, bb = jets[2] + jets[3], jets[0] + jets[1]
    jjj = [four_vectors.mass_of(jj + b) for b in jets[:2]]
    first = np.abs(jjj[0] - TOP_MASS_GEV) < np.abs(jjj[1] - TOP_MASS_GEV)
    other_b = np.where(first, jets[1], jets[0])
    return {
        "m_jj": four_vectors.mass_of(jj),
        "m_jjj": np.where(first, *jjj),
        "m_lv": four_vectors.mass_of(lv),
        "m_jlv": four_vectors.mass_of(other_b + lv),
        "m_bb": four_vectors.mass_of(bb),
        "m_wbb": np.maximum(
            four_vectors.mass_of(bb + jj), four_vectors.mass_of(bb + lv)
        ),
        "m_wwbb": four_vectors.mass_of(bb + jj + lv),
    }
