"""The parts of the uncertainty of a figure of merit, and their sum.

- events: the finite number of evaluated events (bootstrap), `<name>_unc`;
- training: a repeated training with other initial weights, `<name>_unc_training`;
- cut: another choice of the cut, `<name>_unc_cut`, of figures that have a cut.

`<name>_unc_total` is the root of the sum of their squares, without parts that are
unknown (null).
"""

import math

import numpy as np

from hepfold.analysis import cut_choice, score_tables
from hepfold.core import columns

# A figure of merit that is undefined in a larger fraction of the replicas has no
# uncertainty: zero is then within two standard deviations of a sum of weights.
UNDEFINED_PART = 0.05
# With fewer effective background events above the cut, intervals are percentiles.
FEW_EVENTS = 50
# Percentiles of an interval: one standard deviation of a Gaussian.
INTERVAL = (15.865, 84.135)
PARTS = ("_unc", "_unc_training", "_unc_cut")


def with_parts(
    replicas: dict[str, np.ndarray],
    training: dict[str, float],
    of_cut: dict[str, float],
) -> dict[str, float | None]:
    """Each figure of merit with the parts of its uncertainty, and their sum.

    Takes the values in the sample and its replicas, and variances from the training and
    from the choice of the cut, which may both lack a figure of merit.
    """
    record = {}
    for name, values in replicas.items():
        parts = {f"{name}_unc": spread(values[1:])}
        parts[f"{name}_unc_training"] = math.sqrt(training.get(name, math.nan))
        if name in cut_choice.FIGURES:
            parts[f"{name}_unc_cut"] = math.sqrt(of_cut.get(name, math.nan))
        record[name] = finite(values[0])
        record |= {key: finite(value) for key, value in parts.items()}
        record[f"{name}_unc_total"] = total(record, name)
    return record


def total(record: dict, name: str) -> float | None:
    """Sum of the parts in quadrature; None if the part from the events is unknown."""
    if record[f"{name}_unc"] is None:
        return None
    return math.hypot(*(record.get(f"{name}{part}") or 0.0 for part in PARTS))


def of_events(replicas: dict[str, np.ndarray]) -> dict[str, float | None]:
    """Each figure of merit with its uncertainty from the finite number of events."""
    record = {}
    for name, values in replicas.items():
        record[name] = finite(values[0])
        record[f"{name}_unc"] = finite(spread(values[1:]))
    return record


def interval(
    record: dict, name: str, values: np.ndarray, n_eff: float
) -> dict[str, float | None]:
    """Effective number of events, and an asymmetric interval where it is small.

    `values` are those of the sample and its replicas. The lengths of the interval below
    and above the value are null where it is symmetric.
    """
    lengths = [None, None]
    if n_eff < FEW_EVENTS and record[f"{name}_unc"] is not None:
        low, high = np.nanpercentile(values[1:], INTERVAL)
        others = [record[f"{name}{part}"] or 0.0 for part in PARTS[1:]]
        lengths = [
            math.hypot(max(length, 0.0), *others)
            for length in (values[0] - low, high - values[0])
        ]
    low, high = lengths
    return {
        f"{name}_n_eff": finite(n_eff),
        f"{name}_unc_low": low,
        f"{name}_unc_high": high,
    }


def effective_number(events: score_tables.ScoredEvents, cut: float) -> float:
    """Number of unweighted events with the same relative uncertainty as the background.

    The squared sum of weights divided by the sum of squared weights.
    """
    passes = (events.score >= cut) & (events.label == columns.BACKGROUND)
    weight = events.weight[passes]
    squares = np.sum(weight**2)
    return float(weight.sum() ** 2 / squares) if squares > 0 else 0.0


def spread(replicas: np.ndarray) -> float:
    """Standard deviation of the replicas in which a figure of merit is defined.

    NaN if it is undefined (NaN) in more than UNDEFINED_PART of the replicas, or if it
    is infinite in one.
    """
    is_undefined = np.isnan(replicas)
    if is_undefined.mean() > UNDEFINED_PART:
        return np.nan
    if is_undefined.any():
        replicas = replicas[~is_undefined]
    with np.errstate(invalid="ignore"):
        return replicas.std(ddof=1)


def finite(value: float) -> float | None:
    """The value, or None (null in JSON) if it is infinite or NaN."""
    return float(value) if np.isfinite(value) else None
