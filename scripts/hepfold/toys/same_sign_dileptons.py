"""Toy events of two leptons and jets, for five processes of a top-quark analysis.

They are made for running and teaching, not for physics: decays are isotropic, whether
the leptons have the same charge is drawn at a fixed rate, and radiated jets do not
recoil against anything. ASSUME marks assumptions. Momenta are in GeV, angles in rad;
nothing prefers an azimuth.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hepfold.toys import draws, lepton_plus_jets

Rng, Table = draws.Rng, draws.Table
W_MASS_GEV = lepton_plus_jets.W_MASS_GEV
JET_PT_MIN_GEV, LEPTON_PT_MIN_GEV = 25.0, 15.0
JET_ETA_MAX, LEPTON_ETA_MAX = 4.5, 2.5
N_JETS_MIN = 2
# A jet with a discriminant above this counts as a b jet.
TAG_CUT = 0.7
MOST_RADIATED = 6
# One standard deviation of the jet energy scale, at eta = 0 and per unit of |eta|.
JES_SHIFT, JES_SHIFT_PER_ETA = 0.02, 0.01
# ASSUME: pile-up (interactions per crossing) of the simulation, the change of the
# weight per unit of it, and the uncertainty of that change.
PILEUP_MEAN, PILEUP_SD = 34.0, 10.0
PILEUP_SLOPE, PILEUP_SLOPE_ERROR = 0.02, 0.008
# ASSUME: ratio of the b-tagging efficiencies in collisions and simulation.
TAG_SCALE_FACTOR = 0.97


@dataclass(frozen=True)
class Process:
    """Properties that distinguish the events of one process.

    `xsec_pb` includes branching ratios. The mass is that of a particle that decays to
    two jets, which are b jets at the rate `pair_b_rate`. If `has_fake`, the second
    lepton comes from the decay of a b quark. `n_radiated` further jets are expected,
    b jets at the rate `radiated_b_rate`; each makes a negative weight more likely.
    The fraction `overlap_rate` of the events is in the sample of another process too.
    """

    xsec_pb: float
    mass_gev: float
    pair_b_rate: float
    n_radiated: float
    has_fake: bool = False
    same_sign_rate: float = 0.7
    top_b_rate: float = 1.0
    radiated_b_rate: float = 0.1
    jet_scale: float = 1.0
    negative_per_jet: float = 0.0
    overlap_rate: float = 0.0


# ASSUME: all rates. Cross-sections give a few hundred signal events in 140/fb and about
# ten times as many background events.
TTBAR = Process(0.060, W_MASS_GEV, 0.0, 1.6, has_fake=True, same_sign_rate=0.35)
PROCESSES = {
    "ttH": Process(0.004, 125.0, 0.58, 1.0),
    "ttbar": TTBAR,
    "ttW": Process(
        0.012, W_MASS_GEV, 0.0, 1.5, negative_per_jet=0.1, overlap_rate=0.05
    ),
    "ttZ": Process(0.007, 91.2, 0.2, 1.0),
    "other": Process(0.006, 91.2, 0.1, 1.5, top_b_rate=0.05),
}


class Collision(NamedTuple):
    """Events before the measurement of jets; arrays end in (n_events,).

    `lepton` holds two momenta (2, 3, n_events). Jets that do not exist have no
    transverse momentum. `met` is x + i y. `sign` is the sign of the generator weight,
    `mean_sign` its expectation.
    """

    lepton: np.ndarray
    jet_pt: np.ndarray
    jet_eta: np.ndarray
    jet_phi: np.ndarray
    jet_tag: np.ndarray
    met: np.ndarray
    pileup: np.ndarray
    is_same_sign: np.ndarray
    is_overlap: np.ndarray
    sign: np.ndarray
    mean_sign: np.ndarray


def generate(process: Process, n_events: int, rng: Rng) -> Collision:
    """Events of a process before any selection."""
    lepton, met, quarks = hard_process(process, n_events, rng)
    n_radiated = np.minimum(rng.poisson(process.n_radiated, n_events), MOST_RADIATED)
    pt, eta, phi = all_jets(process, quarks, n_radiated, rng)
    pileup = np.maximum(rng.normal(PILEUP_MEAN, PILEUP_SD, n_events), 5)
    # ASSUME: soft energy smears the missing momentum by 20 GeV at average pile-up.
    noise = 3.4 * np.sqrt(pileup) * draws.plane_normal(n_events, rng)
    mean_sign = 1 - 2 * np.minimum(process.negative_per_jet * n_radiated, 0.5)
    return Collision(
        lepton=lepton,
        jet_pt=pt,
        jet_eta=eta,
        jet_phi=phi,
        jet_tag=tags(process, n_events, rng),
        met=met + noise,
        pileup=pileup,
        is_same_sign=rng.random(n_events) < process.same_sign_rate,
        is_overlap=rng.random(n_events) < process.overlap_rate,
        sign=np.where(rng.random(n_events) < (1 + mean_sign) / 2, 1.0, -1.0),
        mean_sign=mean_sign,
    )


def hard_process(
    process: Process, n_events: int, rng: Rng
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Momenta of leptons (2, 3, n_events), missing momentum x + i y, and quarks.

    Quarks are (4, 3, n_events): two of top decays, two of the particle of mass
    `mass_gev`, which is the second W boson if the second lepton is a fake.
    """
    decay = lepton_plus_jets.decay
    partons = lepton_plus_jets.background(n_events, rng)
    lepton_a, neutrino = decay(partons.w_a, W_MASS_GEV, (0.0, 0.0), rng)
    b_b = partons.b_b
    if process.has_fake:
        # ASSUME: fraction of the b-quark momentum that a lepton takes.
        lepton_b = rng.uniform(0.2, 0.6, n_events) * b_b
        b_b = b_b - lepton_b
        parent = partons.w_b
    else:
        lepton_b, second = decay(partons.w_b, W_MASS_GEV, (0.0, 0.0), rng)
        neutrino = neutrino + second
        parent = lepton_plus_jets.resonance(process.mass_gev, n_events, rng)
    pair = decay(parent, process.mass_gev, (0.0, 0.0), rng)
    leptons = np.stack([lepton_a[1:], lepton_b[1:]])
    quarks = np.stack([partons.b_a[1:], b_b[1:], pair[0][1:], pair[1][1:]])
    return leptons, neutrino[1] + 1j * neutrino[2], quarks


def all_jets(
    process: Process, quarks: np.ndarray, n_radiated: np.ndarray, rng: Rng
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transverse momentum, eta and phi of jets (10, n_events), radiated ones last."""
    shape = (MOST_RADIATED, len(n_radiated))
    pt, eta, phi = lepton_plus_jets.cylindrical(quarks)
    # ASSUME: radiated jets fall exponentially and are wide in eta.
    exists = np.arange(MOST_RADIATED)[:, None] < n_radiated
    pt = np.concatenate([pt, exists * (20 + 35 * rng.standard_exponential(shape))])
    eta = np.concatenate([eta, 1.6 * rng.standard_normal(shape)])
    phi = np.concatenate([phi, rng.uniform(-np.pi, np.pi, shape)])
    # ASSUME: resolution of 15 %.
    response = process.jet_scale * (1 + 0.15 * rng.standard_normal(pt.shape))
    return pt * np.maximum(response, 0) * (np.abs(eta) < JET_ETA_MAX), eta, phi


def tags(process: Process, n_events: int, rng: Rng) -> np.ndarray:
    """b-tagging discriminants of all jets in [0, 1], (10, n_events).

    The cut keeps 71 % of b jets and 5 % of others.
    """
    rates = 2 * [process.top_b_rate] + 2 * [process.pair_b_rate]
    rates += MOST_RADIATED * [process.radiated_b_rate]
    is_b = rng.random((len(rates), n_events)) < np.array(rates)[:, None]
    # Both jets of a pair have one flavor.
    is_b[3] = is_b[2]
    uniform = rng.random(is_b.shape)
    return np.where(is_b, uniform ** (1 / 3.5), 1 - uniform ** (1 / 2.5))


def measure(events: Collision, n_sigma: float = 0.0) -> Table:
    """Columns of the events, the jet energy scale shifted by `n_sigma` deviations.

    `jet_*` are (10, n_events), the first `n_jets` of which are measured jets by falling
    momentum. The shift changes the missing momentum too.
    """
    shift = JES_SHIFT + JES_SHIFT_PER_ETA * np.abs(events.jet_eta)
    pt = events.jet_pt * (1 + n_sigma * shift)
    added = ((pt - events.jet_pt) * np.exp(1j * events.jet_phi)).sum(axis=0)
    met = events.met - added
    is_jet = pt > JET_PT_MIN_GEV
    order = np.argsort(np.where(is_jet, -pt, 0), axis=0, kind="stable")
    jets = {"pt": pt, "eta": events.jet_eta, "phi": events.jet_phi}
    jets["btag"] = events.jet_tag
    in_order = {n: np.take_along_axis(v, order, axis=0) for n, v in jets.items()}
    return {
        **{f"jet_{name}": values for name, values in in_order.items()},
        "n_jets": is_jet.sum(axis=0),
        "n_bjets": (is_jet & (events.jet_tag > TAG_CUT)).sum(axis=0),
        "HT": np.where(is_jet, pt, 0).sum(axis=0),
        "met_met": np.abs(met),
        "met_phi": np.angle(met),
        **leptons(events.lepton),
        "is_SS": events.is_same_sign,
        "is_overlap": events.is_overlap,
        "mu": events.pileup,
    }


def leptons(momenta: np.ndarray) -> Table:
    """Columns of two leptons (2, 3, n_events), the harder one first."""
    parts = dict(
        zip(("pt", "eta", "phi"), lepton_plus_jets.cylindrical(momenta), strict=True)
    )
    order = np.argsort(-parts["pt"], axis=0)
    return {
        f"lep{i + 1}_{name}": row
        for name, values in parts.items()
        for i, row in enumerate(np.take_along_axis(values, order, axis=0))
    }


def is_selected(table: Table) -> np.ndarray:
    """Whether events have two measured leptons and enough jets to be kept in a file."""
    keep = table["n_jets"] >= N_JETS_MIN
    for name in ("lep1", "lep2"):
        keep &= table[f"{name}_pt"] > LEPTON_PT_MIN_GEV
        keep &= np.abs(table[f"{name}_eta"]) < LEPTON_ETA_MAX
    return keep


def weights(table: Table) -> Table:
    """Factors of the event weight that correct the simulation."""
    excess = table["mu"] - PILEUP_MEAN
    slopes = {
        "weight_pileup": PILEUP_SLOPE,
        "weight_pileup_up": PILEUP_SLOPE + PILEUP_SLOPE_ERROR,
        "weight_pileup_down": PILEUP_SLOPE - PILEUP_SLOPE_ERROR,
    }
    pileup = {n: np.clip(1 + s * excess, 0.2, 1.8) for n, s in slopes.items()}
    return {**pileup, "weight_btag": TAG_SCALE_FACTOR ** table["n_bjets"]}
