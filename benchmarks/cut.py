"""How much AMS on other events each way to choose the cut loses.

    OMP_NUM_THREADS=1 python benchmarks/cut.py [N_EXPERIMENTS]

Pseudo-experiments of scores from Gaussians at the sizes, class sums and spreads of
weights of Higgs ML, where the AMS at any cut is known. A small part of the background
looks like signal, as in nature, so that no score separates it. For each way to choose,
over experiments:

- lost: mean and standard deviation of the best AMS less the true AMS at the cut;
- spread: standard deviation of the cut, as the true signal efficiency there;
- optimism: mean of the AMS on the events that the cut was chosen on, less the true.
"""

import math
import sys
from pathlib import Path
from statistics import NormalDist

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from hepfold.core import files, metrics
from hepfold.data import weights

DECLARED = Path(__file__).parents[1] / "workflow/datasets/higgsml.yaml"
EXPECTED = files.read_yaml(str(DECLARED))["normalization"]
B_REG = 10.0
SIGNAL_PART = 0.34
# Distance of the Gaussians, and the part of background that is as signal. The first is
# near what networks reach on Higgs ML; the second has its best cut among few events.
SHAPES = [(2.15, 0.015), (1.8, 0.0)]
SIZES = [17_000, 250_000]
# Standard deviations of the logarithm of weights, of background and of signal.
SPREADS = (0.65, 0.83)
# At 17,000 events; a quarter of it and less at larger sizes.
N_EXPERIMENTS = 400


def plain(s: np.ndarray, ams: np.ndarray, n_signal: int) -> int:
    """The largest AMS."""
    return int(ams.argmax())


def smoothed(factor: float):
    """The largest AMS after smoothing, with a window so many times as wide as ours."""

    def best(s: np.ndarray, ams: np.ndarray, n_signal: int) -> int:
        width = factor * metrics.smoothing_width(n_signal)
        return metrics.smoothed_best(s, ams, min(width, 0.9))

    return best


def mean_of_top(part: float):
    """The mean rank of the given part of all cuts, those of the largest AMS."""

    def best(s: np.ndarray, ams: np.ndarray, n_signal: int) -> int:
        n_top = int(part * len(ams))
        return int(np.argpartition(-ams, n_top)[:n_top].mean())

    return best


WAYS = {
    "plain": plain,
    "smoothed": smoothed(1.0),
    "half as wide": smoothed(0.5),
    "twice as wide": smoothed(2.0),
    "mean of top 10 %": mean_of_top(0.1),
    "mean of top 5 %": mean_of_top(0.05),
}


def true_curve(distance: float, part: float) -> tuple[np.ndarray, ...]:
    """Position of the cut, signal efficiency and AMS there."""
    unit = NormalDist()
    x = np.linspace(-4, 7, 5001)
    background = np.array([unit.cdf(-value) for value in x])
    signal = np.array([unit.cdf(distance - value) for value in x])
    background = (1 - part) * background + part * signal
    s, b = EXPECTED["signal"] * signal, EXPECTED["background"] * background
    return x, signal, metrics.ams(s, b, B_REG)


def draw(n: int, distance: float, part: float, rng: np.random.Generator):
    """Position, label and weight of the events of an experiment."""
    label = (rng.random(n) < SIGNAL_PART).astype("i1")
    as_signal = (label == 1) | (rng.random(n) < part)
    x = rng.normal(distance * as_signal)
    weight = rng.lognormal(0, np.array(SPREADS)[label])
    full = weights.scale_to_full(
        weight, label, EXPECTED["signal"], EXPECTED["background"]
    )
    return x, label, full


def compare(n: int, shape: tuple[float, float], n_experiments: int) -> None:
    """Print a table of all ways at one size and shape."""
    x, efficiency, true = true_curve(*shape)
    rows = {name: [] for name in WAYS}
    for seed in range(n_experiments):
        events = draw(n, *shape, np.random.default_rng(seed))
        cut, s, b = metrics.passing_sums(*events)
        ams = metrics.ams(s, b, B_REG)
        for name, way in WAYS.items():
            best = way(s, ams, events[1].sum())
            there = np.interp(cut[best], x, true)
            passing = np.interp(cut[best], x, efficiency)
            rows[name].append((true.max() - there, passing, ams[best] - there))
    print(
        f"\n{n:,} events, {n_experiments} experiments, distance {shape[0]}, "
        f"{shape[1]:.1%} as signal: best AMS {true.max():.3f} "
        f"at signal efficiency {efficiency[true.argmax()]:.3f}"
    )
    print(f"{'cut':18}{'lost':>16}{'spread':>10}{'optimism':>10}")
    for name, found in rows.items():
        lost, passing, optimism = np.array(found).T
        unc = lost.std() / math.sqrt(n_experiments)
        print(
            f"{name:18}{lost.mean():8.4f} +- {lost.std():.4f}{passing.std():10.3f}"
            f"{optimism.mean():10.3f}   (mean to {unc:.4f})"
        )


if __name__ == "__main__":
    n_experiments = int(sys.argv[1]) if len(sys.argv) > 1 else N_EXPERIMENTS
    for shape in SHAPES:
        for n in SIZES:
            n_here = n_experiments if n == SIZES[0] else -(-n_experiments // 4)
            compare(n, shape, n_here)
