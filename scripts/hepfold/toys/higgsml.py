"""Toy events in the Higgs ML format, for trying the workflow without a download.

They are made for running and timing every step and for seeing a classifier learn, not
for physics. Resonances with the right masses decay isotropically to massless bodies,
recoil against jets and are measured with finite resolution. Rates and spectra are tuned
by eye to the official ones; ASSUME marks assumptions. Momenta are in GeV; a transverse
momentum is one complex number, px + i py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from hepfold.core import columns
from hepfold.toys import derived_features, draws, official_columns

# Value of a missing feature, and expected events: CERN Open Data record 328.
MISSING = -999.0
BACKGROUND_SUM, SIGNAL_SUM = 410999.847321811, 691.988607711987

FIRST_EVENT_ID = 100_000

SET_EVENTS = {"t": 250_000, "b": 100_000, "v": 450_000, "u": 18_238}
# Texts of the codes in categorical columns: `CATEGORIES[column][code]`.
CATEGORIES = {
    "Label": ("b", "s"),
    "KaggleSet": tuple(SET_EVENTS),
}

TAU_PT_MIN, LEP_PT_MIN, JET_PT_MIN, JET_NUM_MAX = 20, 26, 30, 3
LEPTON_ETA_MAX, JET_ETA_MAX, DELTA_R_MIN, ENERGY_MAX = 2.5, 4.5, 0.4, 3000

Rng, Table = draws.Rng, draws.Table
Legs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def tau_pair(mass: np.ndarray, recoil: np.ndarray, rng: Rng) -> Legs:
    """A resonance that decays to a hadronic and a leptonic tau."""
    # ASSUME: no spin correlation; neutrinos are collinear with their tau.
    tau, tau_eta, lep, lep_eta = two_body(mass, recoil, rng)
    seen_lep = visible(lep, LEP_PT_MIN, 0.5, rng)
    return visible(tau, TAU_PT_MIN, 1, rng), tau_eta, seen_lep, lep_eta


def w_and_fake(mass: np.ndarray, recoil: np.ndarray, rng: Rng) -> Legs:
    """A leptonic W decay with a jet that is misidentified as a tau."""
    fake_pt = TAU_PT_MIN + 13 * rng.standard_exponential(len(recoil))
    fake = fake_pt * draws.direction(len(recoil), rng)
    fake_eta = 1.5 * rng.standard_normal(len(recoil))
    return fake, fake_eta, *two_body(mass, recoil - fake, rng)[:2]


def top_pair(mass: np.ndarray, recoil: np.ndarray, rng: Rng) -> Legs:
    """Two W, one decaying to a lepton and one to a tau; the b quarks give jets."""
    first_w = 45 * draws.plane_normal(len(recoil), rng)
    tau, tau_eta = two_body(mass, recoil - first_w, rng)[:2]
    return visible(tau, TAU_PT_MIN, 1, rng), tau_eta, *two_body(mass, first_w, rng)[:2]


@dataclass(frozen=True)
class Process:
    """One physics process; `legs` draws momentum and eta of its tau and lepton.

    `fraction` is the fraction of all events, `weight` the mean event weight relative to
    other processes of the class. `jet_rates` are the probabilities of 0, 1, 2 ... jets;
    the pt of a single jet exceeds the threshold by `jet_excess` GeV on average.
    `jet_gap` separates the two leading jets in eta.
    """

    label: int
    fraction: float
    weight: float
    legs: Callable[..., Legs]
    mass: float
    width: float
    jet_rates: tuple[float, ...]
    jet_excess: float
    jet_gap: float


S, B = columns.SIGNAL, columns.BACKGROUND
# ASSUME: rates, weights and jets close to those of the official events. In order: gluon
# fusion, vector boson fusion, Z, W and top pairs.
PROCESSES = (
    Process(S, 0.15, 8, tau_pair, 125, 0, (0.56, 0.3, 0.11, 0.02, 0.01), 38, 0),
    Process(S, 0.19, 1, tau_pair, 125, 0, (0.1, 0.35, 0.45, 0.08, 0.02), 40, 3.8),
    Process(B, 0.35, 4, tau_pair, 91.2, 2.5, (0.46, 0.33, 0.15, 0.04, 0.02), 28, 0),
    Process(B, 0.23, 11, w_and_fake, 80.4, 2.1, (0.62, 0.29, 0.07, 0.01, 0.01), 24, 0),
    Process(B, 0.08, 2, top_pair, 80.4, 2.1, (0.03, 0.2, 0.37, 0.25, 0.15), 34, 0),
)


def higgsml_blocks(n_events: int, seed: int) -> Iterator[Table]:
    """The 35 official columns of `n_events` toy events, block by block.

    Features are float64 with three decimals, -999.0 where undefined; EventId and
    PRI_jet_num are int64. Label and KaggleSet are uint8 codes into `CATEGORIES`, which
    polars turns into text 20 times faster than it reads an array of text. The weights
    of each class sum to those of the official file: Weight over all events,
    KaggleWeight within each KaggleSet.
    """
    sums = weight_sums(n_events, seed)
    for i_block, n_block in enumerate(draws.block_sizes(n_events)):
        truth = draw_truth(i_block, seed)
        table = features(draw_primitive(truth["process"], i_block, seed))
        table |= weights_and_labels(truth, sums)
        first_id = FIRST_EVENT_ID + i_block * draws.BLOCK_EVENTS
        table["EventId"] = first_id + np.arange(draws.BLOCK_EVENTS)
        yield {name: table[name][:n_block] for name in official_columns.HIGGSML}


def draw_truth(i_block: int, seed: int) -> Table:
    """Codes of process, label and set, and raw weight, of each event of a block."""
    rng = draws.generator(seed, i_block, draws.TRUTH)
    fractions = [kind.fraction for kind in PROCESSES]
    process = draws.choice(fractions, draws.BLOCK_EVENTS, rng)
    mean_weight = np.array([kind.weight for kind in PROCESSES])[process]
    return {
        "process": process,
        "label": np.array([kind.label for kind in PROCESSES], "u1")[process],
        "set": draws.choice(list(SET_EVENTS.values()), draws.BLOCK_EVENTS, rng),
        "weight": mean_weight * rng.uniform(0.7, 1.3, draws.BLOCK_EVENTS),
    }


def weight_sums(n_events: int, seed: int) -> np.ndarray:
    """Sums of the raw weights, (n_sets, n_classes), over the truth of all blocks."""
    sums = np.zeros((len(CATEGORIES["KaggleSet"]), len(CATEGORIES["Label"])))
    for i_block, n_block in enumerate(draws.block_sizes(n_events)):
        truth = draw_truth(i_block, seed)
        cell = truth["set"][:n_block], truth["label"][:n_block]
        np.add.at(sums, cell, truth["weight"][:n_block])
    return sums


def weights_and_labels(truth: Table, sums: np.ndarray) -> Table:
    """The last four columns; raw weights are scaled to the sums of the data set."""
    label, in_set, weight = truth["label"], truth["set"], truth["weight"]
    full_sums = np.array([BACKGROUND_SUM, SIGNAL_SUM])
    # A class may be absent from a small sample: avoid a division by zero.
    sums, class_sums = (np.maximum(x, 1e-9) for x in (sums, sums.sum(axis=0)))
    return {
        "Weight": weight * (full_sums / class_sums)[label],
        "Label": label,
        "KaggleSet": in_set,
        "KaggleWeight": weight * (full_sums / sums)[in_set, label],
    }


def features(primitive: Table) -> Table:
    """PRI_ features as in the file, and the DER_ features computed from them."""
    table = {name: three_decimals(values) for name, values in primitive.items()}
    derived = derived_features.derive(table)
    table |= {name: three_decimals(values) for name, values in derived.items()}
    for name, values in table.items():
        table[name] = np.where(np.isnan(values), MISSING, values)
    return table | {"PRI_jet_num": table["PRI_jet_num"].astype(int)}


def three_decimals(values: np.ndarray) -> np.ndarray:
    """Values rounded to three decimals, without negative zeros."""
    return np.rint(values * 1000) / 1000 + 0.0


def draw_primitive(process: np.ndarray, i_block: int, seed: int) -> Table:
    """PRI_ features of the events of a block, redrawn until all pass the selection."""

    def draw(code: int, n_missing: int, rng: Rng) -> Table:
        """Candidates for the events of a process that are still missing."""
        return candidates(PROCESSES[code], 2 * n_missing + 100, rng)

    rng = draws.generator(seed, i_block, draws.KINEMATICS)
    return draws.fill(process, draw, rng)


def candidates(kind: Process, n_events: int, rng: Rng) -> Table:
    """PRI_ features of those of `n_events` random events that pass the selection."""
    jet, jet_eta = draw_jets(kind, n_events, rng)
    jet_pt = np.abs(jet).sum(axis=0)
    # ASSUME: the resolution scales with the root of the transverse energy, to which
    # the rest of the event adds 80 GeV.
    blur = 1.2 * np.sqrt(80 + jet_pt) * draws.plane_normal(n_events, rng)
    recoil = -jet.sum(axis=0) - soft_recoil(n_events, rng) - blur
    # Breit-Wigner, truncated at six half-widths.
    mass = kind.mass + kind.width / 2 * np.tan(rng.uniform(-1.4, 1.4, n_events))
    tau, tau_eta, lep, lep_eta = kind.legs(mass, recoil, rng)
    rest_et = 75 * np.exp(0.6 * rng.standard_normal(n_events))
    sum_et = rest_et + jet_pt + (np.abs(tau) + np.abs(lep)) / 2
    met = recoil - tau - lep + blur
    momentum, eta = np.vstack([tau, lep, jet]), np.vstack([tau_eta, lep_eta, jet_eta])
    keep = np.flatnonzero(selected(momentum, eta))
    return official(momentum[:, keep], eta[:, keep], met[keep], sum_et[keep])


def selected(momentum: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Whether events pass the cuts; rows are tau, lepton and jets."""
    delta_phi, delta_eta = np.angle(momentum[0] * momentum[1].conj()), eta[0] - eta[1]
    return (
        (np.abs(momentum[:2]) > [[TAU_PT_MIN], [LEP_PT_MIN]]).all(axis=0)
        & (np.abs(eta[:2]) < LEPTON_ETA_MAX).all(axis=0)
        & (np.abs(eta[2:]) < JET_ETA_MAX).all(axis=0)
        & (np.abs(momentum) * np.cosh(eta) < ENERGY_MAX).all(axis=0)
        & (delta_eta**2 + delta_phi**2 > DELTA_R_MIN**2)
    )


def official(
    momentum: np.ndarray, eta: np.ndarray, met: np.ndarray, sum_et: np.ndarray
) -> Table:
    """PRI_ features of events, NaN for an absent jet."""
    jet_pt = np.abs(momentum[2:])
    table = {
        "PRI_met": np.abs(met),
        "PRI_met_phi": np.angle(met),
        "PRI_met_sumet": sum_et,
        "PRI_jet_num": np.minimum((jet_pt > 0).sum(axis=0), JET_NUM_MAX),
        "PRI_jet_all_pt": jet_pt.sum(axis=0),
    }
    for i, name in enumerate(("tau", "lep", "jet_leading", "jet_subleading")):
        measured = np.where(momentum[i] == 0, np.nan, momentum[i])
        table[f"PRI_{name}_pt"] = np.abs(measured)
        table[f"PRI_{name}_eta"] = np.where(np.isnan(measured), np.nan, eta[i])
        table[f"PRI_{name}_phi"] = np.angle(measured)
    return table


def draw_jets(kind: Process, n_events: int, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Momenta and eta of jets, (n_jets, n_events), in falling pt; 0 for absent jets."""
    shape = len(kind.jet_rates) - 1, n_events
    n_jets = draws.choice(kind.jet_rates, n_events, rng)
    # ASSUME: each jet exceeds the threshold by a uniform random fraction of the excess
    # of the jet before it.
    excess = rng.random(shape)
    excess[0] = kind.jet_excess * (1 + n_jets) / 2 * rng.standard_exponential(n_events)
    pt = JET_PT_MIN + np.cumprod(excess, axis=0)
    eta = 1.6 * rng.standard_normal(shape)
    eta[:2] += np.outer([0.5, -0.5], kind.jet_gap * rng.choice([-1, 1], n_events))
    is_present = np.arange(shape[0])[:, None] < n_jets
    return pt * is_present * draws.direction(shape, rng), eta * is_present


def soft_recoil(n_events: int, rng: Rng) -> np.ndarray:
    """Transverse momentum of the recoil outside selected jets."""
    # ASSUME: at most two jets below the threshold, and normal noise of 2 GeV in each
    # direction.
    shape = 2, n_events
    pt = rng.uniform(18, JET_PT_MIN, shape) * (rng.random(shape) < 0.28)
    jets = (pt * draws.direction(shape, rng)).sum(axis=0)
    return jets + 2 * draws.plane_normal(n_events, rng)


def two_body(mass: np.ndarray, recoil: np.ndarray, rng: Rng) -> Legs:
    """Momentum and eta of the two massless bodies that a resonance decays to."""
    # ASSUME: isotropic decay; the rapidity of the resonance is normal with width 1.1.
    rapidity = 1.1 * rng.standard_normal(len(recoil))
    cosine = rng.uniform(-1, 1, len(recoil))
    at_rest = mass / 2 * np.sqrt(1 - cosine**2) * draws.direction(len(recoil), rng)
    energy = np.sqrt(mass**2 + np.abs(recoil) ** 2)
    boost = derived_features.dot(at_rest, recoil) / (mass * (energy + mass)) + 1 / 2
    first = at_rest + boost * recoil
    second = recoil - first
    # A boost along the beam adds its rapidity to the eta of massless bodies.
    first_eta = rapidity + np.arcsinh(mass / 2 * cosine / np.abs(first))
    second_eta = rapidity - np.arcsinh(mass / 2 * cosine / np.abs(second))
    return first, first_eta, second, second_eta


def visible(tau: np.ndarray, pt_min: float, power: float, rng: Rng) -> np.ndarray:
    """Visible momentum of taus: at least `pt_min`, if the tau itself has as much."""
    # ASSUME: the invisible momentum fraction x has a density of x^(1 / power - 1).
    hidden_max = 1 - pt_min / np.abs(tau)
    return tau * (1 - hidden_max * rng.random(len(tau)) ** power)
