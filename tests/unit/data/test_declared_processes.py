"""Tests of data.declared_processes: titles, classes and uncertainties of processes."""

import declarations
import public_sets
import pytest

from hepfold.data import declared_processes

MANY = {
    "title": "x",
    "processes": {
        "ttH": {"files": "a.root", "label": "signal", "title": "$t\\bar{t}H$"},
        "ttW": {"files": "b.root", "label": "background", "uncertainty": 0.15},
        "ttZ": {"files": "c.root", "label": "background"},
    },
    "features": ["x"],
}
Process = declared_processes.DeclaredProcess


def test_a_process_has_the_title_of_its_declaration_or_its_key():
    processes = declared_processes.of(declarations.parse(MANY))
    assert processes == (
        Process("ttH", "$t\\bar{t}H$", 1),
        Process("ttW", "ttW", 0, 0.15),
        Process("ttZ", "ttZ", 0),
    )
    assert declared_processes.are_several(processes)


@pytest.mark.parametrize("name", public_sets.DECLARED)
def test_a_data_set_with_labels_has_its_two_classes(name):
    processes = declared_processes.of(public_sets.DECLARED[name])
    assert [(p.name, p.label) for p in processes] == [("background", 0), ("signal", 1)]
    assert not declared_processes.are_several(processes)


def test_records_are_plain_and_come_back():
    declared = declarations.parse(MANY)
    records = declared_processes.records(declared)
    assert records[1] == {
        "name": "ttW",
        "title": "ttW",
        "label": 0,
        "uncertainty": 0.15,
        "has_xsec": False,
    }
    assert declared_processes.parse(records) == declared_processes.of(declared)


def test_values_of_a_column_are_processes():
    column = {"column": "p", "signal": ["s"], "background": ["a", 7]}
    values = {"title": "x", "files": "a.csv", "process": column, "features": ["x"]}
    processes = declared_processes.of(declarations.parse(values))
    assert [(p.name, p.label) for p in processes] == [("s", 1), ("a", 0), ("7", 0)]
