"""Figures of merit of a model on every subset of events, each with its uncertainty.

The uncertainty of `name` has the parts that `uncertainties` describes; `name_unc` is
the part from the finite number of events. Values that are not finite, such as the
rejection if no background passes, are null. Names with the suffix `_weighted` use the
physics weights: AUC and rejections directly; log loss and accuracy with equal sums for
both classes, since the expected signal is hundreds of times smaller than the
background.

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
    fold_consistency,
    score_tables,
    training_spread,
    uncertainties,
)
from hepfold.core import columns, settings

# Suffixes of the names of passing sums at the cut of a figure of merit.
PASSING = ("_s", "_b")
OOF = score_tables.SUBSET_KEYS[columns.TRAIN]


class Evaluated(NamedTuple):
    """A record of figures of merit, and their values in replicas by subset and name."""

    record: dict
    replicas: dict[str, dict[str, np.ndarray]]


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
        """A function that computes the figures of merit of a subset of a table.

        With the passing sums of signal and background at each cut.
        """

        def values(scores: pl.DataFrame) -> dict[str, float]:
            """Figures of merit by name."""
            events = score_tables.scored_events(scores, subset, self.expected)
            cuts = np.unique(list(self.definition.cuts.values()))[::-1]
            by_name, s, b = bootstrap.merits(
                events, self.definition, 0, self.seed, grid=cuts
            )
            values = {name: float(value) for name, (value,) in by_name.items()}
            for name, cut in self.definition.cuts.items():
                at = bootstrap.place(cuts, cut)
                for end, (sums,) in zip(PASSING, (s, b), strict=True):
                    values[f"{name}{end}"] = float(sums[at])
            return values

        return values

    def oof_training(
        self,
        folds: training_spread.FoldScores,
        of_fold: list[dict[str, float]],
        replicas: dict[str, np.ndarray],
    ) -> tuple[dict[str, float], str | None]:
        """Variances of out-of-fold figures from the training, and their source."""
        events = {n: uncertainties.spread(v[1:]) ** 2 for n, v in replicas.items()}
        return training_spread.out_of_fold(
            folds, of_fold, events, self.values_in(columns.TRAIN), self.pooled
        )

    def pooled(self, of_fold: list[dict[str, float]]) -> dict[str, float]:
        """Figures of merit of several folds from those of each.

        Those at a cut follow from the mean passing sums, the others are means.
        """
        values = {n: np.mean([v[n] for v in of_fold]) for n in of_fold[0]}
        b_reg = self.definition.b_reg
        b_unc = self.definition.background_uncertainty
        for name in cut_choice.FIGURES:
            s, b = (values[f"{name}{end}"] for end in PASSING)
            values[name] = float(cut_choice.merits(s, b, b_reg, b_unc)[name])
        return values


def figures_of_merit(
    folds: training_spread.FoldScores,
    expected: score_tables.Expected,
    b_reg: float,
    evaluation: settings.Evaluation,
    seed: int,
    threads: int = 1,
) -> Evaluated:
    """All figures of merit of each subset, and the cuts, chosen on out-of-fold scores.

    Each figure of merit that needs a cut has its own cut in `cuts`; `cut` is the one of
    `evaluation.figure_of_merit`. ASSUME: the mean score of all folds (test events) has
    the same distribution as the score of one fold (out-of-fold events), so that one cut
    suits both. For test subsets, only the AMS at that cut is reported: a maximum over
    cuts would be biased, as it is fitted to the same events. For out-of-fold events,
    `max_ams` has this bias, and `ams`, at the cut chosen on them, has a small one.
    """
    scores = score_tables.merge_scores(folds.comparable)
    subsets = score_tables.evaluated_subsets(scores, expected)
    cuts = cut_choice.chosen(subsets[OOF], b_reg, evaluation)
    points, b_unc = evaluation.working_points, evaluation.background_uncertainty
    definition = bootstrap.Definition(points, cuts, b_reg, b_unc)
    evaluator = Evaluator(expected, definition, evaluation, seed, threads)
    oof, s, b = evaluator.replicas(subsets[OOF], cut_choice.grid(subsets[OOF]))
    n_signal = np.sum(subsets[OOF].label == columns.SIGNAL)
    on_grid = cut_choice.merits(s, b, b_reg, b_unc)
    of_cut = cut_choice.variances(s, on_grid, evaluation.cut, n_signal)
    of_fold = training_spread.of_folds(folds, evaluator.values_in(columns.TRAIN))
    training = evaluator.oof_training(folds, of_fold, oof)
    record = {OOF: record_of(evaluator, subsets[OOF], oof, training, of_cut)}
    replicas = {OOF: oof}
    for subset, name in score_tables.SUBSET_KEYS.items():
        if name in subsets and name != OOF:
            replicas[name] = evaluator.replicas(subsets[name]).by_name
            del replicas[name]["max_ams"]
            merits_of = evaluator.values_in(subset)
            training = training_spread.of_tests(folds, subset, merits_of)
            record[name] = record_of(
                evaluator, subsets[name], replicas[name], training, of_cut
            )
    cut = cuts[evaluation.figure_of_merit]
    named = {"figure_of_merit": evaluation.figure_of_merit, "cut": cut, "cuts": cuts}
    consistency = fold_consistency.consistency(folds.comparable, cut)
    means = {"merits": fold_means(of_fold)}
    return Evaluated({**named, **record, "folds": consistency | means}, replicas)


def record_of(
    evaluator: Evaluator,
    events: score_tables.ScoredEvents,
    replicas: dict[str, np.ndarray],
    training: tuple[dict[str, float], str | None],
    of_cut: dict[str, float],
) -> dict:
    """Figures of merit of a subset with all parts of their uncertainties.

    `training_from` is the source of the uncertainty from the training.
    """
    variances, source = training
    record = uncertainties.with_parts(replicas, variances, of_cut)
    for name, cut in evaluator.definition.cuts.items():
        n_eff = uncertainties.effective_number(events, cut)
        record |= uncertainties.interval(record, name, replicas[name], n_eff)
    return {"n_events": len(events.score), "training_from": source, **record}


def fold_means(of_fold: list[dict[str, float]]) -> dict[str, dict]:
    """Each figure of merit in all folds, with the mean and its standard error."""
    means = {}
    for name, values in training_spread.stacked(of_fold).items():
        if name.endswith(PASSING):
            continue
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
    All events have equal weight, as in `auc`. Hypotheses with fewer than N_LEAST events
    of a class are left out.
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
