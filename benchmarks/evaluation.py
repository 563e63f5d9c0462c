"""Figures of merit of 11 million scores, and the bootstrap of a test set of Higgs ML.

    OMP_NUM_THREADS=1 python benchmarks/evaluation.py

Each part runs in a process of its own, so that its peak memory is its own. Wall time is
followed by the processor time, which does not grow on a shared machine. If scikit-learn
is installed, its `roc_auc_score` and `roc_curve` run on the same scores; the ratio is
that of the wall times.
"""

import importlib.util
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from hepfold.analysis import (
    bootstrap,
    cut_choice,
    merits,
    score_tables,
    training_spread,
)
from hepfold.core import columns, settings

N_SCORES, N_TEST, N_REPLICAS, THREADS = 11_000_000, 550_000, 1000, 2
N_FOLDS, N_GROUPS = 5, 5


# As in the evaluation of config.yaml.
POINTS = [0.3, 0.5, 0.7, 0.9]


def events(n: int) -> score_tables.ScoredEvents:
    """Scored events of two Gaussians, with the sums of weights of Higgs ML."""
    rng = np.random.default_rng(1)
    label = (rng.random(n) < 0.5).astype("i1")
    score = rng.normal(1.5 * label)
    np.negative(score, out=score)
    np.exp(score, out=score)
    score += 1
    np.reciprocal(score, out=score)
    weight = rng.random(n)
    weight *= np.where(label == 1, 692, 411_000) / n * 4
    return score_tables.ScoredEvents(score, label, weight)


class Clock:
    """Measures the time since it was made."""

    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def seconds(self) -> str:
        """Wall time and processor time."""
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        return f"{wall:.2f} s ({cpu:.2f} s of processors)"


def all_merits(
    sample: score_tables.ScoredEvents, n_replicas: int
) -> dict[str, np.ndarray]:
    """All figures of merit of a sample and its replicas."""
    cuts = dict.fromkeys(cut_choice.FIGURES, 0.8)
    definition = bootstrap.Definition(POINTS, cuts, 10.0, 0.1)
    return bootstrap.merits(sample, definition, n_replicas, 1, THREADS).by_name


def values() -> str:
    """All figures of merit of one sample, from one sort."""
    all_merits(events(1000), n_replicas=0)  # compiles
    sample = events(N_SCORES)
    clock = Clock()
    by_name = all_merits(sample, n_replicas=0)
    seconds = clock.seconds()
    auc, auc_weighted, ams = (
        by_name[name][0] for name in ("auc", "auc_weighted", "max_ams")
    )
    return f"{seconds}, AUC {auc:.5f}, {auc_weighted:.5f}, AMS {ams:.3f}"


def sklearn() -> str:
    """The AUCs and the weighted ROC curve of scikit-learn."""
    from sklearn.metrics import roc_auc_score, roc_curve

    sample = events(N_SCORES)
    clock = Clock()
    auc = roc_auc_score(sample.label, sample.score)
    auc_weighted = roc_auc_score(
        sample.label, sample.score, sample_weight=sample.weight
    )
    roc_curve(sample.label, sample.score, sample_weight=sample.weight)
    seconds = clock.seconds()
    return f"{seconds}, AUC {auc:.5f}, {auc_weighted:.5f}"


def replicas() -> str:
    """All figures of merit of a test set and its replicas."""
    all_merits(events(1000), n_replicas=1)  # compiles
    sample = events(N_TEST)
    clock = Clock()
    by_name = all_merits(sample, N_REPLICAS)
    seconds = clock.seconds()
    spread = by_name["auc_weighted"][1:].std()
    return f"{seconds}, {len(by_name)} figures of merit, AUC +- {spread:.5f}"


def uncertainties() -> str:
    """The same of out-of-fold events, with the parts from training and cut."""
    sample = events(N_TEST)
    order = np.arange(N_TEST)
    table = pl.DataFrame(
        {
            columns.EVENT_ID: order,
            columns.FOLD: order % N_FOLDS,
            columns.SUBSET: columns.TRAIN,
            columns.LABEL: sample.label,
            columns.WEIGHT: sample.weight,
            columns.SCORE: sample.score,
        }
    )
    parts = table.partition_by(columns.FOLD)
    rng = np.random.default_rng(2)
    groups = [
        part[columns.SCORE].to_numpy()[:, None] + rng.normal(0, 0.01, N_GROUPS)
        for part in parts
    ]
    folds = training_spread.FoldScores(parts, groups.__getitem__)
    evaluation = settings.Evaluation(working_points=POINTS, n_replicas=N_REPLICAS)
    expected = score_tables.Expected(signal=692.0, background=411_000.0)
    clock = Clock()
    record, _ = merits.figures_of_merit(folds, expected, 10.0, evaluation, 1, THREADS)
    seconds = clock.seconds()
    oof = record["oof"]
    return f"{seconds}, AUC {oof['auc']:.5f} +- {oof['auc_unc_total']:.5f}"


PARTS = {p.__name__: p for p in (values, sklearn, replicas, uncertainties)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        result = PARTS[sys.argv[1]]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{sys.argv[1]:10} {result}, peak {peak:,.0f} MiB")
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
        print(f"ratio      {seconds['sklearn'] / seconds['values']:.2f}")
