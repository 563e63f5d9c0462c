"""ROC curves of the classes of a multi-class model, with 68 % bootstrap bands.

All sums are of signed weights, scaled to the expected events. A class whose weights
have no positive sum in a subset is left out of it.
"""

import numpy as np
import polars as pl

from hepfold.analysis import bootstrap, class_separation, curves, score_tables
from hepfold.core import metrics, tables
from hepfold.data import declared_processes


def roc_curves(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    processes: tuple[declared_processes.DeclaredProcess, ...],
    setting: str | dict,
    n_replicas: int,
    seed: int,
    threads: int,
) -> pl.DataFrame:
    """ROC curve of the probability of each class against all other events, by subset.

    Columns are those of `curves.roc_curves`, with the class as signal, and `class`,
    `auc` and `auc_unc`.
    """
    classes = class_separation.classes_of(setting, processes)
    parts = []
    for names, events in class_separation.subsets(scores, expected, processes, classes):
        for code, name in enumerate(classes.names):
            if has_sums(events, code):
                curve = roc_curve(events, code, n_replicas, seed, threads)
                parts.append(tables.named_rows(curve, {**names, "class": name}))
    return pl.concat(parts)


def has_sums(events: class_separation.ClassifiedEvents, code: int) -> bool:
    """Whether the weights of a class and of all others have positive sums."""
    label = (events.code == code).astype("i1")
    return min(metrics.class_sums(label, events.weight)) > 0


def roc_curve(
    events: class_separation.ClassifiedEvents,
    code: int,
    n_replicas: int,
    seed: int,
    threads: int,
) -> pl.DataFrame:
    """ROC curve of the probability of one class, its AUC and 68 % bootstrap band."""
    points = np.arange(1, curves.N_CURVE_POINTS) / curves.N_CURVE_POINTS
    label = (events.code == code).astype("i1")
    scored = score_tables.ScoredEvents(events.probability[code], label, events.weight)
    sums = bootstrap.resampled(scored, n_replicas, seed, threads, points=points)
    efficiency, area = sums.background_efficiency[:, 0], sums.area[:, 0]
    low, high = curves.band(efficiency[1:])
    return pl.DataFrame(
        {
            "signal_efficiency": np.append(points, 1.0),
            "background_efficiency": np.append(efficiency[0], 1.0),
            "background_efficiency_low": np.append(low, 1.0),
            "background_efficiency_high": np.append(high, 1.0),
            "auc": np.full(len(points) + 1, area[0]),
            "auc_unc": np.full(len(points) + 1, area[1:].std(ddof=1)),
        }
    )
