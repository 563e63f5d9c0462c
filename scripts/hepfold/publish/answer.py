"""The answer of a run: a figure, a table and a few sentences, for README and report."""

import base64
import html

import polars as pl

from hepfold.analysis import model_pairs
from hepfold.publish import comparison, phrases, table_formats

# The figure of merit that models are ordered by, in the out-of-fold events.
SUBSET, MERIT = "oof", "auc_weighted"
# The figure of all models of a data set.
FIGURE = "figures/{dataset}/rocs.png"
ALT = "Background rejection against signal efficiency of all models, {dataset}"
# Endings of columns with details of a figure of merit.
DETAILS = (", N_eff",)
# The column of the report is narrow: a wide table scrolls. Snakemake centers the page,
# whose top could then not be reached in a lower window.
FRAGMENT = """<div>
<style>.items-center.h-screen {{ align-items: flex-start; }}</style>
{sentences}
{figures}
<div style="overflow-x: auto; font-size: 80%">
{table}
</div>
</div>
"""


def sentences(records: list[dict], pairs: pl.DataFrame) -> list[str]:
    """Three sentences for each data set, in plain text.

    Which model has the largest out-of-fold AUC, how the others differ, and what it
    reaches on test events.
    """
    parts = []
    for dataset in dict.fromkeys(record["dataset"] for record in records):
        of_dataset = [r for r in records if r["dataset"] == dataset]
        best = max(of_dataset, key=lambda record: record[SUBSET][MERIT] or 0.0)
        parts += [
            of_best(best, len(of_dataset)),
            of_others(best, of_dataset, pairs),
            of_test(best),
        ]
    return parts


def of_best(record: dict, n_models: int) -> str:
    """The out-of-fold figures of merit of the best model."""
    oof, name = record[SUBSET], record["figure_of_merit"]
    which = f"the best of {n_models} models" if n_models > 1 else "the only model"
    return (
        f"{record['model']}, {which} on {record['dataset']} by its out-of-fold "
        f"weighted AUC, has a weighted AUC of {table_formats.merit(oof, MERIT)} and, "
        f"at the chosen cut of {record['cut']:.4f}, {article(name)} "
        f"{comparison.TITLES[name]} of {table_formats.merit(oof, name)}."
    )


def article(name: str) -> str:
    """The article before the name of a figure of merit."""
    return "an" if comparison.TITLES[name].startswith("A") else "a"


def of_others(best: dict, records: list[dict], pairs: pl.DataFrame) -> str:
    """Which models are worse than the best one beyond the uncertainty."""
    others = [r["model"] for r in records if r is not best]
    if not others:
        return "No other model was trained, so there is no comparison."
    worse = [name for name in others if is_worse(name, best, pairs)]
    equal = [name for name in others if name not in worse]
    n_sd = f"{model_pairs.N_SD:g} standard deviations"
    if not worse:
        return f"No other model differs from it by more than {n_sd}."
    verb = "is" if len(worse) == 1 else "are"
    text = f"{phrases.listing(worse)} {verb} worse by more than {n_sd}"
    if not equal:
        return f"{text}."
    do = "does" if len(equal) == 1 else "do"
    return f"{text}; {phrases.listing(equal)} {do} not differ by as much."


def is_worse(name: str, best: dict, pairs: pl.DataFrame) -> bool:
    """Whether a model is worse than the best one, in out-of-fold events."""
    rows = pairs.filter(
        dataset=best["dataset"],
        subset=SUBSET,
        merit=MERIT,
        model=name,
        reference=best["model"],
    )
    reverse = pairs.filter(
        dataset=best["dataset"],
        subset=SUBSET,
        merit=MERIT,
        model=best["model"],
        reference=name,
    )
    return (
        model_pairs.WORSE in rows["verdict"] or model_pairs.BETTER in reverse["verdict"]
    )


def of_test(best: dict) -> str:
    """What the best model reaches on test events, if there are any."""
    name = best["figure_of_merit"]
    title = comparison.TITLES[name]
    tests = [
        f"{article(name)} {title} of {table_formats.merit(best[subset], name)} and an "
        f"AUC of {table_formats.merit(best[subset], 'auc')} on {subset} events"
        for subset in comparison.SUBSETS[1:]
        if subset in best
    ]
    if tests:
        return f"At its cut, {best['model']} reaches {phrases.listing(tests)}."
    return (
        f"There are no test events; the {title} is slightly biased upward, because the "
        "cut was chosen on the same events."
    )


def table(records: list[dict]) -> pl.DataFrame:
    """Figures of merit of the models of the run, rounded, without details."""
    compared = comparison.comparison(records)
    ours = comparison.rounded(compared.filter(source=comparison.OURS))
    details = [name for name in ours.columns if name.endswith(DETAILS)]
    return ours.drop("note", "source", *details)


def markdown(records: list[dict], pairs: pl.DataFrame, paths: set[str]) -> str:
    """The answer as Markdown, with the figures among the paths of the folder."""
    figures = [
        f"![{ALT.format(dataset=dataset)}]({path})"
        for dataset, path in figure_paths(records).items()
        if path in paths
    ]
    parts = [
        phrases.paragraph(sentences(records, pairs)),
        *figures,
        table_formats.markdown(table(records)),
    ]
    return "\n\n".join(parts)


def figure_paths(records: list[dict]) -> dict[str, str]:
    """The path of the figure of all models, by data set."""
    names = dict.fromkeys(record["dataset"] for record in records)
    return {name: FIGURE.format(dataset=name) for name in names}


def fragment(
    records: list[dict], pairs: pl.DataFrame, statement: str, figures: dict[str, bytes]
) -> str:
    """The answer as HTML, to be included in the first page of the report.

    `figures` are the contents of PNG files, by data set; they are embedded.
    """
    said = [html.escape(sentence) for sentence in sentences(records, pairs)]
    return FRAGMENT.format(
        sentences=f"<p><strong>{html.escape(statement)}</strong></p>\n"
        f"<p>{' '.join(said)}</p>",
        figures="\n".join(
            f'<img style="width: 100%" alt="{ALT.format(dataset=dataset)}" '
            f'src="data:image/png;base64,{base64.b64encode(content).decode()}">'
            for dataset, content in figures.items()
        ),
        table=table_formats.html_part(table(records)),
    )
