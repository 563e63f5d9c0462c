"""Small events of a lepton, missing momentum and three jets, for tests."""

import numpy as np

from hepfold.models import feature_schema

NAMES = (
    *("lepton_pt", "lepton_eta", "lepton_phi", "met", "met_phi"),
    *(f"jet_{i}_{name}" for i in range(3) for name in ("pt", "eta", "phi", "tag")),
    *("mass", "n_jets"),
)
N_CATEGORIES = 2
JETS = [slice(5 + 4 * i, 9 + 4 * i) for i in range(3)]
PHI = [2, 4, 7, 11, 15]
ETA = [1, 6, 10, 14]


def schema() -> feature_schema.Schema:
    """The schema of the events: the jets are alike and have a tag."""
    return feature_schema.Schema(
        features=NAMES,
        n_values=(N_CATEGORIES,),
        bodies=((0, 1, 2), (3, None, 4), (5, 6, 7), (9, 10, 11), (13, 14, 15)),
        units=(1.0,) * len(NAMES),
        momenta_are_positive=True,
        kinds=("lepton", "met", "jet", "jet", "jet"),
        more=((), (), (8,), (12,), (16,)),
    )


def inputs(n_events: int, seed: int = 0) -> np.ndarray:
    """Physical features (n_events, n_features); some events lack the last jet."""
    rng = np.random.default_rng(seed)
    values = np.empty((n_events, len(NAMES)), "f4")
    values[:, :] = rng.exponential(40, values.shape) + 20
    values[:, ETA] = rng.normal(0, 1.2, (n_events, len(ETA)))
    values[:, PHI] = rng.uniform(-np.pi, np.pi, (n_events, len(PHI)))
    values[:, [8, 12, 16]] = rng.integers(2, size=(n_events, 3))
    values[:, -1] = rng.integers(N_CATEGORIES, size=n_events)
    values[::4, JETS[2]] = np.nan
    return values
