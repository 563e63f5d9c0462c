"""The last lines of a run: figures of merit, paths of results, and next steps.

Snakemake imports this module at each start, so that it imports no package.
"""

import csv

# Name, column of the table, and decimals.
MERITS = (("weighted AUC", "oof_auc_weighted", 4), ("AMS", "oof_ams", 2))

TEXT = """
Results, out of fold:
{merits}

Answer, tables and files:    {readme}
For your paper:              {methods}
To reuse the models:         {card}
ROC curves of all models:    {figures}

Next steps:
  Put all figures into one HTML file: add --report report.html to the same command
    (after make demo: make report).
  Change models or settings: write an overlay, see docs/howto/models.md.
  Compare with published results: run a study of workflow/studies/.
"""


def text(table: str, paths: dict[str, str], figure_paths: list[str]) -> str:
    """The summary of a run, from its table of figures of merit as CSV.

    `paths` has those of `readme`, `methods` and `card`.
    """
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    rows = [*csv.DictReader(lines)]
    # There are no rows after `--touch` of empty files.
    width = max((len(row["model"]) for row in rows), default=0)
    return TEXT.format(
        merits="\n".join(f"  {row['model']:{width}}  {merits(row)}" for row in rows),
        **paths,
        figures=", ".join(figure_paths),
    )


def merits(row: dict[str, str]) -> str:
    """The main figures of merit of a model, its data set, and where events are from."""
    parts = [
        f"{name} {rounded(row[column], n_decimals)} ± "
        f"{rounded(quoted_unc(row, column), n_decimals)}"
        for name, column, n_decimals in MERITS
    ]
    return "  ".join([*parts, f"({row['dataset']}, {row['events']})"])


def quoted_unc(row: dict[str, str], column: str) -> str:
    """The total uncertainty of a figure of merit, or that of the events alone."""
    return row.get(f"{column}_unc_total") or row[f"{column}_unc"]


def rounded(text: str, n_decimals: int) -> str:
    """A number of the table; a dash where there is none."""
    return f"{float(text):.{n_decimals}f}" if text else "-"
