"""Tests of publish.table_formats: no content breaks the markup."""

import re
from html.parser import HTMLParser

import polars as pl
import pytest

from hepfold.publish import table_formats

TABLE = pl.DataFrame(
    {
        "name": ["a_b & 5 % | <i>", "x"],
        "value": [1.5, None],
        "note": ["simulated #1 {}", "-"],
    }
)


@pytest.mark.parametrize(
    ("value", "unc", "expected"),
    [
        # The two examples of section 5.3 of the Review of Particle Physics.
        (0.827, 0.119, "0.83 ± 0.12"),
        (0.827, 0.367, "0.8 ± 0.4"),
        # Both sides of each border of its rule, whatever digits follow the third.
        (1.0, 0.100, "1.00 ± 0.10"),
        (1.0, 0.3549, "1.00 ± 0.35"),
        (1.0, 0.355, "1.0 ± 0.4"),
        (1.0, 0.9499, "1.0 ± 0.9"),
        (1.0, 0.950, "1.0 ± 1.0"),
        (-3.46892, 0.0961, "-3.47 ± 0.10"),
        (2e-9, 3e-10, "0.00000000200 ± 0.00000000030"),
        (1234.4, 12.3, "1234 ± 12"),
        (0.92346, None, "0.9235"),
        (0.92346, 0.0, "0.9235"),
        (None, None, None),
    ],
)
def test_values_are_rounded_by_their_uncertainty(value, unc, expected):
    assert table_formats.with_uncertainty(value, unc) == expected


def test_cells_keep_small_numbers_and_large_counts():
    values = [None, 3, 12345, 0.123456, 1234567.8, 0.0, "text"]
    expected = ["-", "3", "12,345", "0.1235", "1,234,568", "0", "text"]
    assert [table_formats.cell(value) for value in values] == expected


def test_markdown_has_as_many_cells_in_every_line():
    lines = table_formats.markdown(TABLE).replace(r"\|", "").splitlines()
    assert {line.count("|") for line in lines} == {4}
    assert re.fullmatch(r"\|:-+\|-+:\|:-+\|", lines[1])
    assert len(lines) == 2 + len(TABLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50 % & more", r"50 \% \& more"),
        ("a_b", r"a\_b"),
        ("$x^2$", r"\$x\^{}2\$"),
        (r"\end{x}", r"\textbackslash{}end\{x\}"),
        ("~#", r"\textasciitilde{}\#"),
        ("1 ± 2 < 4", r"1 $\pm$ 2 \ensuremath{<} 4"),
        ("-", "--"),
        ("-1", "-1"),
    ],
)
def test_latex_escapes_text(text, expected):
    """In a cell and, but for a cell without value, in the caption and the notes."""
    table = pl.DataFrame({"x": [text], "note": [text]})
    printed = table_formats.latex(table, text, "tab:x", "note")
    cells = [line.split(" & ")[0].strip() for line in printed.splitlines()]
    assert expected in cells
    if text != table_formats.MISSING:
        assert rf"\caption{{{expected}}}" in printed and f"a: {expected}." in printed


def test_latex_table_is_balanced_and_has_every_note():
    text = table_formats.latex(TABLE, "100 %", "tab:x", "note")
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    unescaped = text.replace(r"\&", "")
    rows = [line for line in unescaped.splitlines() if " & " in line]
    assert [row.count("&") for row in rows] == [2, 2, 2]
    assert r"\begin{tabular}{lrl}" in text and r"\caption{100 \%}" in text
    notes = [re.split(r"[& \\]+", row)[-2] for row in rows]
    assert notes == ["note", "a", "b"]
    assert r"a: simulated \#1 \{\}." in text


class Cells(HTMLParser):
    """The texts of the cells of a page, and the tags that are open at its end."""

    def __init__(self):
        super().__init__()
        self.open, self.cells = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "p"):
            self.cells.append(data.strip())


def test_html_holds_every_cell_as_text():
    page = Cells()
    page.feed(table_formats.html_page("A < B", {"Table": TABLE, "Said": "1 & 2"}))
    assert page.open == []
    assert "a.b/<wbr>c 1&nbsp;±&nbsp;2" in table_formats.html_part(
        pl.DataFrame({"x": ["a.b/c 1 ± 2"]})
    )
    assert page.cells == [
        *("a_b & 5 % | <i>", "1.5", "simulated #1 {}"),
        *("x", "-", "-"),
        "1 & 2",
    ]


def test_an_asymmetric_interval_has_the_digits_of_its_shorter_side():
    assert table_formats.with_interval(3.3, 0.1234, 0.4) == "3.30 +0.40 -0.12"
    assert table_formats.with_interval(3.3, 0.0, 0.4) == "3.3 +0.4 -0.0"
    assert table_formats.with_interval(3.3, 0.0, 0.0) == "3.3000"


def test_a_figure_of_merit_has_its_total_uncertainty():
    merits = {"ams": 3.3, "ams_unc": 0.1, "ams_unc_total": 0.25, "ams_unc_low": None}
    assert table_formats.merit(merits, "ams") == "3.30 ± 0.25"
    assert table_formats.merit(merits | {"ams": None}, "ams") == table_formats.MISSING
    few = merits | {"ams_unc_low": 0.2, "ams_unc_high": 0.31}
    assert table_formats.merit(few, "ams") == "3.30 +0.31 -0.20"
