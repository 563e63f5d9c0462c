"""Toy events in the HEPMASS format, for trying the workflow without a download.

Signal is a heavy resonance that decays to a top-quark pair; background is
non-resonant top-quark pairs. Both are observed as one lepton, missing transverse
momentum and four jets.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from hepfold.toys import draws, lepton_plus_jets, official_columns

Rng, Table = draws.Rng, draws.Table

MASSES_GEV = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
# ASSUME: width of the resonance divided by its mass.
WIDTH = 0.03
# ASSUME: one additional jet beyond the four, on average.
MEAN_FURTHER_JETS = 1.0
# Features of HIGGS that HEPMASS lacks, and the position of the feature that it adds.
NO_MASSES = ("m_bb", "m_wbb")
I_JET_NUM = 5

# Mean and standard deviation of each feature except the mass hypothesis, measured on a
# million toy events with the masses above. Momenta and masses are in GeV, angles in
# rad. The values are fixed so that an event does not depend on the other events drawn.
STANDARD = {
    "f0": (92.3, 83.4),  # lepton pt
    "f1": (0.0, 1.088),
    "f2": (0.0, 1.814),
    "f3": (90.2, 79.1),  # missing transverse momentum
    "f4": (0.0, 1.814),
    "f5": (5.0, 1.0),  # number of jets
    "f6": (169.6, 106.6),  # four jets: pt, eta, phi, b-tag
    "f7": (0.0, 1.056),
    "f8": (0.0, 1.814),
    "f9": (0.790, 0.934),
    "f10": (109.8, 68.0),
    "f11": (0.0, 1.095),
    "f12": (0.0, 1.814),
    "f13": (0.917, 0.947),
    "f14": (70.8, 41.2),
    "f15": (0.0, 1.143),
    "f16": (0.0, 1.814),
    "f17": (0.829, 0.940),
    "f18": (39.2, 21.9),
    "f19": (0.0, 1.169),
    "f20": (0.0, 1.814),
    "f21": (0.685, 0.910),
    "f22": (135.0, 117.8),  # m_jj, m_jjj, m_lv, m_jlv, m_wwbb
    "f23": (231.4, 133.0),
    "f24": (91.2, 29.0),
    "f25": (227.9, 143.0),
    "f26": (746.9, 376.1),
}


def hepmass_blocks(
    n_events: int, seed: int, masses: Sequence[float] = MASSES_GEV
) -> Iterator[Table]:
    """The 29 official columns of `n_events` toy events, float64, block by block.

    `masses` are the mass hypotheses in GeV, which signal and background events get with
    equal probability. Features are rounded to six decimals.
    """
    for i_block, n_block in enumerate(draws.block_sizes(n_events)):
        rng = draws.generator(seed, i_block, draws.TRUTH)
        label = draws.choice([0.5, 0.5], draws.BLOCK_EVENTS, rng)
        i_mass = rng.integers(len(masses), size=draws.BLOCK_EVENTS)
        rng = draws.generator(seed, i_block, draws.KINEMATICS)
        # Background does not depend on its mass hypothesis: kind 0 for all of it.
        table = draws.fill(label * (1 + i_mass), drawing(masses), rng)
        table |= {"# label": label.astype("f8"), "mass": np.array(masses, "f8")[i_mass]}
        yield {name: table[name][:n_block] for name in official_columns.HEPMASS}


def drawing(masses: Sequence[float]) -> Callable[[int, int, Rng], Table]:
    """Function that draws events of one kind, with the features of the file.

    Kind 0 is background; kind i + 1 is signal with mass `masses[i]`.
    """

    def draw(kind: int, n_missing: int, rng: Rng) -> Table:
        """Candidates of one kind, more than are missing."""
        n_events = lepton_plus_jets.n_candidates(n_missing)
        if kind == 0:
            partons = lepton_plus_jets.background(n_events, rng)
        else:
            partons = resonant_pair(masses[kind - 1], n_events, rng)
        return official(lepton_plus_jets.observe(partons, rng), rng)

    return draw


def resonant_pair(mass: float, n_events: int, rng: Rng) -> lepton_plus_jets.Partons:
    """Top-quark pairs from a resonance of the given mass in GeV."""
    # Breit-Wigner, truncated at six half-widths and at the pair-production threshold.
    half_widths = np.tan(rng.uniform(-1.4, 1.4, n_events))
    drawn = mass * (1 + WIDTH / 2 * half_widths)
    pair_mass = np.maximum(drawn, 2 * lepton_plus_jets.TOP_MASS_GEV + 1)
    return lepton_plus_jets.top_pair(pair_mass.astype("f4"), rng)


def official(observed: Table, rng: Rng) -> Table:
    """HEPMASS features from HIGGS features: standardized, with six decimals."""
    n_events = len(observed["lepton_pt"])
    jet_num = 4 + rng.poisson(MEAN_FURTHER_JETS, n_events)
    shared = [name for name in official_columns.HIGGS[1:] if name not in NO_MASSES]
    values = [observed[name] for name in shared]
    values.insert(I_JET_NUM, jet_num)
    standard = zip(values, STANDARD.items(), strict=True)
    return {name: six_decimals((v - mean) / sd) for v, (name, (mean, sd)) in standard}


def six_decimals(values: np.ndarray) -> np.ndarray:
    """Values rounded to six decimals, float64, without negative zeros."""
    return np.rint(values.astype("f8") * 1e6) / 1e6 + 0.0
