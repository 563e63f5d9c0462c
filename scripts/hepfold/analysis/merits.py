"""Figures of merit of a model on every subset of events, each with its uncertainty.

The uncertainty of `name` is `name_unc`, the standard deviation over bootstrap replicas
of the subset. A value that is not finite, such as a rejection of all background, is
null. Names that end in `_weighted` use the physics weights: AUC and rejections as they
are, log loss and accuracy with equal sums of both classes, since by the physics weights
alone there is one signal event among hundreds.
"""

import numpy as np
import polars as pl

from hepfold.analysis import bootstrap, score_tables
from hepfold.core import columns, metrics, settings
from hepfold.data import datasets


def figures_of_merit(
    scores: pl.DataFrame,
    definition: datasets.Dataset,
    b_reg: float,
    evaluation: settings.Evaluation,
    seed: int,
    threads: int = 1,
) -> dict:
    """All figures of merit of each subset, and the cut, chosen on out-of-fold scores.

    ASSUME: the mean score of all folds, which test events have, is distributed as the
    score of one fold, which out-of-fold events have, so that one cut serves both.
    Test subsets have the AMS at that cut. A maximum over their cuts would be fitted to
    the events that it is quoted for, and is not reported. The maximum over out-of-fold
    cuts is too large for the same reason, and so, slightly, is their `ams`.
    """
    subsets = score_tables.judged_subsets(scores, definition)
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
    """The cut of the largest AMS: of the `plain` one, else of the smoothed one.

    `benchmarks/cut.py` compares both. The plain maximum depends on where a few events
    happen to be; the fewer events there are, the more of the AMS of other events it
    costs.
    """
    cut, s, b = metrics.passing_sums(events.score, events.label, events.weight)
    ams = metrics.ams(s, b, b_reg)
    if kind == "plain":
        return float(cut[ams.argmax()])
    width = metrics.smoothing_width(np.sum(events.label == columns.SIGNAL))
    return float(cut[metrics.smoothed_best(s, ams, width)])


def with_mass_aucs(
    record: dict, scores: pl.DataFrame, n_replicas: int, seed: int, threads: int
) -> dict:
    """The record with the AUC at each mass hypothesis in each of its subsets.

    Takes scores with the mass hypothesis of each event; background events have one too.
    Events count equally, as in `auc`. A hypothesis with fewer than N_LEAST events of a
    class is left out.
    """
    mass = pl.col(score_tables.MASS).round()
    # Replicas depend on the order of the events.
    scores = scores.with_columns(mass).sort(score_tables.MASS, maintain_order=True)
    aucs = {}
    for subset, name in score_tables.JUDGED_AS.items():
        part = scores.filter(pl.col(columns.SUBSET) == subset)
        for (mass,), events in part.group_by(score_tables.MASS, maintain_order=True):
            score, label = (events[n].to_numpy() for n in ("score", "label"))
            if np.bincount(label, minlength=2).min() < score_tables.N_LEAST:
                continue
            sample = score_tables.ScoredEvents(score, label, np.ones(len(score)))
            sums = bootstrap.resampled(sample, n_replicas, seed, threads)
            auc = with_uncertainties({f"auc_{mass:.0f}": sums.area[:, 1]})
            aucs.setdefault(name, {}).update(auc)
    return record | {name: record[name] | part for name, part in aucs.items()}


def with_uncertainties(replicas: dict[str, np.ndarray]) -> dict[str, float | None]:
    """Value and standard deviation, `name` and `name_unc`, of each figure of merit.

    Takes arrays of `bootstrap.merits`. The cut is fixed: its choice is not in the
    uncertainty.
    """
    record = {}
    for name, values in replicas.items():
        record[name] = finite(values[0])
        with np.errstate(invalid="ignore"):
            record[f"{name}_unc"] = finite(values[1:].std(ddof=1))
    return record


def finite(value: float) -> float | None:
    """The value, or None (null in JSON) if it is infinite or NaN."""
    return float(value) if np.isfinite(value) else None
