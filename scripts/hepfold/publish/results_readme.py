"""The README of the published folder, written from the results."""

import polars as pl

from hepfold.core import parsing, settings
from hepfold.data import datasets
from hepfold.publish import citations, comparison, rule_graph, studies, table_formats

TASKS = {
    "higgsml": "find decays of the Higgs boson to two tau leptons among decays of the "
    "Z boson, pairs of top quarks and decays of the W boson",
    "higgs": "tell the production of a heavy neutral and a charged Higgs boson from "
    "pairs of top quarks, which have the same final state",
    "hepmass": "find a heavy resonance that decays to a pair of top quarks among pairs "
    "of top quarks without it, at any mass hypothesis",
}
TOY = (
    "The events of {names} are toys in the official format: the numbers say "
    "that the workflow works, nothing of nature."
)
OFFICIAL = "The events are of published data sets, from the files named below."

STUDY = """
## {title}

{question}

{method}

{table}

{variations}
"""

CHANGED = " (the `+` behind the commit: files of the workflow differed from it)"

TEXT = """# Results of hepfold

{statement}
{study}
## What was asked

{questions}

Every model was trained on all folds of the train events but one, and scored the
events of that one, for one fold after the other or for some of them: these scores are
called out-of-fold (OOF). Test events have the mean score of all these models. The cut
is chosen on out-of-fold scores alone.

## Which data

{data}

## What came out

{sentences}

{table}

Weighted AUC and AMS use the physics weights, scaled in every subset to the full sums of
the data set; AUC counts events. AMS is that at the chosen cut: on out-of-fold
scores it is a little too large, as the cut was chosen on them; public, private and test
events had no part in it. `max_ams` in `metrics/` is the largest over all out-of-fold
cuts, which rests on few events. Uncertainties are statistical,
rounded as the Particle Data Group rounds. A dash stands where there is no such figure.
A published figure was found on the same events as ours only where its note says so.

## Where is what

| where | what |
| --- | --- |
| `tables/comparison.*` | this comparison in Markdown, CSV, LaTeX (booktabs) and HTML |
| `tables/costs.*`, `tables/steps.*` | time and memory of each model, and of each step |
| `metrics.csv`, `metrics/` | all figures of merit, unrounded |
| `datacards/` | what the data are: counts, ranges, quantiles |
| `models/` | models of all folds as one ONNX model, which needs no hepfold |
| `inference/` | binned score (HistFactory workspace), expected significance, limits |
| `insight/` | importance of features and partial dependence, fold by fold |
| `search/` | where settings were searched: all trials, and the best as an overlay |
| `hepdata/` | curves and distributions for HEPData, packed in `hepdata.zip` |
| `config.yaml` | all settings, overlays applied |
| `provenance.json` | commit, versions of packages, checksums of the data |
| `ro-crate-metadata.json` | what every file is, for machines (RO-Crate) |

Figures are in `figures/<data set>/` and `figures/<data set>/<model>/`, each as PDF and
PNG and, as CSV, the numbers that it shows:

{figures}

## How to cite

{citations}

## How to make it again

At that commit, with raw files where `config.yaml` says{changed}:

```bash
snakemake --cores 2 --configfile config.yaml <this folder>/config.yaml
```

But for times and memory (`tables/costs.*`, `tables/steps.*`), every table and figure of
merit comes out with the same bytes, on the same versions of packages and the same kind
of processor.

## What was made from what

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
) -> str:
    """The README; `figures` are captions by the place of a figure."""
    names = list(dict.fromkeys(record["dataset"] for record in records))
    official = {r["dataset"] for r in records if not r["toy"]}
    cited = [citations.of_workflow(citation, origin["commit"])]
    cited += [
        citations.of_data(citations.reference(citation, name))
        for name in names
        if name in official
    ]
    return TEXT.format(
        statement=statement(records),
        study=of_study(origin["config"]["study"], records),
        questions=table_formats.listed(question(records, name) for name in names),
        data=table_formats.markdown(data_table(records, citation)),
        sentences=comparison.summary(records),
        table=table_formats.markdown(
            comparison.rounded(comparison.comparison(records))
        ),
        figures=table_formats.markdown(
            pl.DataFrame({"where": map(code, figures), "what": figures.values()})
        ),
        citations=table_formats.listed(cited),
        changed=CHANGED if origin["commit"].endswith("+") else "",
        graph=rule_graph.mermaid(edges),
    )


def statement(records: list[dict]) -> str:
    """What the events are: toy events are called toy."""
    names = sorted({r["dataset"] for r in records if r["toy"]})
    return TOY.format(names=", ".join(names)) if names else OFFICIAL


def of_study(record: dict | None, records: list[dict]) -> str:
    """The question of a study, its method, its results, and how to vary it."""
    if record is None:
        return ""
    study = parsing.parse(record, settings.Study)
    table = table_formats.markdown(studies.rounded(studies.table(study, records)))
    return STUDY.format(
        title=study.title,
        question=study.question.strip(),
        method=study.method.strip(),
        table=table,
        variations=study.variations.strip(),
    )


def code(text: str) -> str:
    """Text that Markdown sets as code."""
    return f"`{text}`"


def question(records: list[dict], dataset: str) -> str:
    """What was asked of the models of a data set."""
    models = ", ".join(f"`{r['model']}`" for r in records if r["dataset"] == dataset)
    return (
        f"{datasets.DATASETS[dataset].title}: how well does {models} {TASKS[dataset]}?"
    )


def data_table(records: list[dict], citation: dict) -> pl.DataFrame:
    """What each data set is, and how many events of it were judged."""
    rows = {}
    for record in records:
        entry = citations.reference(citation, record["dataset"])
        rows[record["dataset"]] = {
            "data set": record["dataset"],
            "events": comparison.origin(record),
            **{
                f"{'out-of-fold' if subset == 'oof' else subset} events": record[
                    subset
                ]["n_events"]
                for subset in comparison.SUBSETS
                if subset in record
            },
            "license": table_formats.MISSING if record["toy"] else entry["license"],
            "DOI": table_formats.MISSING if record["toy"] else entry["doi"],
        }
    return pl.DataFrame(list(rows.values()), infer_schema_length=None)
