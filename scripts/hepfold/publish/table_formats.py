"""Tables as text: Markdown, LaTeX and HTML."""

import html
from collections.abc import Iterable

import polars as pl

MISSING = "-"
LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "<": r"$<$",
    ">": r"$>$",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
# Without a style a report shows cells that touch each other.
HTML = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font-family: sans-serif; font-size: 14px; margin: 1em; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 0.3em 0.6em; border-bottom: 1px solid #ccc; text-align: left; }}
thead th {{ border-bottom: 2px solid #333; }}
.number {{ text-align: right; }}
td.number {{ white-space: nowrap; }}
</style></head><body>
<h1>{title}</h1>
{parts}
</body></html>
"""


def cell(value: str | int | float | None) -> str:
    """A value as text: integers in full, other numbers with four digits or more."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return value
    is_long = isinstance(value, int) or abs(value) >= 1e4
    return f"{value:,.0f}" if is_long else f"{value:.4g}"


def markdown(table: pl.DataFrame) -> str:
    """A table in Markdown."""
    ruler = ["---" if kind == pl.String else "---:" for kind in table.dtypes]
    rows = [[cell(value).replace("|", r"\|") for value in row] for row in table.rows()]
    lines = [table.columns, ruler, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def listed(lines: Iterable[str]) -> str:
    """A list in Markdown, and in reStructuredText."""
    return "\n".join(f"- {line}" for line in lines)


def latex(table: pl.DataFrame, caption: str, label: str, notes: str) -> str:
    """A table in LaTeX, as wide as the text, in the style of the package booktabs.

    In the place of the column `notes` are letters, which are told below the table.
    """
    told = list(dict.fromkeys(table[notes]))
    letters = {note: chr(ord("a") + i) for i, note in enumerate(told)}
    table = table.with_columns(pl.col(notes).replace_strict(letters))
    columns = "".join("l" if kind == pl.String else "r" for kind in table.dtypes)
    head, *rows = (
        " & ".join(escaped(cell(value)) for value in row) + r" \\"
        for row in (table.columns, *table.rows())
    )
    return "\n".join(
        [
            r"% In the preamble: \usepackage{booktabs,graphicx}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escaped(caption)}}}",
            rf"\label{{{label}}}",
            r"\resizebox{\textwidth}{!}{%",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            head,
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}}",
            r"\par\smallskip\footnotesize",
            *(f"{letters[note]}: {escaped(note)}." + r"\\" for note in told),
            r"\end{table}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "--" if text == MISSING else text.translate(str.maketrans(LATEX))


def html_page(title: str, parts: dict[str, pl.DataFrame | str]) -> str:
    """A page of tables and paragraphs, each below its heading."""
    body = (
        f"<h2>{html.escape(heading)}</h2>\n{html_part(part)}"
        for heading, part in parts.items()
    )
    return HTML.format(title=html.escape(title), parts="\n".join(body))


def html_part(part: pl.DataFrame | str) -> str:
    """A table, or a paragraph."""
    if isinstance(part, str):
        return f"<p>{html.escape(part)}</p>"
    kinds = ["" if k == pl.String else ' class="number"' for k in part.dtypes]
    head, *body = (
        "".join(
            f"<{tag}{kind}>{broken(html.escape(cell(value)))}</{tag}>"
            for kind, value in zip(kinds, row, strict=True)
        )
        for tag, row in [("th", part.columns), *(("td", row) for row in part.rows())]
    )
    rows = "\n".join(f"<tr>{row}</tr>" for row in body)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"


def broken(text: str) -> str:
    """Text of HTML whose lines may end in an address, not before an uncertainty."""
    return text.replace(" ± ", "&nbsp;±&nbsp;").replace("/", "/<wbr>")
