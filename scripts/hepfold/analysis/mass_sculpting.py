"""What scores have to do with masses: how a cut changes the shape of background.

A background that peaks where the signal does, after a cut, looks like signal. Train
events are judged for it, with their out-of-fold scores.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from hepfold.analysis import score_histograms, score_tables
from hepfold.core import columns, metrics, tables
from hepfold.data import datasets

# Working points that are shown beside the chosen cut.
SIGNAL_EFFICIENCIES = (0.8, 0.5)
N_MASS_BINS = 30
# The bins span what holds this part of the events of each class; the outermost ones
# hold what is beyond, too.
SPAN = 0.95
# Draws of masses that a cut knows nothing of.
N_DRAWS = 20
NO_CUT = "no cut"
CHOSEN = "chosen cut"

# Sums of weights and of squared weights in bins.
Sums = tuple[np.ndarray, np.ndarray]


def of_train_events(scores: pl.DataFrame) -> pl.DataFrame:
    """The scores of train events, which are out-of-fold."""
    return scores.filter(pl.col(columns.SUBSET) == columns.TRAIN)


def shapes(
    scores: pl.DataFrame, definition: datasets.Dataset, chosen_cut: float, seed: int
) -> pl.DataFrame:
    """Shape of the mass of train events in both classes after each of some cuts.

    Takes scores with masses. A shape is of unit area over all bins; what is missing is
    left out. `ratio` is that to the shape without a cut, and `divergence` how far the
    two are apart in bits; so far as `chance` they are, on average, where the mass of as
    many events is drawn from the shape without a cut.
    """
    events = score_tables.scored_events(scores, columns.TRAIN, definition)
    mass = of_train_events(scores)[score_tables.MASS].to_numpy()
    edges = mass_edges(mass, events.label)
    mass = mass.clip(edges[0], edges[-1])
    selections = cuts(events, chosen_cut)
    rng = np.random.default_rng(seed)

    def parts() -> Iterator[pl.DataFrame]:
        """The shape in one class after one cut, in turn."""
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
        "missing_fraction": 1 - seen.sum() / passing if passing else 0.0,
        "divergence": jensen_shannon(part[0], whole[0]),
        "chance": divergence_by_chance(whole[0], seen, rng),
    }
    bins = {"low": edges[:-1], "high": edges[1:], **compared(part, whole, edges)}
    return tables.named_rows(bins, about).fill_nan(None)


def mass_edges(mass: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Edges of equal bins, (N_MASS_BINS + 1,), that hold most of both classes."""
    ends = [(1 - SPAN) / 2, (1 + SPAN) / 2]
    spans = [
        np.nanquantile(mass[label == value], ends) for value in columns.CLASS_NAMES
    ]
    low, high = np.min(spans), np.max(spans)
    return np.linspace(low, high, N_MASS_BINS + 1)


def cuts(events: score_tables.ScoredEvents, chosen_cut: float) -> dict[str, float]:
    """No cut, the chosen one, and those of the working points, by their names."""
    cut, s, _ = metrics.passing_sums(events.score, events.label, events.weight)
    efficiency = s / s[-1]
    at = np.searchsorted(efficiency, SIGNAL_EFFICIENCIES).clip(max=len(cut) - 1)
    names = [f"signal efficiency {value:g}" for value in SIGNAL_EFFICIENCIES]
    points = dict(zip(names, cut[at].tolist(), strict=True))
    return {NO_CUT: 0.0, CHOSEN: chosen_cut, **points}


def compared(part: Sums, whole: Sums, edges: np.ndarray) -> dict[str, np.ndarray]:
    """Shape of the events that pass, and its ratio to that of all, with uncertainties.

    As the events that pass are among all, the ratio has the uncertainty of an
    efficiency.
    """
    (passed, passed_squares), (total, total_squares) = part, whole
    efficiency = score_histograms.quotient(passed, total)
    squares = (1 - 2 * efficiency) * passed_squares + efficiency**2 * total_squares
    unchanged = total * passed.sum() / total.sum()
    area = np.diff(edges) * passed.sum()
    return {
        "density": score_histograms.quotient(passed, area),
        "density_unc": score_histograms.quotient(np.sqrt(passed_squares), area),
        "ratio": score_histograms.quotient(passed, unchanged),
        "ratio_unc": score_histograms.quotient(np.sqrt(squares.clip(0)), unchanged),
    }


def divergence_by_chance(
    shape: np.ndarray, weight: np.ndarray, rng: np.random.Generator
) -> float:
    """Mean divergence from a shape of events whose bins are drawn from it.

    Takes the shape (n_bins,), and the weights of the events.
    """
    expected = shape.clip(0) / shape.clip(0).sum()
    drawn = (rng.choice(len(shape), len(weight), p=expected) for _ in range(N_DRAWS))
    sums = (np.bincount(bins, weight, len(shape)) for bins in drawn)
    return float(np.mean([jensen_shannon(found, shape) for found in sums]))


def jensen_shannon(first: np.ndarray, second: np.ndarray) -> float:
    """Jensen-Shannon divergence of two histograms in bits: 0 if alike, 1 if disjoint.

    NaN where one has no events. Sums that negative weights make negative count as zero.
    Lin 1991, IEEE Trans. Inf. Theory 37:145 (from memory).
    """
    p, q = first.clip(0), second.clip(0)
    if not (p.any() and q.any()):
        return float("nan")
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2

    def distance(shape: np.ndarray) -> float:
        """Kullback-Leibler divergence of a shape from the middle."""
        filled = shape > 0
        return float(shape[filled] @ np.log2(shape[filled] / middle[filled]))

    return (distance(p) + distance(q)) / 2
