"""Tests of data.variables: definitions in order, lists, missing values."""

import awkward as ak
import numpy as np
import pytest

from hepfold.core import logs, parsing, settings_datasets
from hepfold.data import variables


def values_of(define: dict, table: dict, **keys) -> variables.Values:
    declared = {
        "title": "x",
        "files": "a.root",
        "label": {"column": "y", "signal": 1, "background": 0},
        "features": ["x"],
        "define": define,
        **keys,
    }
    parsed = parsing.parse(declared, settings_datasets.Dataset)
    n_events = len(next(iter(table.values())))
    return variables.Variables("own", parsed).of(table, n_events)


JETS = ak.Array([[3.0, 4.0], [], [1.0]])


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


def test_a_definition_uses_those_before_it_and_may_have_the_name_of_a_column():
    define = {"x": "x / 1000", "y": "x + 1", "z": "y * 2"}
    values = values_of(define, {"x": np.array([1000.0, 2000.0])})
    assert values["x"].tolist() == [1, 2]
    assert values["z"].tolist() == [4, 6]
    assert values.variables.columns(["z"]) == {"x"}


def test_missing_values_are_missing_in_what_is_defined():
    table = {"x": np.array([1, -99, 3]), "jets": ak.Array([[1, -99], [], [2]])}
    define = {"y": "x + 1", "pt": "jets * 2", "total": "sum(pt)"}
    values = values_of(define, table, missing=[-99])
    np.testing.assert_array_equal(values["y"], [2, np.nan, 4])
    np.testing.assert_array_equal(values["total"], [np.nan, 0, 4])
