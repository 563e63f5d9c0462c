"""Uncertainty from the training, for models that were trained with several seeds.

The spread over seeds replaces the estimate from members and folds: it is exact except
for the finite number of seeds.
"""

import math
import re
import statistics

from hepfold.analysis import score_tables, uncertainties

SEEDS = "seeds"
# Name of a model with another seed.
FURTHER = re.compile(r"(.+)_seed\d+")


def first_seed(model: str) -> str:
    """Name of the model without the suffix of its seed."""
    further = FURTHER.fullmatch(model)
    return further[1] if further else model


def siblings(record: dict, records: list[dict]) -> list[dict]:
    """The records of all seeds of the model of a record, on the same data set."""
    return [
        other
        for other in records
        if other["dataset"] == record["dataset"]
        and first_seed(other["model"]) == first_seed(record["model"])
    ]


def with_seeds(records: list[dict]) -> list[dict]:
    """Records in which models with several seeds have the spread over seeds."""
    return [with_spread(record, siblings(record, records)) for record in records]


def with_spread(record: dict, of_seeds: list[dict]) -> dict:
    """A record with the spread over seeds as the uncertainty from the training."""
    if len(of_seeds) < 2:
        return record
    changed = dict(record)
    for subset in score_tables.SUBSET_KEYS.values():
        if subset in record:
            parts = [other[subset] for other in of_seeds if subset in other]
            merits = with_training(record[subset], parts)
            changed[subset] = merits | {"training_from": SEEDS}
    return changed


def with_training(merits: dict, of_seeds: list[dict]) -> dict:
    """Figures of merit with the standard deviation over seeds, and new totals."""
    changed = dict(merits)
    for name in [n for n in merits if f"{n}_unc_training" in merits]:
        values = [part[name] for part in of_seeds if part.get(name) is not None]
        if len(values) < 2:
            continue
        before = merits[f"{name}_unc_training"] or 0.0
        changed[f"{name}_unc_training"] = after = statistics.stdev(values)
        changed[f"{name}_unc_total"] = uncertainties.total(changed, name)
        for end in (f"{name}_unc_low", f"{name}_unc_high"):
            if merits.get(end) is not None:
                square = merits[end] ** 2 - before**2 + after**2
                changed[end] = math.sqrt(max(square, 0.0))
    return changed
