"""The README of the published folder."""

from collections.abc import Iterable, Sequence

import polars as pl

from hepfold.core import parsing, settings
from hepfold.publish import (
    answer,
    citations,
    comparison,
    fit_tables,
    folder_contents,
    learning_curve_section,
    process_summary,
    rule_graph,
    studies,
    table_formats,
    uncertainty_section,
)

TOY = (
    "The events of {names} are toy events: the numbers show that the workflow runs and "
    "have no physical meaning."
)
OFFICIAL = "The events of {names} are official events of published data sets."
OTHER = "The events of {names} are those of the files below."

STUDY = """
## {title}

{question}

{method}{deviations}

{table}

{uncertainties}

{variations}
"""
DEVIATIONS = "\n\nDeviations from the published work:\n\n"

OF_TEST = """ The score of a test
event is the mean over the models of all trained folds."""
PUBLISHED = """
- A published figure compares with this run only if its note says `same events as`."""

CHANGED = " (`+` after the commit: files of the workflow differed from it)"

TEXT = """# Results of hepfold

**{statement}**

{answer}

Uncertainties are total ones (see Uncertainties below). AMS and significances are given
at the chosen cut.

- [methods.md](methods.md): methods text that can go into a paper, with citations of
  works in [references.bib](references.bib).
- [model_card.md](model_card.md): what the models are for, how to run them elsewhere,
  their inputs and limits.
{study}
## Question

{questions}

For each fold, a model is trained on the training events of all other folds and scores
the events of this fold: these scores are called out-of-fold (OOF).{of_test}
The cut is chosen on out-of-fold scores only.

## Data

{data}

## All figures of merit

{sentences}

{table}

- Weighted AUC and AMS use the physics weights, scaled in each subset to the expected
  events of the full data set. AUC is unweighted.
- AMS and significances are given at cuts of their own, each chosen out of fold for the
  figure that is quoted at it. For out-of-fold events they are slightly biased upwards,
  because the cut was chosen on them.{unbiased} `max_ams` in `metrics/` is the maximum
  over all out-of-fold cuts and depends on few events.
- Negative weights count with their sign in every sum, histogram and figure of merit;
  efficiencies of a ROC curve are signed sums as they are, its area is the signed sum
  over pairs of events. No cut is chosen where the background that passes is negative.
  Only the training changes them, by the rule `negative_weights` (see the logs).
- Uncertainties of this run are total ones, as explained below; of a published figure,
  the source says what its uncertainty is. All are rounded following the Particle Data
  Group; a dash marks a missing value.{published}
{uncertainties}{learning_curves}{processes}{fits}
## Files

{files}

Figures are in `figures/<data set>/` and `figures/<data set>/<model>/`, each as PDF, PNG
and a CSV file with the numbers behind it:

{figures}

## How to cite

{citations}

## How to reproduce

Check out this commit{changed}, put the raw files at the paths given in `config.yaml`,
and run:

```bash
snakemake --cores 2 --configfile config.yaml <this folder>/config.yaml
```

With the same package versions and type of processor, all tables and figures of merit
are identical to the last byte, except times and memory (`tables/costs.*`,
`tables/steps.*`).

## Workflow

```mermaid
{graph}
```
"""


def text(
    records: list[dict],
    origin: dict,
    citation: dict,
    figures: dict[str, str],
    edges: rule_graph.Edges,
    paths: Iterable[str],
    pairs: pl.DataFrame,
    processes: Sequence[pl.DataFrame] = (),
    fits: Sequence[dict] = (),
    learning_curves: Sequence[dict] = (),
) -> str:
    """The README; `figures` are captions by path pattern.

    `paths` are the files of the folder that other steps made, `pairs` is the table of
    `model_pairs`, `processes` are tables of rejections by process, `fits` records of
    fits and `learning_curves` of learning curves, of models that have them.
    """
    compared = comparison.comparison(records)
    names = list(dict.fromkeys(record["dataset"] for record in records))
    subsets = [n for n in comparison.SUBSETS[1:] if any(n in r for r in records)]
    return TEXT.format(
        statement=statement(records, citation),
        answer=answer.markdown(records, pairs, set(paths)),
        study=of_study(origin["config"]["study"], records),
        questions=table_formats.listed(
            question(records, name, origin) for name in names
        ),
        data=table_formats.markdown(data_table(records, origin, citation)),
        sentences=comparison.summary(records),
        table=table_formats.markdown(comparison.rounded(compared)),
        published="" if (compared["source"] == comparison.OURS).all() else PUBLISHED,
        uncertainties=uncertainty_section.section(records, pairs),
        processes=process_summary.section(processes),
        learning_curves=learning_curve_section.section(learning_curves),
        fits=fit_tables.section(fits),
        files=folder_contents.file_table(paths),
        of_test=OF_TEST if subsets else "",
        unbiased=unbiased(subsets),
        figures=folder_contents.figure_table(figures),
        citations=table_formats.listed(cited(records, origin, citation)),
        changed=CHANGED if origin["commit"].endswith("+") else "",
        graph=rule_graph.mermaid(edges),
    )


def cited(records: list[dict], origin: dict, citation: dict) -> list[str]:
    """Citations of the workflow, and of each data set that has one."""
    names = dict.fromkeys(r["dataset"] for r in records if not r["toy"])
    of_data = (data_citation(name, origin, citation) for name in names)
    return [citations.of_workflow(citation, origin["commit"]), *filter(None, of_data)]


def unbiased(subsets: list[str]) -> str:
    """A sentence about the subsets of test events; empty without any."""
    if not subsets:
        return ""
    return f"\n  The choice does not depend on {' and '.join(subsets)} events."


def statement(records: list[dict], citation: dict) -> str:
    """One sentence for toy events, for official events and for others."""
    names = {TOY: set(), OFFICIAL: set(), OTHER: set()}
    for record in records:
        is_public = citations.reference(citation, record["dataset"]) is not None
        kind = TOY if record["toy"] else OFFICIAL if is_public else OTHER
        names[kind].add(record["dataset"])
    return " ".join(
        sentence.format(names=", ".join(sorted(of_kind)))
        for sentence, of_kind in names.items()
        if of_kind
    )


def of_study(record: dict | None, records: list[dict]) -> str:
    """The section of a study: question, method, results and variations."""
    if record is None:
        return ""
    study = parsing.parse(record, settings.Study)
    table = table_formats.markdown(studies.rounded(studies.table(study, records)))
    listed = table_formats.listed(study.deviations)
    return STUDY.format(
        title=study.title,
        question=study.question.strip(),
        method=study.method.strip(),
        deviations=DEVIATIONS + listed if listed else "",
        table=table,
        uncertainties=studies.UNCERTAINTIES,
        variations=study.variations.strip(),
    )


def data_citation(name: str, origin: dict, citation: dict) -> str | None:
    """One-line citation of a data set; None if none is known."""
    entry = citations.reference(citation, name)
    declared = origin["config"]["datasets"][name]["citation"]
    return citations.of_data(entry) if entry and not declared else declared


def question(records: list[dict], dataset: str, origin: dict) -> str:
    """The question that the models of a data set answer."""
    models = ", ".join(f"`{r['model']}`" for r in records if r["dataset"] == dataset)
    declared = origin["config"]["datasets"][dataset]
    title, task = declared["title"], declared["task"] or "signal from background"
    return f"{title}: how well do the models separate {task}? Models: {models}."


def data_table(records: list[dict], origin: dict, citation: dict) -> pl.DataFrame:
    """Origin, numbers of evaluated events, license and DOI of each data set."""
    rows = {}
    for record in records:
        name = record["dataset"]
        entry = {} if record["toy"] else citations.reference(citation, name) or {}
        declared = origin["config"]["datasets"][name]
        row = {"data set": name, "events": comparison.origin(record)}
        for subset in comparison.SUBSETS:
            if subset in record:
                title = "out-of-fold" if subset == "oof" else subset
                row[f"{title} events"] = record[subset]["n_events"]
        license_name = None if record["toy"] else declared["license"]
        missing = table_formats.MISSING
        row["license"] = license_name or entry.get("license", missing)
        row["DOI"] = entry.get("doi", missing)
        rows[record["dataset"]] = row
    return pl.DataFrame(list(rows.values()), infer_schema_length=None)
