"""The sections of the published README on uncertainties, folds and pairs of models."""

import polars as pl

from hepfold.analysis import (
    fold_consistency,
    literature,
    seed_spread,
    training_spread,
    uncertainties,
)
from hepfold.publish import pair_tables, table_formats, uncertainty_tables

# Shown here; the file has all figures of merit.
SHOWN = ("auc_weighted",)
HELD = """
## Uncertainties

Each total uncertainty is the root of the sum of squares of these parts, in
`tables/uncertainties.csv` and in `metrics/`:

- **events** (`_unc`): the finite number of evaluated events, from {n_replicas}
  bootstrap replicas. The expected sums of signal and background are taken as known.
- **training** (`_unc_training`): a repeated training with other initial weights.
  {training}
- **cut** (`_unc_cut`, of AMS and significances): how much the figure changes if the cut
  is chosen again in each replica of the out-of-fold events.

Systematic uncertainties and the effect of other training events are not included.

{table}

N_eff, the squared sum of the weights of the background above the cut divided by the sum
of their squares, is its effective number of events. Below {few}, the interval of a
figure of merit is asymmetric: percentiles of the replicas instead of their standard
deviation. The mean over folds, with its standard error, is given in addition to the
figure of all out-of-fold events; it is larger if scores of folds are not comparable.
{folds}{pairs}"""
SOURCES = {
    training_spread.MEMBERS: "estimated from the members of the ensembles",
    training_spread.FOLDS: "estimated from the spread of folds",
    seed_spread.SEEDS: "the spread over several seeds",
    None: "not known, since there is one network only, and not included",
}
FOLDS = """
**The scores of folds differ** beyond their errors, so that one cut means different
selections:

{lines}

Longer trainings, more members or `evaluation.fold_scores: rank` make them comparable.
"""
PAIRS = """
## Models in pairs

{n_models} models were tried{searched}. {note} All differences are in
`tables/pairs.csv`.

{table}
"""


def section(records: list[dict], pairs: pl.DataFrame) -> str:
    """The sections for the records of all models and the table of pairs."""
    table = uncertainty_tables.table(records)
    shown = pl.col("merit").is_in(merits_of(records))
    return HELD.format(
        n_replicas=records[0]["settings"]["evaluation"]["n_replicas"],
        training=training(records),
        table=table_formats.markdown(uncertainty_tables.rounded(table.filter(shown))),
        few=uncertainties.FEW_EVENTS,
        folds=of_folds(records),
        pairs=of_pairs(records, pairs),
    )


def merits_of(records: list[dict]) -> list[str]:
    """Figures of merit that are shown."""
    return [*SHOWN, *dict.fromkeys(r["figure_of_merit"] for r in records)]


def training(records: list[dict]) -> str:
    """What the uncertainty from the training is estimated from, for each model."""
    models: dict[tuple, dict] = {}
    for record in records:
        for subset in uncertainty_tables.subsets(record):
            source = record[subset].get("training_from")
            events = "out-of-fold" if subset == uncertainty_tables.OOF else "test"
            models.setdefault((events, source), {})[record["model"]] = None
    parts = [
        f"for {events} events of {', '.join(names)} it is {SOURCES[source]}"
        for (events, source), names in models.items()
    ]
    return "; ".join(parts) + "."


def of_folds(records: list[dict]) -> str:
    """A warning where efficiencies differ between folds; empty if none does."""
    lines = [
        f"`{record['model']}` on {record['dataset']}: {sentence}"
        for record in records
        for sentence in fold_consistency.differences(record["folds"])
    ]
    return FOLDS.format(lines=table_formats.listed(lines)) if lines else ""


def is_tuned(trained_with: dict) -> bool:
    """Whether a search chose settings of a model, or of a part of a blend."""
    return any(m.get("tuned") for m in literature.trained_models(trained_with))


def of_pairs(records: list[dict], pairs: pl.DataFrame) -> str:
    """The section on pairs of models; empty for one model."""
    if pairs.is_empty():
        return ""
    shown = pairs.filter(pl.col("merit").is_in(merits_of(records)))
    tuned = [r["model"] for r in records if is_tuned(r["trained_with"])]
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(tuned))
    return PAIRS.format(
        n_models=len(set(pairs["model"]) | set(pairs["reference"])),
        searched=f", besides the trials of the searches for {names}" if tuned else "",
        note=pair_tables.note(),
        table=table_formats.markdown(pair_tables.rounded(shown)),
    )
