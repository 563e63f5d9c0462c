"""Tests of data.declaration_checks: each contradiction is named by its key."""

import declared_inputs as inputs
import pytest

from hepfold.data import declaration_checks

PROCESSES = {
    "files": None,
    "label": None,
    "processes": {
        "ttH": {"files": "ttH.root", "label": "signal"},
        "ttW": {"files": "ttW.root", "label": "background"},
    },
}
FAULTS = [
    ({"features": []}, "features: it must not be empty"),
    ({"features": {"low": ["a"], "high": []}}, "features.high: it must not be empty"),
    (
        {"features": {"all": ["a"], "low": ["a", "b"]}},
        "features.all: 'b' of another feature set is missing here",
    ),
    (
        {"categories": {"c": [1, 2]}},
        "categories.c: 'c' is not listed in features",
    ),
    ({"categories": {"a": []}}, "categories.a: it must list the values of the feature"),
    (
        {"features": ["pt", "b"], "bodies": {"l": {"pt": "Pt", "phi": "b"}}},
        "bodies.l: 'Pt' is not listed in features; did you mean pt?",
    ),
    ({"hypothesis": "mass"}, "hypothesis: 'mass' is not listed in features"),
    ({"steps": {"a": 0.1}}, "steps: they need units: recovered"),
    (
        {"features": ["a", "is_signal"]},
        "label.column: 'is_signal' contains the label (is_signal), which is no input",
    ),
    (
        {"features": ["a", "x"], "define": {"y": "is_signal", "x": "2 * y"}},
        "features: 'x' contains the label (is_signal), which is no input",
    ),
    ({"weight": "a"}, "features: 'a' contains the weight (a), which is no input"),
    ({"id": "b"}, "id: 'b' contains the id (b), which is no input"),
    ({"keep": ["score"]}, "keep: 'score' is the name of a column of every table of"),
    ({"rename": {"A": "x"}}, "rename.A: no setting uses the name 'A'; did you mean a?"),
    (
        {"rename": {"a": None}},
        "rename.a: null is for an id, weight, test column or kept column that the "
        "files do not have; features needs 'a'",
    ),
    (
        {"rename": {"is_signal": None}},
        "rename.is_signal: null is for an id, weight, test column or kept column that "
        "the files do not have; label.column needs 'is_signal'",
    ),
    (
        {"rename": {"w": None}, "weight": "w", "select": "w > 0"},
        "rename.w: null is for an id, weight, test column or kept column that the "
        "files do not have; select needs 'w'",
    ),
    ({"rename": {"a": "b"}}, "rename: 'a' and 'b' are both the column 'b'"),
    (
        {"rename": {"a": "x", "b": "x"}},
        "rename: 'a' and 'b' are both the column 'x'",
    ),
    (
        {"label": {"column": "y", "signal": [1, 2], "background": "1.0"}},
        "label.background: '1.0' is the value of signal too",
    ),
    (
        {"label": {"column": "y", "signal": 1, "background": []}},
        "label.background: it must not be empty",
    ),
    (
        {"test": {"column": "k", "train": "t", "public": "t"}},
        "test.public: 't' is the value of train too",
    ),
    ({"select": "a >"}, "select: 'a >': "),
    ({"define": {"x": "sqrt(a"}}, "define.x: 'sqrt(a': "),
    ({"regions": {"SR": "foo(a)"}}, "regions.SR: 'foo(a)': "),
    ({"files": ["x.csv", "x.csv#md5=0a"]}, "files: 'x.csv' is listed or matched twice"),
    (
        {"test": {"files": "events.csv"}},
        "test.files: 'events.csv' is read for datasets.",
    ),
]


@pytest.mark.parametrize(("keys", "expected"), FAULTS)
def test_a_contradiction_is_named_by_its_key(keys, expected):
    (fault,) = declaration_checks.faults("own", inputs.declared(**keys))
    assert fault.startswith(f"datasets.own.{expected}")
    assert "\n" not in fault


def of_processes(ttW: dict, **keys) -> list[str]:
    processes = PROCESSES["processes"]
    processes = processes | {"ttW": processes["ttW"] | ttW}
    keys = {**PROCESSES, "processes": processes, **keys}
    return list(declaration_checks.faults("own", inputs.declared(**keys)))


def test_processes_are_consistent():
    assert of_processes({}) == []
    assert of_processes({"label": "signal"}) == [
        "datasets.own.processes: no process has the label background"
    ]
    normalized = {"xsec_pb": 1, "sum_of_weights": 5}
    assert of_processes(normalized) == [
        "datasets.own.processes.ttW.xsec_pb: it needs luminosity_ipb of the data set"
    ]
    assert of_processes(normalized, luminosity_ipb=3) == []


def test_faults_of_systematics_are_reported():
    empty = of_processes({}, systematics={"jes": {"up": {}}})
    assert empty == [
        "datasets.own.systematics.jes.up: it must give a tree, a weight or files"
    ]


def test_a_file_is_divided_into_processes_by_selections_alone():
    shared = {"files": "ttH.root"}
    (fault,) = of_processes(shared)
    assert fault.startswith("datasets.own.processes.ttW.files: 'ttH.root' is read for ")
    assert of_processes({**shared, "select": "a > 0"}) != []
    processes = {
        name: {**process, "files": "ttH.root", "select": f"code == {i}"}
        for i, (name, process) in enumerate(PROCESSES["processes"].items())
    }
    keys = PROCESSES | {"processes": processes}
    assert list(declaration_checks.faults("own", inputs.declared(**keys))) == []


def test_all_faults_are_reported_at_once():
    keys = {"select": "a >", "keep": ["score"], "rename": {"A": "x"}}
    assert len(list(declaration_checks.faults("own", inputs.declared(**keys)))) == 3


def test_null_takes_away_what_files_may_lack():
    names = {"w": None, "event": None, "k": None, "subset": None}
    test = {"column": "subset", "train": "t", "public": "b"}
    keys = {"rename": names, "weight": "w", "id": "event", "keep": ["k"], "test": test}
    assert list(declaration_checks.faults("own", inputs.declared(**keys))) == []


@pytest.mark.parametrize("name", inputs.PUBLIC)
def test_public_data_sets_are_consistent(name):
    declaration = inputs.declared(inputs.PUBLIC[name])
    assert list(declaration_checks.faults("own", declaration)) == []
