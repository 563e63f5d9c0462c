"""Figures of merit of a model on every subset of events, each with its uncertainty.

The uncertainty of `name` is in the parts of `uncertainties`; `name_unc` is that from
the finite number of events. Values that are not finite, such as the rejection if no
background passes, are null. Names with the suffix `_weighted` use the physics weights:
AUC and rejections directly; log loss and accuracy with equal sums for both classes,
since the expected signal is hundreds of times smaller than the background.

Negative weights count with their sign in the value and in every replica. A figure of
merit is undefined in a replica in which a class has no positive sum of weights, and the
AMS also where the background that passes the cut is negative.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from hepfold.analysis import (
    bootstrap,
    cut_choice,
    fold_scores,
    score_tables,
    training_spread,
    uncertainties,
)
from hepfold.core import columns, metrics, settings

OOF = score_tables.SUBSET_KEYS[columns.TRAIN]


class Evaluated(NamedTuple):
    """A record of figures of merit, and their values in replicas by subset and name.

    Out-of-fold figures that have a cut are those at the cut chosen in each replica.
    """

    record: dict
    replicas: dict[str, dict[str, np.ndarray]]


class OutOfFold(NamedTuple):
    """Out-of-fold figures of merit by name, each (1 + n_replicas,).

    `rechosen` are figures at the cut chosen in each replica, and `cuts` those cuts.
    """

    fixed: dict[str, np.ndarray]
    rechosen: dict[str, np.ndarray]
    cuts: dict[str, np.ndarray]


@dataclass(frozen=True)
class Evaluator:
    """How figures of merit are computed, with the cuts of a model."""

    expected: score_tables.Expected
    definition: bootstrap.Definition
    evaluation: settings.Evaluation
    seed: int
    threads: int

    def replicas(
        self, events: score_tables.ScoredEvents, grid: np.ndarray = ()
    ) -> bootstrap.Merits:
        """Figures of merit of events and of their replicas."""
        n_replicas = self.evaluation.n_replicas
        return bootstrap.merits(
            events, self.definition, n_replicas, self.seed, self.threads, grid
        )

    def values_in(self, subset: str) -> Callable[[pl.DataFrame], dict[str, float]]:
        """A function that computes the figures of merit of a subset of a table."""

        def values(scores: pl.DataFrame) -> dict[str, float]:
            """Figures of merit by name."""
            events = score_tables.scored_events(scores, subset, self.expected)
            by_name = bootstrap.merits(events, self.definition, 0, self.seed).by_name
            return {name: float(value) for name, (value,) in by_name.items()}

        return values

    def at_cuts(self, s: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
        """Figures of merit that have a cut, from passing sums."""
        b_unc = self.definition.background_uncertainty
        return cut_choice.merits(s, b, self.definition.b_reg, b_unc)


def figures_of_merit(
    folds: training_spread.FoldScores,
    expected: score_tables.Expected,
    b_reg: float,
    evaluation: settings.Evaluation,
    seed: int,
    threads: int = 1,
) -> Evaluated:
    """All figures of merit of each subset, and the cuts, chosen on out-of-fold scores.

    Each figure of merit that needs a cut has its own in `cuts`; `cut` is that of
    `evaluation.figure_of_merit`.
    ASSUME: the mean score of all folds (test events) has the same distribution as the
    score of one fold (out-of-fold events), so that one cut suits both.
    For test subsets only the AMS at that cut is reported: a maximum over cuts would be
    biased, as it is fitted to the same events. For out-of-fold events `max_ams` has
    this bias and `ams`, at the cut chosen on them, has a small one.
    """
    scores = score_tables.merge_scores(folds.comparable)
    subsets = score_tables.evaluated_subsets(scores, expected)
    cuts = cut_choice.chosen(subsets[OOF], b_reg, evaluation)
    points, b_unc = evaluation.working_points, evaluation.background_uncertainty
    definition = bootstrap.Definition(points, cuts, b_reg, b_unc)
    evaluator = Evaluator(expected, definition, evaluation, seed, threads)
    oof = out_of_fold(evaluator, subsets[OOF])
    record, replicas = {}, {OOF: oof.fixed | oof.rechosen}
    of_fold = training_spread.of_folds(folds, evaluator.values_in(columns.TRAIN))
    record[OOF] = oof_record(evaluator, subsets[OOF], oof, folds, of_fold)
    for subset, name in score_tables.SUBSET_KEYS.items():
        if name in subsets and name != OOF:
            record[name], replicas[name] = of_test(
                evaluator, subsets[name], folds, subset, oof.cuts
            )
    cut = cuts[evaluation.figure_of_merit]
    named = {"figure_of_merit": evaluation.figure_of_merit, "cut": cut, "cuts": cuts}
    consistency = fold_scores.consistency(folds.comparable, cut)
    means = {"merits": fold_means(of_fold)}
    return Evaluated({**named, **record, "folds": consistency | means}, replicas)


def out_of_fold(evaluator: Evaluator, events: score_tables.ScoredEvents) -> OutOfFold:
    """Out-of-fold figures of merit, with a cut chosen anew in each replica."""
    grid = cut_choice.grid(events)
    fixed, s, b = evaluator.replicas(events, grid)
    n_signal = np.sum(events.label == columns.SIGNAL)
    on_grid = evaluator.at_cuts(s, b)
    best = cut_choice.chosen_in_replicas(s, on_grid, evaluator.evaluation.cut, n_signal)
    rows = np.arange(len(s))
    rechosen = {
        name: np.where(best[name] < 0, np.nan, values[rows, best[name]])
        for name, values in on_grid.items()
    }
    # The sample itself has the cut that is used.
    for name, values in rechosen.items():
        values[0] = fixed[name][0]
    cuts = {name: grid[index[index >= 0]] for name, index in best.items()}
    return OutOfFold(fixed, rechosen, cuts)


def oof_record(
    evaluator: Evaluator,
    events: score_tables.ScoredEvents,
    oof: OutOfFold,
    folds: training_spread.FoldScores,
    of_fold: list[dict[str, float]],
) -> dict:
    """Out-of-fold figures of merit with all parts of their uncertainties."""
    merits_of = evaluator.values_in(columns.TRAIN)
    variances = {n: uncertainties.spread(v[1:]) ** 2 for n, v in oof.fixed.items()}
    training = training_spread.out_of_fold(folds, of_fold, variances, merits_of)
    of_cut = uncertainties.cut_variances(oof.fixed, oof.rechosen)
    return record_of(evaluator, events, oof.fixed, training, of_cut)


def of_test(
    evaluator: Evaluator,
    events: score_tables.ScoredEvents,
    folds: training_spread.FoldScores,
    subset: str,
    cuts: dict[str, np.ndarray],
) -> tuple[dict, dict[str, np.ndarray]]:
    """Record and replicas of a test subset; `cuts` are those chosen in replicas."""
    replicas = evaluator.replicas(events).by_name
    del replicas["max_ams"]
    merits_of = evaluator.values_in(subset)
    training = training_spread.of_tests(folds, subset, merits_of)
    of_cut = variances_over_cuts(evaluator, events, cuts)
    return record_of(evaluator, events, replicas, training, of_cut), replicas


def variances_over_cuts(
    evaluator: Evaluator,
    events: score_tables.ScoredEvents,
    cuts: dict[str, np.ndarray],
) -> dict[str, float]:
    """Variance of each figure of merit of given events over cuts chosen on others."""
    cut, s, b = metrics.passing_sums(events.score, events.label, events.weight)
    s, b = np.append(s, 0.0), np.append(b, 0.0)
    variances = {}
    for name, chosen in cuts.items():
        # No event passes a cut above all scores: the last of the sums.
        at = np.searchsorted(-cut, -chosen, side="right") - 1
        values = evaluator.at_cuts(s[at], b[at])[name]
        variances[name] = uncertainties.spread(values) ** 2
    return variances


def record_of(
    evaluator: Evaluator,
    events: score_tables.ScoredEvents,
    replicas: dict[str, np.ndarray],
    training: tuple[dict[str, float], str | None],
    of_cut: dict[str, float],
) -> dict:
    """Figures of merit of a subset with all parts of their uncertainties.

    `training_from` is what the uncertainty from the training is estimated from.
    """
    variances, source = training
    record = uncertainties.with_parts(replicas, variances, of_cut)
    for name, cut in evaluator.definition.cuts.items():
        n_eff = uncertainties.effective_number(events, cut)
        record |= uncertainties.interval(record, name, replicas[name], n_eff)
    return {"n_events": len(events.score), "training_from": source, **record}


def fold_means(of_fold: list[dict[str, float]]) -> dict[str, dict]:
    """Each figure of merit in all folds, their mean and its standard error."""
    means = {}
    for name, values in training_spread.stacked(of_fold).items():
        error = np.nan
        if len(values) > 1:
            with np.errstate(invalid="ignore"):
                error = np.std(values, ddof=1) / np.sqrt(len(values))
        means[name] = {
            "values": [uncertainties.finite(value) for value in values],
            "mean": uncertainties.finite(np.mean(values)),
            "mean_unc": uncertainties.finite(error),
        }
    return means


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
            auc = uncertainties.of_events({f"auc_{mass:.0f}": sums.area[:, 1]})
            aucs.setdefault(name, {}).update(auc)
    return record | {name: record[name] | part for name, part in aucs.items()}
