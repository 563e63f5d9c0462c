"""Tests of publish.table_formats: nothing that a table holds breaks its markup."""

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


def test_cells_keep_small_numbers_and_large_counts():
    values = [None, 3, 12345, 0.123456, 1234567.8, 0.0, "text"]
    told = ["-", "3", "12,345", "0.1235", "1,234,568", "0", "text"]
    assert [table_formats.cell(value) for value in values] == told


def test_markdown_has_as_many_cells_in_every_line():
    lines = table_formats.markdown(TABLE).replace(r"\|", "").splitlines()
    assert {line.count("|") for line in lines} == {4}
    assert lines[1] == "| --- | ---: | --- |"
    assert len(lines) == 2 + len(TABLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50 % & more", r"50 \% \& more"),
        ("a_b", r"a\_b"),
        ("$x^2$", r"\$x\textasciicircum{}2\$"),
        (r"\end{x}", r"\textbackslash{}end\{x\}"),
        ("~#", r"\textasciitilde{}\#"),
        ("1 ± 2 < 4", r"1 $\pm$ 2 $<$ 4"),
        ("-", "--"),
        ("-1", "-1"),
    ],
)
def test_latex_prints_text_as_it_is(text, expected):
    assert table_formats.escaped(text) == expected


def test_latex_table_is_balanced_and_tells_every_note():
    text = table_formats.latex(TABLE, "100 %", "tab:x", "note")
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    unescaped = text.replace(r"\&", "")
    rows = [line for line in unescaped.splitlines() if " & " in line]
    assert [row.count("&") for row in rows] == [2, 2, 2]
    assert r"\begin{tabular}{lrl}" in text and r"\caption{100 \%}" in text
    assert rows[1].endswith(r"& a \\") and rows[2].endswith(r"& b \\")
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
            self.cells.append(data)


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
