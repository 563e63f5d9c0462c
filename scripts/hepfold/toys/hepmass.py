"""Toy events in the format of HEPMASS, for trying the workflow without data.

Signal is a heavy particle that decays to a pair of top quarks, background is pairs of
top quarks without it. Both are observed as one lepton, missing momentum and four jets.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from hepfold.data import datasets
from hepfold.toys import draws, lepton_plus_jets

FORM = datasets.HEPMASS
Rng, Table = draws.Rng, draws.Table

MASSES_GEV = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
# ASSUME: width of the particle over its mass.
WIDTH = 0.03
# ASSUME: one jet more than four on average.
MEAN_FURTHER_JETS = 1.0
# Features of HIGGS that HEPMASS lacks, and the position of the one that it adds.
NO_MASSES = ("m_bb", "m_wbb")
I_JET_NUM = 5

# Mean and standard deviation of each feature but the mass hypothesis, in GeV, rad and
# numbers, of a million toy events with the masses above: fixed, so that an event does
# not depend on the others that are drawn.
STANDARD = dict(
    zip(
        FORM.features[:-1],
        (
            *((92.3, 83.4), (0.0, 1.088), (0.0, 1.814)),
            *((90.2, 79.1), (0.0, 1.814)),
            (5.0, 1.0),
            *((169.6, 106.6), (0.0, 1.056), (0.0, 1.814), (0.790, 0.934)),
            *((109.8, 68.0), (0.0, 1.095), (0.0, 1.814), (0.917, 0.947)),
            *((70.8, 41.2), (0.0, 1.143), (0.0, 1.814), (0.829, 0.940)),
            *((39.2, 21.9), (0.0, 1.169), (0.0, 1.814), (0.685, 0.910)),
            *((135.0, 117.8), (231.4, 133.0), (91.2, 29.0), (227.9, 143.0)),
            (746.9, 376.1),
        ),
        strict=True,
    )
)


def hepmass_blocks(
    n_events: int, seed: int, masses: Sequence[float] = MASSES_GEV
) -> Iterator[Table]:
    """The 29 official columns of `n_events` toy events, float64, block by block.

    `masses` are the mass hypotheses in GeV, drawn evenly for signal and background.
    Features have six decimals.
    """
    for i_block, n_block in enumerate(draws.block_sizes(n_events)):
        rng = draws.generator(seed, i_block, draws.TRUTH)
        label = draws.choice([0.5, 0.5], draws.BLOCK_EVENTS, rng)
        i_mass = rng.integers(len(masses), size=draws.BLOCK_EVENTS)
        rng = draws.generator(seed, i_block, draws.KINEMATICS)
        # Background is of kind 0, whatever its mass hypothesis.
        table = draws.fill(label * (1 + i_mass), drawing(masses), rng)
        table |= {"# label": label.astype("f8"), "mass": np.array(masses, "f8")[i_mass]}
        yield {name: table[name][:n_block] for name in FORM.columns}


def drawing(masses: Sequence[float]) -> Callable[[int, int, Rng], Table]:
    """A function that draws events with the features of the file.

    Kind 0 is background, kind i + 1 is signal of the mass i.
    """

    def draw(kind: int, n_wanted: int, rng: Rng) -> Table:
        n_events = lepton_plus_jets.n_candidates(n_wanted)
        if kind == 0:
            partons = lepton_plus_jets.background(n_events, rng)
        else:
            partons = resonant_pair(masses[kind - 1], n_events, rng)
        return official(lepton_plus_jets.observe(partons, rng), rng)

    return draw


def resonant_pair(mass: float, n_events: int, rng: Rng) -> lepton_plus_jets.Partons:
    """Top quarks from a particle of the given mass in GeV."""
    # A Breit-Wigner shape, cut at six half widths and at the threshold of the pair.
    half_widths = np.tan(rng.uniform(-1.4, 1.4, n_events))
    drawn = mass * (1 + WIDTH / 2 * half_widths)
    pair_mass = np.maximum(drawn, 2 * lepton_plus_jets.TOP_MASS_GEV + 1)
    return lepton_plus_jets.top_pair(pair_mass.astype("f4"), rng)


def official(observed: Table, rng: Rng) -> Table:
    """Features of HIGGS as those of HEPMASS: standardized, with six decimals."""
    n_events = len(observed["lepton_pt"])
    jet_num = 4 + rng.poisson(MEAN_FURTHER_JETS, n_events)
    shared = [name for name in datasets.HIGGS.features if name not in NO_MASSES]
    values = [observed[name] for name in shared]
    values.insert(I_JET_NUM, jet_num)
    standard = zip(values, STANDARD.items(), strict=True)
    return {name: six_decimals((v - mean) / sd) for v, (name, (mean, sd)) in standard}


def six_decimals(values: np.ndarray) -> np.ndarray:
    """Nearest numbers with six decimals, float64; zero has no sign."""
    return np.rint(values.astype("f8") * 1e6) / 1e6 + 0.0
