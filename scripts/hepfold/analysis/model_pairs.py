"""Comparison of models in pairs, on the bootstrap replicas that they share.

Models that are evaluated on the same events share most of the fluctuations of these
events, so that their difference has a smaller uncertainty than each of them. The
trainings, and the choices of cuts, are assumed to be independent: their variances are
added.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepfold.analysis import delong, replica_tables, uncertainties
from hepfold.core import logs, tables

# Differences beyond this number of standard deviations are called better or worse.
N_SD = 2.0
BETTER, WORSE, EQUAL = "better", "worse", "not different"
FIRST, BEST, BOTH = "first", "best", "first and best"
SCHEMA = {
    **dict.fromkeys(
        ("dataset", "subset", "merit", "model", "reference", "reference_is"), pl.String
    ),
    **dict.fromkeys(
        (
            "value",
            "reference_value",
            "difference",
            "unc_events",
            "unc_training",
            "unc_cut",
            "unc_total",
            "p_value",
            "p_value_of_trials",
            "delong_unc",
            "delong_p_value",
        ),
        pl.Float64,
    ),
    "n_trials": pl.Int64,
    "verdict": pl.String,
}


@dataclass(frozen=True)
class Model:
    """A model of a data set: its record, and data for the comparison with others.

    Parameters
    ----------
    record
        Its figures of merit.
    replicas
        Their values in replicas, as `replica_tables` has them.
    order
        Checksum of the events of each subset in their order.
    placements
        Placements and labels of the events of a subset, as `delong` has them.
    """

    record: dict
    replicas: pl.DataFrame
    order: dict[str, str]
    placements: Callable[[str], tuple[np.ndarray, np.ndarray]]

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.record["model"]


def compare(models: list[Model]) -> pl.DataFrame:
    """Each model of a data set against the first and against the best of all.

    The best is that with the largest out-of-fold value. One row per subset, figure of
    merit and pair, with the columns of SCHEMA.
    """
    rows = [row for subset in models[0].order for row in of_subset(models, subset)]
    table = pl.DataFrame(rows, schema=SCHEMA)
    return tables.named_rows(
        table.drop("dataset"), {"dataset": models[0].record["dataset"]}
    )


def of_subset(models: list[Model], subset: str) -> Iterator[dict]:
    """Rows of one subset."""
    for merit in replica_tables.COMPARED:
        first, best = models[0], best_of(models, merit)
        references = {m.name: m for m in (first, best)}
        for reference in references.values():
            role = BOTH if first is best else FIRST if reference is first else BEST
            for model in models:
                if model is reference:
                    continue
                row = pair(model, reference, subset, merit)
                row |= significance(row, len(models) - 1)
                yield {**row, "reference_is": role}


def best_of(models: list[Model], merit: str) -> Model:
    """The model with the largest out-of-fold value; the first one on a tie."""
    return max(models, key=lambda m: m.record["oof"][merit] or -math.inf)


def pair(model: Model, reference: Model, subset: str, merit: str) -> dict:
    """Difference of two models and the parts of its uncertainty."""
    check_same_events(model, reference, subset)
    values, others = (
        replica_tables.of_subset(m.replicas, subset)[merit] for m in (model, reference)
    )
    difference = values - others
    of_events = uncertainties.finite(uncertainties.spread(difference[1:]))
    parts = {"unc_events": of_events}
    for part in ("training", "cut"):
        uncs = (
            m.record[subset].get(f"{merit}_unc_{part}") or 0.0
            for m in (model, reference)
        )
        parts[f"unc_{part}"] = math.hypot(*uncs)
    total = None if of_events is None else math.hypot(*parts.values())
    return {
        "subset": subset,
        "merit": merit,
        "model": model.name,
        "reference": reference.name,
        "value": uncertainties.finite(values[0]),
        "reference_value": uncertainties.finite(others[0]),
        "difference": uncertainties.finite(difference[0]),
        **parts,
        "unc_total": total,
        **(closed_form(model, reference, subset) if merit == "auc" else {}),
    }


def check_same_events(model: Model, reference: Model, subset: str) -> None:
    """Raise an error if two models do not share their replicas."""
    if model.order.get(subset) != reference.order.get(subset):
        raise logs.InputError(
            f"{model.name} and {reference.name} were evaluated on different {subset} "
            "events or in another order; remove their scores and start again"
        )


def closed_form(model: Model, reference: Model, subset: str) -> dict:
    """Uncertainty and p-value of the difference of AUCs, following DeLong."""
    (first, label), (second, _) = (m.placements(subset) for m in (model, reference))
    difference, unc = delong.difference(first, second, label)
    return {"delong_unc": unc, "delong_p_value": p_value(difference, unc)}


def significance(row: dict, n_trials: int) -> dict:
    """The p-value of a difference, the p-value of the largest of all, and a verdict.

    With `n_trials` independent models, none of which is better, the smallest p-value is
    below p with the probability 1 - (1 - p)^n_trials.
    """
    difference, unc = row["difference"], row["unc_total"]
    if difference is None or unc is None:
        return {"n_trials": n_trials, "verdict": EQUAL}
    p = p_value(difference, unc)
    # Accurate for p-values much smaller than one.
    of_trials = -math.expm1(n_trials * math.log1p(-p)) if p < 1 else 1.0
    return {
        "p_value": p,
        "p_value_of_trials": of_trials,
        "n_trials": n_trials,
        "verdict": verdict(difference, unc),
    }


def p_value(difference: float, unc: float) -> float:
    """Probability of a larger difference of either sign between equal models."""
    if unc == 0:
        return 1.0 if difference == 0 else 0.0
    return math.erfc(abs(difference) / unc / math.sqrt(2))


def verdict(difference: float, unc: float) -> str:
    """Whether a difference is beyond N_SD standard deviations."""
    if abs(difference) <= N_SD * unc:
        return EQUAL
    return BETTER if difference > 0 else WORSE
