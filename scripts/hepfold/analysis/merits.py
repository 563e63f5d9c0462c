"""Figures of merit of a model on every subset of events, each with its uncertainty.

The uncertainty of `name` is `name_unc`, the standard deviation over bootstrap replicas
of the subset. Values that are not finite, such as the rejection if no background
passes, are null. Names with the suffix `_weighted` use the physics weights: AUC and
rejections directly; log loss and accuracy with equal sums for both classes, since the
expected signal is hundreds of times smaller than the background.

Negative weights count with their sign in the value and in every replica. A figure of
merit is undefined in a replica in which a class has no positive sum of weights, and the
AMS also where the background that passes the cut is negative.
"""

import numpy as np
import polars as pl

from hepfold.analysis import bootstrap, score_tables
from hepfold.core import columns, metrics, settings

# A figure of merit that is undefined in a larger part of the replicas has no
# uncertainty. Beyond it, zero is within two standard deviations of a sum of weights.
UNDEFINED_PART = 0.05


def figures_of_merit(
    scores: pl.DataFrame,
    expected: score_tables.Expected,
    b_reg: float,
    evaluation: settings.Evaluation,
    seed: int,
    threads: int = 1,
) -> dict:
    """All figures of merit of each subset, and the cut, chosen on out-of-fold scores.

    ASSUME: the mean score of all folds (test events) has the same distribution as the
    score of one fold (out-of-fold events), so that one cut suits both.
    For test subsets only the AMS at that cut is reported: a maximum over cuts would be
    biased, as it is fitted to the same events. For out-of-fold events `max_ams` has
    this bias and `ams`, at the cut chosen on them, has a small one.
    """
    subsets = score_tables.evaluated_subsets(scores, expected)
    cut = chosen_cut(subsets["oof"], b_reg, evaluation.cut)
    record = {}
    for name, events in subsets.items():
        replicas = bootstrap.merits(
            events,
            working_points=evaluation.working_points,
            cut=cut,
            b_reg=b_reg,
            background_uncertainty=evaluation.background_uncertainty,
            n_replicas=evaluation.n_replicas,
            seed=seed,
            threads=threads,
        )
        if name != "oof":
            del replicas["max_ams"]
        record[name] = {"n_events": len(events.score), **with_uncertainties(replicas)}
    return {"cut": cut, **record}


def chosen_cut(events: score_tables.ScoredEvents, b_reg: float, kind: str) -> float:
    """The cut with the largest AMS, for `kind` other than `plain` after smoothing.

    The plain maximum follows the fluctuations of a few events; the fewer events there
    are, the more AMS it loses on other events. `benchmarks/cut.py` compares both.
    A cut that a negative sum of background weights passes is never chosen.
    """
    cut, s, b = metrics.passing_sums(events.score, events.label, events.weight)
    ams = metrics.ams(s, b, b_reg)
    if kind == "plain":
        return float(cut[np.nanargmax(ams)])
    width = metrics.smoothing_width(np.sum(events.label == columns.SIGNAL))
    return float(cut[metrics.smoothed_best(s, ams, width)])


def with_mass_aucs(
    record: dict, scores: pl.DataFrame, n_replicas: int, seed: int, threads: int
) -> dict:
    """The record with the AUC at each mass hypothesis in each of its subsets.

    Takes scores with the mass hypothesis of each event, including background events.
    Events count equally, as in `auc`. Hypotheses with fewer than N_LEAST events of a
    class are left out.
    """
    mass = pl.col(score_tables.MASS).round()
    # Replicas depend on the order of the events.
    scores = scores.with_columns(mass).sort(score_tables.MASS, maintain_order=True)
    aucs = {}
    for subset, name in score_tables.SUBSET_KEYS.items():
        part = scores.filter(pl.col(columns.SUBSET) == subset)
        for (mass,), events in part.group_by(score_tables.MASS, maintain_order=True):
            score, label = (events[n].to_numpy() for n in ("score", "label"))
            if np.bincount(label, minlength=2).min() < columns.N_LEAST:
                continue
            sample = score_tables.ScoredEvents(score, label, np.ones(len(score)))
            sums = bootstrap.resampled(sample, n_replicas, seed, threads)
            auc = with_uncertainties({f"auc_{mass:.0f}": sums.area[:, 1]})
            aucs.setdefault(name, {}).update(auc)
    return record | {name: record[name] | part for name, part in aucs.items()}


def with_uncertainties(replicas: dict[str, np.ndarray]) -> dict[str, float | None]:
    """Value and standard deviation, `name` and `name_unc`, of each figure of merit.

    Takes the arrays of `bootstrap.merits`. The cut is fixed: the uncertainty does not
    include its choice.
    """
    record = {}
    for name, values in replicas.items():
        record[name] = finite(values[0])
        record[f"{name}_unc"] = finite(spread(values[1:]))
    return record


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
