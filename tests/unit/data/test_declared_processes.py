"""Tests of data.declared_processes: processes of each way to declare them."""

import public_sets

from hepfold.core import parsing, settings_datasets
from hepfold.data import declared_processes


def declared(**changes) -> settings_datasets.Dataset:
    return parsing.parse(
        {"title": "x", "features": ["a"], **changes}, settings_datasets.Dataset
    )


def test_declared_processes_keep_order_title_and_uncertainty():
    files = {"files": "a.root"}
    processes = {
        "ttH": {**files, "label": "signal", "title": "$ttH$"},
        "ttW": {**files, "label": "background", "uncertainty": 0.15},
        "ttZ": {**files, "label": "background"},
    }
    of = declared_processes.of(declared(processes=processes))
    assert [(p.name, p.title, p.label, p.uncertainty) for p in of] == [
        ("ttH", "$ttH$", 1, None),
        ("ttW", "ttW", 0, 0.15),
        ("ttZ", "ttZ", 0, None),
    ]
    assert declared_processes.are_several(of)
    assert declared_processes.parse([vars(process) for process in of]) == of


def test_values_of_a_column_are_processes():
    process = {"column": "p", "signal": ["s"], "background": ["a", 7]}
    records = declared_processes.records(declared(files="a.csv", process=process))
    assert [(r["name"], r["label"]) for r in records] == [("s", 1), ("a", 0), ("7", 0)]


def test_classes_alone_are_not_several():
    for dataset in public_sets.DECLARED.values():
        of = declared_processes.of(dataset)
        assert {process.name for process in of} == {"signal", "background"}
        assert not declared_processes.are_several(of)
