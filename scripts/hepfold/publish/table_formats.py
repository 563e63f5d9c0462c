"""Tables as text: Markdown, LaTeX and HTML."""

import html
from collections.abc import Callable, Iterable

import polars as pl
import tabulate
from uncertainties import ufloat

from hepfold.core import merit_records

MISSING = "-"
LATEX_ESCAPES = str.maketrans(tabulate.LATEX_ESCAPE_RULES)
# Without this style, table cells in a report touch each other. Right-aligned cells,
# which have an attribute `style`, hold numbers.
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font-family: sans-serif; font-size: 14px; margin: 1em; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 0.3em 0.6em; border-bottom: 1px solid #ccc; text-align: left; }}
thead th {{ border-bottom: 2px solid #333; }}
td[style] {{ white-space: nowrap; }}
</style></head><body>
<h1>{title}</h1>
{parts}
</body></html>
"""


def with_uncertainty(value: float | None, unc: float | None) -> str | None:
    """A value and its uncertainty, rounded by the rule of the Particle Data Group.

    Uncertainties of ten or more are rounded to integers. A value without an uncertainty
    has four decimals.
    """
    if value is None:
        return None
    return f"{ufloat(value, unc):fP}".replace("±", " ± ") if unc else f"{value:.4f}"


def with_interval(value: float, low: float, high: float) -> str:
    """A value with an asymmetric interval, in the digits of its shorter side."""
    shorter = min(low, high) or max(low, high)
    if shorter == 0:
        return f"{value:.4f}"
    n_decimals = len(f"{ufloat(value, shorter):fP}".partition("±")[2].partition(".")[2])
    return f"{value:.{n_decimals}f} +{high:.{n_decimals}f} -{low:.{n_decimals}f}"


def merit(merits: dict, name: str) -> str:
    """A figure of merit of a record with its total uncertainty, rounded."""
    value, low = merits.get(name), merits.get(f"{name}_unc_low")
    if value is not None and low is not None:
        return with_interval(value, low, merits[f"{name}_unc_high"])
    unc = merit_records.quoted_unc(merits, name)
    return with_uncertainty(value, unc) or MISSING


def cell(value: str | int | float | None) -> str:
    """A value as text: integers in full, other numbers with at least four digits."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return value
    is_long = isinstance(value, int) or abs(value) >= 1e4
    return f"{value:,.0f}" if is_long else f"{value:.4g}"


def formatted(
    table: pl.DataFrame, style: str, escape: Callable[[str], str] = str
) -> str:
    """A table in a style of tabulate: text aligned left, numbers right."""
    texts = {
        escape(column.name): [escape(cell(value)) for value in column]
        for column in table.iter_columns()
    }
    alignment = ["left" if kind == pl.String else "right" for kind in table.dtypes]
    return tabulate.tabulate(
        texts,
        headers="keys",
        tablefmt=style,
        disable_numparse=True,
        colalign=alignment,
    )


def markdown(table: pl.DataFrame) -> str:
    """A table in Markdown."""
    return formatted(table, "pipe", lambda text: text.replace("|", r"\|"))


def listed(lines: Iterable[str]) -> str:
    """A list in Markdown, and in reStructuredText."""
    return "\n".join(f"- {line}" for line in lines)


def latex(table: pl.DataFrame, caption: str, label: str, notes: str) -> str:
    """A LaTeX table as wide as the text, in the style of the package booktabs.

    Letters in the column `notes` refer to the notes below the table.
    """
    different_notes = list(dict.fromkeys(table[notes]))
    letters = {note: chr(ord("a") + i) for i, note in enumerate(different_notes)}
    table = table.with_columns(pl.col(notes).replace_strict(letters))
    lines = [
        r"% In the preamble: \usepackage{booktabs,graphicx}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{caption.translate(LATEX_ESCAPES)}}}",
        rf"\label{{{label}}}",
        r"\resizebox{\textwidth}{!}{%",
        formatted(table, "latex_booktabs", long_dash) + "}",
        r"\par\smallskip\footnotesize",
        *(f"{x}: {note.translate(LATEX_ESCAPES)}.\\\\" for note, x in letters.items()),
        r"\end{table}",
        "",
    ]
    return "\n".join(lines).replace("±", r"$\pm$")


def long_dash(text: str) -> str:
    """The text of a LaTeX cell: two hyphens give a dash."""
    return "--" if text == MISSING else text


def html_page(title: str, parts: dict[str, pl.DataFrame | str]) -> str:
    """A page of tables and paragraphs, each with a heading."""
    body = (
        f"<h2>{html.escape(heading)}</h2>\n{html_part(part)}"
        for heading, part in parts.items()
    )
    return PAGE.format(title=html.escape(title), parts="\n".join(body))


def html_part(part: pl.DataFrame | str) -> str:
    """A table, or a paragraph."""
    if isinstance(part, str):
        return f"<p>{html.escape(part)}</p>"
    return formatted(part, "unsafehtml", html_cell)


def html_cell(text: str) -> str:
    """Text as HTML: lines may break within a URL, but not before an uncertainty."""
    escaped = html.escape(text)
    return escaped.replace(" ± ", "&nbsp;±&nbsp;").replace("/", "/<wbr>")
