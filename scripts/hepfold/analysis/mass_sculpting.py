"""Mass sculpting: how a cut on the score changes the mass shape of the background.

If the background peaks at the signal mass after a cut, it mimics signal. Shapes are
computed from training events with their out-of-fold scores, and from signed weights; a
shape without a positive sum of weights is null.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from hepfold.analysis import score_histograms, score_tables
from hepfold.core import columns, metrics, tables

# Working points shown in addition to the chosen cut.
SIGNAL_EFFICIENCIES = (0.8, 0.5)
N_MASS_BINS = 30
# The bins span the central interval with this fraction of the events of each class; the
# outermost bins include underflow and overflow.
SPAN = 0.95
# Number of random draws for the divergence expected by chance.
N_DRAWS = 20
# Steps of probability in these draws.
N_LEVELS = 2**16
NO_CUT = "no cut"
CHOSEN = "chosen cut"

# Sums of weights and of squared weights in bins.
Sums = tuple[np.ndarray, np.ndarray]


def of_training_events(scores: pl.DataFrame) -> pl.DataFrame:
    """The scores of training events, which are out-of-fold."""
    return scores.filter(pl.col(columns.SUBSET) == columns.TRAIN)


def shapes(
    scores: pl.DataFrame, expected: score_tables.Expected, chosen_cut: float, seed: int
) -> pl.DataFrame:
    """Mass shape of training events in both classes, without a cut and after cuts.

    Takes scores with masses. Shapes have unit area; events without a mass are left out.
    `ratio` is the ratio to the shape without a cut, and `divergence` the Jensen-Shannon
    divergence between the two in bits. `chance` is its mean if the same events pass,
    but with randomly drawn masses.
    """
    events = score_tables.scored_events(scores, columns.TRAIN, expected)
    mass = of_training_events(scores)[score_tables.MASS].to_numpy()
    edges = mass_edges(mass, events.label)
    mass = mass.clip(edges[0], edges[-1])
    selections = cuts(events, chosen_cut)
    rng = np.random.default_rng(seed)

    def parts() -> Iterator[pl.DataFrame]:
        """The shapes in each class after each cut."""
        for label, name in columns.CLASS_NAMES.items():
            chosen = events.label == label
            of_class = events.score[chosen], events.weight[chosen], mass[chosen]
            for selection, cut in selections.items():
                names = {"class": name, "selection": selection}
                yield tables.named_rows(after_cut(*of_class, cut, edges, rng), names)

    names = scores.select("dataset", "model").row(0, named=True)
    return tables.named_rows(pl.concat(parts()), {**names, "subset": "oof"})


def after_cut(
    score: np.ndarray,
    weight: np.ndarray,
    mass: np.ndarray,
    cut: float,
    edges: np.ndarray,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Shape of the mass of the events of a class that pass a cut."""
    passes, has_mass = score >= cut, ~np.isnan(mass)
    whole = score_histograms.sums(mass[has_mass], weight[has_mass], edges)
    seen = weight[passes & has_mass]
    part = score_histograms.sums(mass[passes & has_mass], seen, edges)
    passing = weight[passes].sum()
    about = {
        "cut": cut,
        "efficiency": passing / weight.sum(),
        "missing_fraction": 1 - seen.sum() / passing if passing > 0 else 0.0,
        "divergence": jensen_shannon(part[0], whole[0]),
        "chance": divergence_by_chance(
            whole[0], weight[has_mass], passes[has_mass], rng
        ),
    }
    bins = {"low": edges[:-1], "high": edges[1:], **compared(part, whole, edges)}
    return tables.named_rows(bins, about).fill_nan(None)


def mass_edges(mass: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Edges of equal bins (N_MASS_BINS + 1,) that hold the SPAN of both classes."""
    ends = [(1 - SPAN) / 2, (1 + SPAN) / 2]
    spans = [
        np.nanquantile(mass[label == value], ends) for value in columns.CLASS_NAMES
    ]
    low, high = np.min(spans), np.max(spans)
    return np.linspace(low, high, N_MASS_BINS + 1)


def cuts(events: score_tables.ScoredEvents, chosen_cut: float) -> dict[str, float]:
    """No cut, the chosen cut, and the cuts of the working points, by name."""
    cut, s, _ = metrics.passing_sums(events.score, events.label, events.weight)
    efficiency = np.maximum.accumulate(s / s[-1])
    at = np.searchsorted(efficiency, SIGNAL_EFFICIENCIES).clip(max=len(cut) - 1)
    names = map(name_of, SIGNAL_EFFICIENCIES)
    points = dict(zip(names, cut[at].tolist(), strict=True))
    return {NO_CUT: 0.0, CHOSEN: chosen_cut, **points}


def name_of(signal_efficiency: float) -> str:
    """Name of the selection with a signal efficiency."""
    return f"signal efficiency {signal_efficiency:g}"


def compared(part: Sums, whole: Sums, edges: np.ndarray) -> dict[str, np.ndarray]:
    """Shape of the passing events and its ratio to the shape of all events.

    Passing events are a subset of all events, so the ratio has the uncertainty of an
    efficiency.
    """
    (passed, passed_squares), (total, total_squares) = part, whole
    efficiency = score_histograms.quotient(passed, total)
    squares = (1 - 2 * efficiency) * passed_squares + efficiency**2 * total_squares
    n_passed = positive(passed.sum())
    unchanged = positive(total * n_passed / positive(total.sum()))
    area = np.diff(edges) * n_passed
    return {
        "density": score_histograms.quotient(passed, area),
        "density_unc": score_histograms.quotient(np.sqrt(passed_squares), area),
        "ratio": score_histograms.quotient(passed, unchanged),
        "ratio_unc": score_histograms.quotient(np.sqrt(squares.clip(0)), unchanged),
    }


def positive(sums: np.ndarray) -> np.ndarray:
    """Sums of weights as divisors: NaN if they are not positive."""
    return np.where(sums > 0, sums, np.nan)


def divergence_by_chance(
    shape: np.ndarray, weight: np.ndarray, passes: np.ndarray, rng: np.random.Generator
) -> float:
    """Mean divergence between passing events and all events, for random masses.

    `weight` and `passes` are those of all events (n_events,), each of which gets a mass
    drawn from `shape` (n_bins,). Passing events are part of all events, so the
    divergence is smaller than that of separate events from the same shape. For large
    samples of n events with equal weights, a fraction f of which pass, it is (n_bins -
    1) (1 - f) / (8 ln 2 f n) bits.

    Negative bin contents count as zero. NaN if the shape or all draws have no positive
    bin.
    """
    if not (shape > 0).any():
        return float("nan")
    if passes.all():
        return 0.0
    cumulative = shape.clip(0).cumsum() / shape.clip(0).sum()
    # A lookup table, since `rng.choice` takes five times as long.
    level = (np.arange(N_LEVELS) + 0.5) / N_LEVELS
    bin_of_level = np.searchsorted(cumulative, level)
    passing, failing = weight[passes], weight[~passes]
    divergences = []
    for _ in range(N_DRAWS):
        part, rest = (
            np.bincount(
                bin_of_level[rng.integers(N_LEVELS, size=len(w))], w, len(shape)
            )
            for w in (passing, failing)
        )
        divergences.append(jensen_shannon(part, part + rest))
    is_defined = ~np.isnan(divergences)
    return float(np.mean(divergences, where=is_defined)) if is_defined.any() else np.nan


def jensen_shannon(first: np.ndarray, second: np.ndarray) -> float:
    """Jensen-Shannon divergence of two histograms in bits: 0 if equal, 1 if disjoint.

    NaN if one has no events. Negative bin contents count as zero.
    Lin 1991, IEEE Trans. Inf. Theory 37:145 (from memory).
    """
    p, q = first.clip(0), second.clip(0)
    if not (p.any() and q.any()):
        return float("nan")
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2

    def distance(shape: np.ndarray) -> float:
        """Kullback-Leibler divergence of a shape from the mean of both shapes."""
        filled = shape > 0
        return float(shape[filled] @ np.log2(shape[filled] / middle[filled]))

    return (distance(p) + distance(q)) / 2
