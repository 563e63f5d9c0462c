"""Toy events in the HIGGS format, for trying the workflow without a download.

Signal is a heavy Higgs boson that decays to a W and a charged Higgs boson, which
decays to a W and the light Higgs boson, which decays to two b quarks. Background is
top-quark pairs. Both are observed as one lepton, missing transverse momentum and four
jets.
"""

from collections.abc import Iterator

import numpy as np

from hepfold.core import columns
from hepfold.toys import draws, lepton_plus_jets, official_columns

# GeV or radians to which the detector software rounded momenta and angles.
STEPS = {
    name: 0.01 if name.endswith("_pt") else 0.001
    for name in official_columns.HIGGS_LOW_LEVEL
    if name.endswith(("_pt", "_eta", "_phi")) and not name.startswith("missing")
}
Rng, Table = draws.Rng, draws.Table

# P. Baldi, P. Sadowski, D. Whiteson, Nature Commun. 5 (2014) 4308.
HEAVY_MASS_GEV, CHARGED_MASS_GEV, LIGHT_MASS_GEV = 425.0, 325.0, 125.0
SIGNAL_FRACTION = 0.53

# Units of the official columns in GeV and rad. They are derived from the grid spacing
# of the columns (`data.units`), except those of missing energy and masses, which follow
# from the others.
UNITS = {
    "lepton_pt": 54.64,
    "lepton_eta": 1.0268,
    "lepton_phi": 1.8022,
    "missing_energy_magnitude": 58.6,
    "missing_energy_phi": 1.8015,
    "jet_1_pt": 109.16,
    "jet_1_eta": 1.0099,
    "jet_1_phi": 1.8040,
    "jet_1_b_tag": 1 / 1.08653808,
    "jet_2_pt": 79.43,
    "jet_2_eta": 1.0295,
    "jet_2_phi": 1.8022,
    "jet_2_b_tag": 1 / 1.10743606,
    "jet_3_pt": 56.94,
    "jet_3_eta": 1.0986,
    "jet_3_phi": 1.8025,
    "jet_3_b_tag": 1 / 1.27411222,
    "jet_4_pt": 41.08,
    "jet_4_eta": 1.2008,
    "jet_4_phi": 1.8020,
    "jet_4_b_tag": 1 / 1.55098069,
    "m_jj": 87.7,
    "m_jjj": 179.2,
    "m_lv": 81.4,
    "m_jlv": 195.3,
    "m_bb": 126.0,
    "m_wbb": 334.5,
    "m_wwbb": 509.0,
}


def higgs_blocks(n_events: int, seed: int) -> Iterator[Table]:
    """The 29 official columns of `n_events` toy events, float32, block by block."""
    for i_block, n_block in enumerate(draws.block_sizes(n_events)):
        rng = draws.generator(seed, i_block, draws.TRUTH)
        rates = [1 - SIGNAL_FRACTION, SIGNAL_FRACTION]
        label = draws.choice(rates, draws.BLOCK_EVENTS, rng)
        rng = draws.generator(seed, i_block, draws.KINEMATICS)
        table = draws.fill(label, draw, rng) | {"label": label.astype("f4")}
        yield {name: table[name][:n_block] for name in official_columns.HIGGS}


def draw(label: int, n_missing: int, rng: Rng) -> Table:
    """Features of selected events of one class, float32, in the units of the file."""
    n_events = lepton_plus_jets.n_candidates(n_missing)
    produce = cascade if label == columns.SIGNAL else lepton_plus_jets.background
    table = lepton_plus_jets.observe(produce(n_events, rng), rng)
    for name, step in STEPS.items():
        table[name] = np.rint(table[name] / step) * step
    return {name: (table[name] / unit).astype("f4") for name, unit in UNITS.items()}


def cascade(n_events: int, rng: Rng) -> lepton_plus_jets.Partons:
    """Two W and two b quarks from a heavy, a charged and a light Higgs boson."""
    w_mass = lepton_plus_jets.W_MASS_GEV
    heavy = lepton_plus_jets.resonance(HEAVY_MASS_GEV, n_events, rng)
    masses = w_mass, CHARGED_MASS_GEV
    w_a, charged = lepton_plus_jets.decay(heavy, HEAVY_MASS_GEV, masses, rng)
    masses = w_mass, LIGHT_MASS_GEV
    w_b, light = lepton_plus_jets.decay(charged, CHARGED_MASS_GEV, masses, rng)
    b_quarks = lepton_plus_jets.decay(light, LIGHT_MASS_GEV, (0.0, 0.0), rng)
    return lepton_plus_jets.Partons(w_a, w_b, *b_quarks)
