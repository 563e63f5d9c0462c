"""Tests of data.variables: `define` in order, and numbers for missing values."""

import awkward as ak
import declarations
import numpy as np
import pytest

from hepfold.core import logs
from hepfold.data import variables

BASE = {
    "title": "x",
    "files": "a.csv",
    "label": {"column": "y", "signal": 1, "background": 0},
    "features": ["x"],
}


def of(define: dict, missing=()) -> variables.Variables:
    declared = declarations.parse(BASE, define=define, missing=list(missing))
    return variables.Variables("own", declared)


def test_variables_are_defined_in_order():
    table = {"pt": np.array([2000.0, 3000.0]), "n": np.array([1, 2])}
    values = of({"pt_gev": "pt / 1000", "sum": "pt_gev + n"}).of(table, 2)
    assert values["sum"].tolist() == [3.0, 5.0]
    assert values["pt"].tolist() == [2000.0, 3000.0]
    assert set(values) == {"pt", "n", "pt_gev", "sum"} and len(values) == 4


def test_a_variable_may_replace_the_column_of_its_name():
    """Before its definition the name is that of the column, after it the variable."""
    table = {"pt": np.array([2000.0])}
    define = {"before": "pt + 1", "pt": "pt / 1000", "after": "pt + 1"}
    values = of(define).of(table, 1)
    assert values["after"].tolist() == [3.0]
    assert values["before"].tolist() == [2001.0]
    assert values["pt"].tolist() == [2.0]


def test_a_variable_that_is_defined_later_is_a_column():
    defined = of({"a": "b + 1", "b": "c"})
    assert defined.columns(["a"]) == {"b"}
    assert defined.columns(["a", "b"]) == {"b", "c"}
    with pytest.raises(logs.InputError, match="no branch or variable 'b'"):
        defined.of({"c": np.ones(1)}, 1)["a"]


def test_columns_behind_variables_are_those_of_the_files():
    defined = of({"a": "x * y", "b": "a + sum(z)", "x": "x + w"})
    assert defined.columns(["b"]) == {"x", "y", "z"}
    assert defined.columns(["x"]) == {"x", "w"}
    assert defined.columns(["k"]) == {"k"}


@pytest.mark.parametrize("kind", ["f4", "f8", "i2", "i4", "i8"])
def test_sentinels_are_missing_in_columns_of_any_type(kind):
    column = np.array([1, -99, 3, -999], kind)
    values = of({"y": "x + 1"}, missing=[-99, -999.0]).of({"x": column}, 4)
    np.testing.assert_array_equal(values["x"], [1, np.nan, 3, np.nan])
    np.testing.assert_array_equal(values["y"], [2, np.nan, 4, np.nan])
    # Raw values stay as they are.
    assert column.tolist() == [1, -99, 3, -999]


@pytest.mark.parametrize("kind", ["u1", "u8", "i8", "?"])
def test_columns_without_sentinels_keep_type_and_precision(kind):
    column = np.array([1, 0, 1], kind)
    if kind in ("u8", "i8"):
        column = column + np.array(2**62, kind)
    values = of({}, missing=[-99]).of({"x": column}, 3)
    assert values["x"].dtype == column.dtype
    assert values["x"].tolist() == column.tolist()


def test_a_sentinel_that_float32_rounds_is_recognized():
    column = np.array([0.1, 0.2], "f4")
    values = of({}, missing=[0.1]).of({"x": column}, 2)
    np.testing.assert_array_equal(np.isnan(values["x"]), [True, False])


def test_computed_values_are_no_sentinels():
    values = of({"y": "x - 100"}, missing=[-99]).of({"x": np.array([1.0, 2])}, 2)
    assert values["y"].tolist() == [-99, -98]


def test_sentinels_within_lists_are_missing():
    lists = ak.Array([[1.0, -99.0], [], [2.0]])
    values = of({"n": "count(x > 0)"}, missing=[-99]).of({"x": lists}, 3)
    np.testing.assert_array_equal(values["n"], [np.nan, 0, 1])
    assert np.isnan(ak.to_list(values["x"])[0][1])


def test_text_has_no_sentinels():
    values = of({}, missing=[-99]).of({"x": np.array([b"a", b"-99"])}, 2)
    assert values["x"].tolist() == [b"a", b"-99"]


def test_selected_values_are_not_computed_again():
    lists = ak.Array([[1.0], [2.0, 3.0], []])
    table = {"x": np.array([1.0, 2.0, 3.0]), "l": lists}
    values = of({"y": "2 * x", "z": "sum(l)"}).of(table, 3)
    whole = values["y"]
    taken = values.take(np.array([0, 2]))
    whole[0] = 7
    assert taken.n_events == 2
    assert taken["y"].tolist() == [2.0, 6.0] and taken["z"].tolist() == [1.0, 0.0]
    assert taken["x"].tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (ak.Array([[1.0], []]), "events, x: each event has a list; use x.0., sum.x."),
        (np.ones((2, 3)), "events, x: each event has a list"),
        (np.array([b"a", b"b"]), "events, x: text, not numbers"),
    ],
)
def test_features_are_numbers(values, message):
    with pytest.raises(logs.InputError, match=message):
        of({}).of({"x": values}, 2).numbers("x", "a.root, event")


JETS = ak.Array([[3.0, 4.0], [], [1.0]])


def values_of(define: dict, table: dict) -> variables.Values:
    return of(define).of(table, len(next(iter(table.values()))))


def test_a_defined_list_can_be_reduced_later():
    define = {
        "pt": "sqrt(px**2 + py**2)",
        "HT": "sum(pt)",
        "first": "pt[0]",
        "n": "count(pt > 2)",
    }
    values = values_of(define, {"px": JETS, "py": 0 * JETS})
    assert values["pt"].to_list() == JETS.to_list()
    assert values.numbers("HT", "a").tolist() == [7, 0, 1]
    np.testing.assert_array_equal(values.numbers("first", "a"), [3, np.nan, 1])
    assert values.numbers("n", "a").tolist() == [2, 0, 0]
    taken = values.take(np.array([2, 0]))
    assert taken.numbers("HT", "a").tolist() == [1, 7]
    with pytest.raises(logs.InputError, match=r"a, event s, pt: .*use pt\[0\]"):
        values.numbers("pt", "a, event ")


def test_a_defined_list_of_one_element_is_a_number():
    values = values_of({"twice": "2 * x"}, {"x": ak.Array([[1.0], [2.0]])})
    assert values.numbers("twice", "a").tolist() == [2, 4]
    values = values_of({"twice": "2 * x"}, {"x": np.array([[1.0], [2.0]])})
    assert values.numbers("twice", "a").tolist() == [2, 4]
