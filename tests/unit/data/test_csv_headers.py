"""Tests of data.csv_headers: separators, header lines and names of columns."""

import pytest

from hepfold.core import logs
from hepfold.data import csv_headers


@pytest.mark.parametrize(
    ("first", "second", "separator"),
    [
        ("a,b", "1,2", ","),
        ("a;b", "1;2", ";"),
        ("a\tb", "1\t2", "\t"),
        ("1,5;2,5", "3,5;4,5", ";"),
        ('"a;b",c', '"d;e",1', ","),
        ("a,b;c", "1,2", ","),
        ("a;b", "", ";"),
        ("a;b;c", "1;2", ";"),
        ("a", "1", ","),
    ],
)
def test_separator(first, second, separator):
    assert csv_headers.separator_of(first, second) == separator


def test_fields_are_without_quotes_and_spaces():
    line = ' a , "b, c","say ""x"""," d ",\r'
    assert csv_headers.split(line, ",") == ["a", "b, c", 'say "x"', "d", ""]


def test_a_field_of_any_length_is_split():
    assert csv_headers.split("a," + 200_000 * "x", ",") == ["a", 200_000 * "x"]


HEADERS = [
    "label,pt,eta\n",
    '"label","pt","eta"\r\n',
    "# label,pt,eta\n1,2,3\n",
    "label,,NA\n1,2,3\n",
]


@pytest.mark.parametrize("text", HEADERS)
@pytest.mark.parametrize("declared", [None, ("a", "b", "c")])
def test_a_line_without_numbers_is_a_header(text, declared):
    columns = csv_headers.layout("a.csv", text.encode(), declared)
    assert columns.names[0].endswith("label") and columns.first_line == 2
    assert columns.origin == "a.csv, line 1"


@pytest.mark.parametrize("text", ["1,2,3\n", "1,x,3\n", "s,1e-3,\n", ",nan,NA\n"])
def test_a_line_with_numbers_is_an_event_of_a_declared_header(text):
    columns = csv_headers.layout("a.csv", text.encode(), ("a", "b", "c"))
    assert columns == csv_headers.Layout(("a", "b", "c"), ",", 1, "`header`")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("jet_pt", "; nearest columns: Jet_pt, jet_eta"),
        ("zzz", "; unused columns: Jet_pt, jet_eta, m"),
    ],
)
def test_nearest_columns(name, message):
    names = ("Jet_pt", "jet_eta", "m", "used")
    assert csv_headers.nearest(name, names, ("used",)) == message
    columns = csv_headers.Layout(names, ",", 2, "a.csv, line 1")
    csv_headers.check_names("a.csv", columns, ["used", "m"])
    with pytest.raises(logs.InputError, match=f"a.csv, line 1: no column '{name}'"):
        csv_headers.check_names("a.csv", columns, ["used", name])


def test_number_of_fields():
    assert csv_headers.n_fields(b"1;2,5;3\n4;5;6\n") == 3
