"""Toy events in the format of Higgs ML, for trying the workflow without data.

They serve to run and time every step and to see a classifier learn, not for physics.
Resonances of the right masses decay isotropically to massless bodies, recoil against
jets and are measured with finite resolution. Rates and spectra are set by eye to look
like the official ones; ASSUME marks assumptions. Momenta are in GeV; a transverse
momentum is one complex number, px + i py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from hepfold.core import columns
from hepfold.data import datasets
from hepfold.toys import derived_features, draws

FORM = datasets.HIGGSML

FIRST_EVENT_ID = 100_000

SET_EVENTS = {"t": 250_000, "b": 100_000, "v": 450_000, "u": 18_238}
# What the codes in the columns of text mean: `values[code]` is the text.
CATEGORIES = {
    "Label": tuple(sorted(FORM.label_values, key=FORM.label_values.get)),
    "KaggleSet": tuple(SET_EVENTS),
}

TAU_PT_MIN, LEP_PT_MIN, JET_PT_MIN, JET_NUM_MAX = 20, 26, 30, 3
LEPTON_ETA_MAX, JET_ETA_MAX, DELTA_R_MIN, ENERGY_MAX = 2.5, 4.5, 0.4, 3000

Rng, Table = draws.Rng, draws.Table
Legs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def tau_pair(mass: np.ndarray, recoil: np.ndarray, rng: Rng) -> Legs:
    """A resonance that decays to two taus, one to hadrons and one to a lepton."""
    # ASSUME: no spin correlation, and neutrinos fly along their tau.
    tau, tau_eta, lep, lep_eta = two_body(mass, recoil, rng)
    seen_lep = visible(lep, LEP_PT_MIN, 0.5, rng)
    return visible(tau, TAU_PT_MIN, 1, rng), tau_eta, seen_lep, lep_eta


def w_and_fake(mass: np.ndarray, recoil: np.ndarray, rng: Rng) -> Legs:
    """A W that decays to a lepton and a neutrino; a jet is misidentified as the tau."""
    fake_pt = TAU_PT_MIN + 13 * rng.standard_exponential(len(recoil))
    fake = fake_pt * draws.direction(len(recoil), rng)
    fake_eta = 1.5 * rng.standard_normal(len(recoil))
    return fake, fake_eta, *two_body(mass, recoil - fake, rng)[:2]


def top_pair(mass: np.ndarray, recoil: np.ndarray, rng: Rng) -> Legs:
    """Two W, one decaying to a lepton and one to a tau; the b quarks are jets."""
    first_w = 45 * draws.plane_normal(len(recoil), rng)
    tau, tau_eta = two_body(mass, recoil - first_w, rng)[:2]
    return visible(tau, TAU_PT_MIN, 1, rng), tau_eta, *two_body(mass, first_w, rng)[:2]


@dataclass(frozen=True)
class Process:
    """One physics process; `legs` draws momentum and eta of its tau and lepton.

    `fraction` is of all events, `weight` relative to the other processes of its class.
    `jet_rates` are those of 0, 1, 2 ... jets; a single jet exceeds the threshold by
    `jet_excess` on average. `jet_gap` separates the first two jets in eta.
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
# ASSUME: rates, weights and jets near those of the official events. In order: gluon
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
    polars turns into text 20 times faster than it reads an array of text. Weight sums
    to the full sums of the official file, and so does KaggleWeight in each KaggleSet.
    """
    sums = weight_sums(n_events, seed)
    for i_block, n_block in enumerate(draws.block_sizes(n_events)):
        truth = draw_truth(i_block, seed)
        table = features(draw_primitive(truth["process"], i_block, seed))
        table |= weights_and_labels(truth, sums)
        first_id = FIRST_EVENT_ID + i_block * draws.BLOCK_EVENTS
        table["EventId"] = first_id + np.arange(draws.BLOCK_EVENTS)
        yield {name: table[name][:n_block] for name in FORM.columns}


def draw_truth(i_block: int, seed: int) -> Table:
    """Process, label and set of each event of a block as codes, and its raw weight."""
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
    """Sums of the raw weights, (n_sets, n_classes), from the truth of all blocks."""
    sums = np.zeros((len(CATEGORIES["KaggleSet"]), len(CATEGORIES["Label"])))
    for i_block, n_block in enumerate(draws.block_sizes(n_events)):
        truth = draw_truth(i_block, seed)
        cell = truth["set"][:n_block], truth["label"][:n_block]
        np.add.at(sums, cell, truth["weight"][:n_block])
    return sums


def weights_and_labels(truth: Table, sums: np.ndarray) -> Table:
    """The last four columns; raw weights are scaled to the sums of the data set."""
    label, in_set, weight = truth["label"], truth["set"], truth["weight"]
    full_sums = np.array([FORM.background_sum, FORM.signal_sum])
    # A class may have none of few events: then there is nothing to scale.
    sums, class_sums = (np.maximum(x, 1e-9) for x in (sums, sums.sum(axis=0)))
    return {
        "Weight": weight * (full_sums / class_sums)[label],
        "Label": label,
        "KaggleSet": in_set,
        "KaggleWeight": weight * (full_sums / sums)[in_set, label],
    }


def features(primitive: Table) -> Table:
    """PRI_ features as in the file, and the DER_ features that follow from them."""
    table = {name: three_decimals(values) for name, values in primitive.items()}
    derived = derived_features.derive(table)
    table |= {name: three_decimals(values) for name, values in derived.items()}
    for name, values in table.items():
        table[name] = np.where(np.isnan(values), FORM.missing, values)
    return table | {"PRI_jet_num": table["PRI_jet_num"].astype(int)}


def three_decimals(values: np.ndarray) -> np.ndarray:
    """Nearest numbers with three decimals; zero has no sign."""
    return np.rint(values * 1000) / 1000 + 0.0


def draw_primitive(process: np.ndarray, i_block: int, seed: int) -> Table:
    """PRI_ features of the events of a block, redrawn until they are selected."""

    def draw(code: int, n_wanted: int, rng: Rng) -> Table:
        return candidates(PROCESSES[code], 2 * n_wanted + 100, rng)

    rng = draws.generator(seed, i_block, draws.KINEMATICS)
    return draws.fill(process, draw, rng)


def candidates(kind: Process, n_events: int, rng: Rng) -> Table:
    """PRI_ features of the events that are selected among `n_events` random ones."""
    jet, jet_eta = draw_jets(kind, n_events, rng)
    jet_pt = np.abs(jet).sum(axis=0)
    # ASSUME: resolution goes as the root of the energy, and events are never empty.
    blur = 1.2 * np.sqrt(80 + jet_pt) * draws.plane_normal(n_events, rng)
    recoil = -jet.sum(axis=0) - soft_recoil(n_events, rng) - blur
    # A Breit-Wigner shape, cut at six half widths.
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
        seen = np.where(momentum[i] == 0, np.nan, momentum[i])
        table[f"PRI_{name}_pt"] = np.abs(seen)
        table[f"PRI_{name}_eta"] = np.where(np.isnan(seen), np.nan, eta[i])
        table[f"PRI_{name}_phi"] = np.angle(seen)
    return table


def draw_jets(kind: Process, n_events: int, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Momenta and eta of jets, (n_jets, n_events), by falling pt; 0 if absent."""
    shape = len(kind.jet_rates) - 1, n_events
    n_jets = draws.choice(kind.jet_rates, n_events, rng)
    # ASSUME: the excess of each jet over the threshold is a random part of that of the
    # jet before.
    excess = rng.random(shape)
    excess[0] = kind.jet_excess * (1 + n_jets) / 2 * rng.standard_exponential(n_events)
    pt = JET_PT_MIN + np.cumprod(excess, axis=0)
    eta = 1.6 * rng.standard_normal(shape)
    eta[:2] += np.outer([0.5, -0.5], kind.jet_gap * rng.choice([-1, 1], n_events))
    there = np.arange(shape[0])[:, None] < n_jets
    return pt * there * draws.direction(shape, rng), eta * there


def soft_recoil(n_events: int, rng: Rng) -> np.ndarray:
    """Transverse momentum of the recoil that is not in selected jets."""
    # ASSUME: at most two jets below the threshold, and 2 GeV per direction of the rest.
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
    """Visible momentum of taus, at least `pt_min` where the tau has as much."""
    # ASSUME: the density of the hidden part x of the momentum is x^(1 / power - 1).
    hidden_max = 1 - pt_min / np.abs(tau)
    return tau * (1 - hidden_max * rng.random(len(tau)) ** power)
