"""Eleven million scores judged, and the bootstrap of a test set of Higgs ML.

    OMP_NUM_THREADS=1 python benchmarks/evaluation.py

Each part is a process of its own, so that its peak memory is its own. The time of all
processors is told too: where others compute, the clock on the wall runs on. Beside it,
where scikit-learn can be imported, its `roc_auc_score` and `roc_curve` on the same
scores, and the ratio of both clocks on the wall.
"""

import importlib.util
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from hepfold.analysis import bootstrap
from hepfold.core import metrics

N_SCORES, N_TEST, N_REPLICAS, THREADS = 11_000_000, 550_000, 1000, 2


def events(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, label and weight of events of two Gaussians."""
    rng = np.random.default_rng(1)
    label = (rng.random(n) < 0.5).astype("i1")
    score = rng.normal(1.5 * label)
    np.negative(score, out=score)
    np.exp(score, out=score)
    score += 1
    np.reciprocal(score, out=score)
    weight = rng.random(n)
    weight *= np.where(label == 1, 692, 411_000) / n * 4
    return score, label, weight


class Clock:
    """Tells the time that has passed since it was made."""

    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def told(self) -> str:
        """Seconds on the wall and of all processors."""
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        return f"{wall:.2f} s ({cpu:.2f} s of processors)"


def curves() -> str:
    """AUC with weights and without, ROC curve and AMS scan, from one sort."""
    score, label, weight = events(N_SCORES)
    clock = Clock()
    order, n_passing = metrics.ranking(score)
    s, b = metrics.ranked_sums(order, n_passing, label, weight)
    auc_weighted = metrics.area(s, b)
    signal_efficiency, background_efficiency = s / s[-1], b / b[-1]
    ams = metrics.ams(s, b, 10.0)
    n_s, n_b = metrics.ranked_counts(order, n_passing, label)
    auc = metrics.area(n_s, n_b)
    told = clock.told()
    ends = signal_efficiency[-1], background_efficiency[-1]
    assert ends == (1.0, 1.0)
    return f"{told}, AUC {auc:.5f}, {auc_weighted:.5f}, AMS {ams.max():.3f}"


def sklearn() -> str:
    """The AUCs and the weighted ROC curve of scikit-learn."""
    from sklearn.metrics import roc_auc_score, roc_curve

    score, label, weight = events(N_SCORES)
    clock = Clock()
    auc = roc_auc_score(label, score)
    auc_weighted = roc_auc_score(label, score, sample_weight=weight)
    roc_curve(label, score, sample_weight=weight)
    told = clock.told()
    return f"{told}, AUC {auc:.5f}, {auc_weighted:.5f}"


def replicas() -> str:
    """All figures of merit of a thousand replicas."""
    sample = events(N_TEST)
    options = {"cut": 0.8, "b_reg": 10.0, "background_uncertainty": 0.1, "seed": 1}
    points = [0.3, 0.5, 0.7, 0.9]
    bootstrap.merits(*sample, points, n_replicas=1, **options)  # compiled or loaded
    clock = Clock()
    found = bootstrap.merits(
        *sample, points, n_replicas=N_REPLICAS, threads=THREADS, **options
    )
    told = clock.told()
    spread = found["auc_weighted"].std()
    return f"{told}, {len(found)} figures of merit, AUC +- {spread:.5f}"


PARTS = {part.__name__: part for part in (curves, sklearn, replicas)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        said = PARTS[sys.argv[1]]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{sys.argv[1]:10} {said}, peak {peak:,.0f} MiB")
        raise SystemExit
    print(f"{N_SCORES:,} scores; {N_TEST:,} events and {N_REPLICAS:,} replicas")
    seconds = {}
    for name in PARTS:
        if name == "sklearn" and not importlib.util.find_spec("sklearn"):
            print("sklearn    is not installed")
            continue
        command = [sys.executable, __file__, name]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print(run.stdout, end="")
        seconds[name] = float(run.stdout.split()[1])
    if "sklearn" in seconds:
        print(f"ratio      {seconds['sklearn'] / seconds['curves']:.2f}")
