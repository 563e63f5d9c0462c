"""Scored events of a made-up analysis with systematics, a spectrum and collisions."""

import numpy as np
import polars as pl
import process_samples

from hepfold.analysis import fit_inputs, varied_templates
from hepfold.core import columns, settings

INFERENCE = settings.Inference(n_bins=4, min_background=5.0, max_uncertainty=0.5)
EVERY = tuple(process_samples.PROCESSES)
CUT = 0.6


def scores(seed: int = 1) -> pl.DataFrame:
    """Scores of processes in regions, with a mass that falls."""
    table = process_samples.scores(seed=seed, has_regions=True)
    rng = np.random.default_rng(seed)
    mass = rng.exponential(50.0, len(table)) + 100
    return table.with_columns(mass=pl.Series(mass))


def by_tree(table: pl.DataFrame, shift: float, name: str = "jes", direction="up"):
    """All events with a shifted score, as another tree would have them."""
    shifted = (pl.col(columns.SCORE) + shift).clip(0, 1)
    varied = table.with_columns(shifted.alias(columns.SCORE))
    return varied_templates.Variation(name, direction, EVERY, True, varied)


def by_weight(table: pl.DataFrame, factor, name="pileup", direction="up"):
    """Weights of all events times an expression, in another order."""
    varied = table.with_columns(pl.col(columns.WEIGHT) * factor).select(
        columns.EVENT_ID, columns.PROCESS, columns.WEIGHT
    )
    shuffled = varied.sample(fraction=1, shuffle=True, seed=3)
    return varied_templates.Variation(name, direction, EVERY, False, shuffled)


def recorded(seed: int = 5, n_above: int = 0) -> pl.DataFrame:
    """Collisions in the regions; `n_above` more of them are above the cut."""
    rng = np.random.default_rng(seed)
    n_events = 500
    score = np.append(rng.random(n_events), np.full(n_above, 0.999))
    n_all = len(score)
    return pl.DataFrame(
        {
            "eventNumber": np.arange(n_all),
            columns.REGION: np.resize(process_samples.REGIONS, n_all),
            "mass": np.resize([110.0, 130.0, 170.0, 210.0], n_all),
            columns.SCORE: score,
        }
    )


def analysis(**changes) -> fit_inputs.Analysis:
    """The analysis with a varied tree, two varied weights, and blinded collisions."""
    table = scores()
    tilt = 1 + 0.2 * (pl.col(columns.SCORE) - 0.5)
    given = {
        "scores": table,
        "expected": process_samples.EXPECTED,
        "inference": INFERENCE,
        "processes": process_samples.DECLARED,
        "regions": process_samples.REGIONS,
        "variations": [
            by_tree(table, 0.02),
            by_weight(table, tilt),
            by_weight(table, 1 / tilt, direction="down"),
        ],
        "mirrored": ["jes"],
        "recorded": recorded(),
        "cut": CUT,
        "is_blinded": True,
    }
    return fit_inputs.Analysis(**{**given, **changes})
