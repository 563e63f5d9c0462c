"""Figures of merit of a model on every subset of events, each with its uncertainty.

The uncertainty of `name` is `name_unc`, the standard deviation over replicas of the
subset (`bootstrap`). What has no finite value, as a rejection of all background, is
null. Names that end in `_weighted` use the physics weights: AUC and rejections as
they are, log loss and accuracy with both classes of equal sum, since by the physics
weights alone there is one signal event among hundreds.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from hepfold.analysis import bootstrap, score_tables
from hepfold.core import metrics
from hepfold.data import datasets, weights


class Passing(NamedTuple):
    """Cuts, falling, with the sums of weights and of events that pass, (n_cuts,)."""

    cut: np.ndarray
    s: np.ndarray
    b: np.ndarray
    n_s: np.ndarray
    n_b: np.ndarray

    @classmethod
    def of(cls, events: score_tables.ScoredEvents) -> "Passing":
        """The sums of a subset, whose events are sorted once."""
        order, n_passing = metrics.ranking(events.score)
        return cls(
            events.score[order[n_passing - 1]],
            *metrics.ranked_sums(order, n_passing, events.label, events.weight),
            *metrics.ranked_counts(order, n_passing, events.label),
        )


def figures_of_merit(
    scores: pl.DataFrame,
    definition: datasets.Dataset,
    b_reg: float,
    settings: dict,
    seed: int,
    threads: int = 1,
) -> dict:
    """All figures of merit of each subset, and the cut, chosen on out-of-fold scores.

    `settings` are those of `evaluation` in the configuration.

    ASSUME: the mean score of all folds, which test events have, is distributed as the
    score of one fold, which out-of-fold events have, so that one cut serves both.
    A test subset has the AMS at that cut. A maximum over test cuts would be fitted to
    the events it is quoted for, and is not computed. That over out-of-fold cuts is
    too good for the same reason, and `ams` of the out-of-fold events a little.
    """
    subsets = score_tables.judged_subsets(scores, definition)
    passing = Passing.of(subsets["oof"])
    cut = chosen_cut(passing, b_reg, settings["cut"])
    record = {}
    for name, events in subsets.items():
        found = values(events, cut, b_reg, settings)
        spread = uncertainties(events, cut, b_reg, settings, seed, threads)
        if name != "oof":
            del found["max_ams"]
        record[name] = {"n_events": len(events.score)}
        for merit, value in found.items():
            record[name] |= {merit: finite(value), f"{merit}_unc": spread[merit]}
    return {"cut": cut, **record}


def chosen_cut(passing: Passing, b_reg: float, kind: str) -> float:
    """The cut of the largest AMS, which is smoothed first if it is to be.

    `benchmarks/cut.py` compares both: the plain maximum is where a few events chance
    to lie, and costs more of the AMS of other events, the fewer events there are.
    """
    ams = metrics.ams(passing.s, passing.b, b_reg)
    if kind == "plain":
        return float(passing.cut[ams.argmax()])
    width = metrics.smoothing_width(passing.n_s[-1])
    return float(passing.cut[metrics.smoothed_best(passing.s, ams, width)])


def values(
    events: score_tables.ScoredEvents, cut: float, b_reg: float, settings: dict
) -> dict[str, float]:
    """Each figure of merit of the events, by name."""
    passing = Passing.of(events)
    _, s, b, n_s, n_b = passing
    ones = np.ones(len(events.score))
    balanced = weights.balance(events.weight, events.label)
    found = {"auc": metrics.area(n_s, n_b), "auc_weighted": metrics.area(s, b)}
    for merit in (metrics.log_loss, metrics.accuracy):
        name = merit.__name__
        found[name] = merit(events.score, events.label, ones)
        found[f"{name}_weighted"] = merit(events.score, events.label, balanced)
    for point in settings["working_points"]:
        name = metrics.rejection_name(point)
        found[name] = metrics.background_rejection(n_s, n_b, point)
        found[f"{name}_weighted"] = metrics.background_rejection(s, b, point)
    found["max_ams"] = metrics.ams(s, b, b_reg).max()
    passes = events.score >= cut
    s, b = metrics.class_sums(events.label[passes], events.weight[passes])
    found["ams"] = metrics.ams(s, b, b_reg)
    found["significance"] = metrics.significance(s, b)
    found["significance_syst"] = metrics.significance_syst(
        s, b, settings["background_uncertainty"] * b
    )
    return found


def uncertainties(
    events: score_tables.ScoredEvents,
    cut: float,
    b_reg: float,
    settings: dict,
    seed: int,
    threads: int,
) -> dict[str, float | None]:
    """Standard deviation of each figure of merit over replicas of the events.

    The cut is held: what the choice of another cut would do is not in them.
    """
    replicas = bootstrap.merits(
        events.score,
        events.label,
        events.weight,
        working_points=settings["working_points"],
        cut=cut,
        b_reg=b_reg,
        background_uncertainty=settings["background_uncertainty"],
        n_replicas=settings["n_replicas"],
        seed=seed,
        threads=threads,
    )
    with np.errstate(invalid="ignore"):
        return {name: finite(found.std(ddof=1)) for name, found in replicas.items()}


def finite(value: float) -> float | None:
    """The value as JSON can hold it: null where it is infinite or none."""
    return float(value) if np.isfinite(value) else None
